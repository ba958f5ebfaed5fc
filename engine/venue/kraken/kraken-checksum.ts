import { crc32 } from '../../core/crc32.ts';
import { type DecimalSteps, writeWithoutDot } from '../decimal-steps.ts';
import type { DepthLadder } from '../depth-ladder.ts';
import type { BookChecksum } from '../proven-book.ts';

const LEVELS = 10;
/** Digits of a price and a size, with zeros that a venue may add, for each level of both sides. */
const TEXT_BYTES = 2 * LEVELS * 2 * 64;

/**
 * Kraken's book checksum: CRC-32 over the ten best asks, low to high, then the ten best bids, high to low; each price
 * and size as sent, without its dot and leading zeros.
 */
export function krakenChecksum(price: DecimalSteps, size: DecimalSteps): BookChecksum {
  const text = new Uint8Array(TEXT_BYTES);
  const write = (ladder: DepthLadder, sign: number, from: number): number => {
    let at = from;
    const count = Math.min(LEVELS, ladder.count);
    for (let rank = 0; rank < count; rank++) {
      at = writeWithoutDot(text, at, sign * ladder.key(rank), price, ladder.priceDecimals(rank));
      at = writeWithoutDot(text, at, ladder.lots(rank), size, ladder.sizeDecimals(rank));
    }
    return at;
  };
  return (bids, asks) => crc32(text, 0, write(bids, 1, write(asks, -1, 0)));
}
