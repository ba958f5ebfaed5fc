import type { Payload } from '../dialect/dialect.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** Any one bit of the payload is another. */
export function flipBit(payload: Payload, random: SeededRandom): Payload {
  return flip(payload, random, 1 << random.integer(8));
}

/**
 * The highest bit of one byte is another, so that the text is no ASCII any more. For protocols without a checksum: a
 * digit that became another digit could be found by nothing, and the TLS of a real venue would not have let it through.
 */
export function flipTopBit(payload: Payload, random: SeededRandom): Payload {
  return flip(payload, random, 0x80);
}

/** A binary frame stays one; a text frame with broken UTF-8 ends a WebSocket connection, so it goes as binary. */
function flip(payload: Payload, random: SeededRandom, mask: number): Payload {
  const bytes = Uint8Array.from(typeof payload === 'string' ? Buffer.from(payload) : payload);
  const at = random.integer(bytes.length);
  bytes[at] = (bytes[at] as number) ^ mask;
  return bytes;
}
