import { crc32 } from '../../core/crc32.ts';
import { type DecimalSteps, writeDecimal } from '../decimal-steps.ts';
import type { DepthLadder } from '../depth-ladder.ts';
import type { BookChecksum } from '../proven-book.ts';

const LEVELS = 25;
const COLON = 58;
const TEXT_BYTES = 2 * LEVELS * 2 * 64;

/**
 * OKX's book checksum (here unsigned; on the wire signed): CRC-32 over `price:size` of the 25 best levels, best bid, best
 * ask, second bid and so on, each text as sent, joined by colons; a side that has fewer levels is left out from there.
 */
export function okxChecksum(price: DecimalSteps, size: DecimalSteps): BookChecksum {
  const text = new Uint8Array(TEXT_BYTES);
  const write = (ladder: DepthLadder, sign: number, rank: number, from: number): number => {
    let at = writeDecimal(text, from, sign * ladder.key(rank), price, ladder.priceDecimals(rank));
    text[at++] = COLON;
    at = writeDecimal(text, at, ladder.lots(rank), size, ladder.sizeDecimals(rank));
    text[at++] = COLON;
    return at;
  };
  return (bids, asks) => {
    let at = 0;
    for (let rank = 0; rank < LEVELS; rank++) {
      if (rank < bids.count) at = write(bids, 1, rank, at);
      if (rank < asks.count) at = write(asks, -1, rank, at);
    }
    return crc32(text, 0, Math.max(0, at - 1));
  };
}
