import { Side } from '../../contract/units.ts';
import type { OrderBook } from '../../market/order-book.ts';
import type { BookCopy, BookMemory } from '../../simulation/dialect/book-memory.ts';
import type { SweepVenue } from './sweep-venue.ts';

const MAX_LEVELS = 8192;

/** Compares books as the trading step holds them with the venue's own. */
export class BookTruth {
  readonly #venue: SweepVenue;
  readonly #memory: BookMemory;
  readonly #prices = new Float64Array(MAX_LEVELS);
  readonly #sizes = new Float64Array(MAX_LEVELS);

  constructor(venue: SweepVenue, memory: BookMemory) {
    this.#venue = venue;
    this.#memory = memory;
  }

  /**
   * The venue's books that a message with this id and time can have left behind, oldest first: where a change was taken
   * back, books of different moments are alike, and only the oldest that fits leaves none of those out that may follow.
   * @param matched the copy that the book was before.
   * @param isDamaged the id itself may be wrong.
   */
  candidates(
    symbol: string,
    id: number,
    timeMs: number,
    matched: BookCopy | undefined,
    isDamaged: boolean,
  ): BookCopy[] {
    const { key, bookKey } = this.#venue;
    const copy = this.#memory.at(bookKey(symbol), key === 'id' ? id : timeMs);
    if (key === 'any' || (copy === undefined && isDamaged)) {
      const from = matched?.sequence ?? 0;
      return this.#memory.copies(bookKey(symbol)).filter(({ sequence }) => sequence >= from);
    }
    return copy === undefined ? [] : [copy];
  }

  /** Time of the newest book that the venue has told, ms since the epoch; 0 before the first. */
  newestMs(symbol: string): number {
    return this.#memory.newest(this.#venue.bookKey(symbol))?.timeMs ?? 0;
  }

  /** Empty when the book is the venue's, down to `levels` a side; else the first difference in words. */
  difference(book: OrderBook, copy: BookCopy, levels: number): string {
    return this.#side(book, Side.buy, copy.bids, levels) || this.#side(book, Side.sell, copy.asks, levels);
  }

  #side(book: OrderBook, side: Side, truth: Float64Array, levels: number): string {
    const want = Math.min(levels, truth.length / 2);
    const have = book.copyTop(side, Math.min(levels, MAX_LEVELS), this.#prices, this.#sizes);
    const name = side === Side.buy ? 'bid' : 'ask';
    for (let i = 0; i < Math.min(want, have); i++) {
      const price = truth[2 * i] as number;
      const size = truth[2 * i + 1] as number;
      if (this.#prices[i] !== price || this.#sizes[i] !== size) {
        return `${name} ${i}: expected ${size} at ${price}, was ${this.#sizes[i]} at ${this.#prices[i]}`;
      }
    }
    return have === want ? '' : `${name}s: expected ${want} levels, was ${have}`;
  }
}
