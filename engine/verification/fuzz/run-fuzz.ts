import { SeededRandom } from '../../simulation/seeded-random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { InputMutator } from './input-mutator.ts';

/** Inputs that one parser object gets before a fresh one takes over: any of them can be played again by its number. */
export const INPUTS_PER_BLOCK = 1_000;

export interface FuzzCounts {
  inputs: number;
  /** Refused: by the parser's own count, or by its documented exception. */
  refused: number;
}

/** An input that broke a parser, with what plays it again. */
export class FuzzFailure extends Error {
  readonly target: string;
  readonly seed: number;
  readonly block: number;

  constructor(target: string, seed: number, block: number, input: Uint8Array, cause: unknown) {
    const shown = new TextDecoder('latin1').decode(input.subarray(0, 300));
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    super(`${target}: seed ${seed} block ${block}: ${reason}\ninput (${input.length} bytes): ${shown}`);
    this.name = 'FuzzFailure';
    this.target = target;
    this.seed = seed;
    this.block = block;
  }
}

/**
 * Feeds one block of inputs to a fresh parser.
 * @throws FuzzFailure when anything but a proper refusal escapes.
 */
export async function fuzzBlock(
  target: FuzzTarget,
  seed: number,
  block: number,
  inputs = INPUTS_PER_BLOCK,
): Promise<FuzzCounts> {
  const encoder = new TextEncoder();
  const corpus = target.corpus.map((input) => (typeof input === 'string' ? encoder.encode(input) : input));
  const mutator = new InputMutator(new SeededRandom(seed, `${target.name} ${block}`), corpus);
  const parser = target.create();
  let refused = 0;
  for (let i = 0; i < inputs; i++) {
    const input = mutator.next();
    try {
      // Most answer at once: a turn for each would halve their speed.
      const answer = parser.feed(input);
      if (answer !== undefined) await answer;
    } catch (error) {
      if (!target.refusal?.(error)) throw new FuzzFailure(target.name, seed, block, input, error);
      refused++;
    }
  }
  return { inputs, refused: refused + (parser.badMessages?.() ?? 0) };
}
