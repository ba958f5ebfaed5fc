import type { Payload } from '../dialect/dialect.ts';
import type { SeededRandom } from '../seeded-random.ts';

const MAX_FRAGMENTS = 5;

/** Cuts a message into WebSocket fragments of at least one byte, anywhere: within a character, a number, a key. */
export function splitMessage(payload: Payload, random: SeededRandom): Uint8Array[] {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const count = Math.min(bytes.length, 2 + random.integer(MAX_FRAGMENTS - 1));
  const fragments: Uint8Array[] = [];
  let at = 0;
  for (let left = count; left > 1; left--) {
    const length = 1 + random.integer(bytes.length - at - (left - 1));
    fragments.push(bytes.subarray(at, at + length));
    at += length;
  }
  fragments.push(bytes.subarray(at));
  return fragments;
}
