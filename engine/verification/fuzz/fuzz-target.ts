/** A parser under test, fresh: what it is fed with may have left it in any state. */
export interface FuzzParser {
  /** @throws whatever escapes: only what {@link FuzzTarget.refusal} knows is a proper refusal. */
  feed(input: Uint8Array): void | Promise<void>;
  /** Inputs that the parser itself counted as bad; absent where a refusal is an exception. */
  badMessages?(): number;
}

export interface FuzzTarget {
  /** As on the command line. */
  name: string;
  /** Valid inputs to start from, of every kind that the parser knows. */
  corpus: readonly (string | Uint8Array)[];
  create(): FuzzParser;
  /** The documented refusal of a parser that throws; absent: it may not throw. */
  refusal?(error: unknown): boolean;
}

/** What most parsers refuse with; a stack that overflowed is none. */
export function isRangeError(error: unknown): boolean {
  return error instanceof RangeError && !/call stack/i.test(error.message);
}
