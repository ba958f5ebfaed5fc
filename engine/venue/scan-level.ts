import type { BookMessage } from './book-message.ts';
import type { DecimalSteps } from './decimal-steps.ts';
import { readText, textDecimals } from './scan-decimal.ts';
import { COMMA } from './scan-values.ts';

/**
 * Reads `"price","size"` as the book's next level, with the decimals that both texts have; the caller counts it. Gives
 * the position behind the size, or -1: a price of 0, a number that is not plain or not exact, a message that is full.
 */
export function scanLevel(
  bytes: Uint8Array,
  from: number,
  bid: boolean,
  price: DecimalSteps,
  size: DecimalSteps,
  book: BookMessage,
): number {
  if (book.isFull) return -1;
  const index = book.count;
  let at = readText(bytes, from, price, book.ticks, index);
  if (at < 0 || bytes[at] !== COMMA || book.ticks[index] === 0) return -1;
  book.priceDecimals[index] = textDecimals[0] as number;
  at = readText(bytes, at + 1, size, book.lots, index);
  book.sizeDecimals[index] = textDecimals[0] as number;
  book.bid[index] = bid ? 1 : 0;
  return at;
}
