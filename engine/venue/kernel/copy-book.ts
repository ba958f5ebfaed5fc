import { type BookMessage, MAX_LEVELS } from '../book-message.ts';
import { kernelLevels, kernelPlaces } from './scan-kernel.ts';

/**
 * Makes the kernel's levels those of a book message, in the order sent; `[bidsFrom, bidsTo)` of them are bids. False when
 * they are more than a message may have.
 */
export function copyBook(count: number, bidsFrom: number, bidsTo: number, book: BookMessage): boolean {
  if (count > MAX_LEVELS) return false;
  const { bid, ticks, lots, priceDecimals, sizeDecimals } = book;
  for (let i = 0; i < count; i++) {
    ticks[i] = kernelLevels[2 * i] as number;
    lots[i] = kernelLevels[2 * i + 1] as number;
    priceDecimals[i] = kernelPlaces[2 * i] as number;
    sizeDecimals[i] = kernelPlaces[2 * i + 1] as number;
    bid[i] = 0;
  }
  for (let i = bidsFrom; i < bidsTo; i++) bid[i] = 1;
  book.count = count;
  return true;
}
