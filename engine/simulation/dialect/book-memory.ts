import { Side } from '../../contract/units.ts';
import type { SimulatedMarket } from '../simulated-market.ts';

/** One price level as it is told: its new total, 0 removes. */
export interface ToldLevel {
  ticks: number;
  lots: number;
  /** ms since the epoch of its last change, where the protocol says so (Kraken). */
  timeMs?: number;
  /** It has not changed, but come back into the depth. */
  republished?: boolean;
}

/** A book as it was: pairs of price in ticks and total lots, best first. Not changed any more. */
export interface BookCopy {
  id: number;
  /** The market's own update id: rises with every change, whatever a topic counts. */
  sequence: number;
  /** ms since the epoch. */
  timeMs: number;
  bids: Float64Array;
  asks: Float64Array;
}

/** Enough for a snapshot that is some seconds old. */
const USUAL_COPIES = 32;

/** The venue's own books at the ids that it has told: the truth that clients are compared with, and stale snapshots. */
export class BookMemory {
  readonly #capacity: number;
  readonly #books = new Map<string, Map<number, BookCopy>>();
  readonly #newest = new Map<string, BookCopy>();

  /** @param capacity copies kept of each book; the oldest go. */
  constructor(capacity = USUAL_COPIES) {
    this.#capacity = capacity;
  }

  remember(bookKey: string, copy: BookCopy): void {
    let copies = this.#books.get(bookKey);
    if (copies === undefined) {
      copies = new Map();
      this.#books.set(bookKey, copies);
    }
    // An id that is told twice (after a restart of the sequence) becomes the newest.
    copies.delete(copy.id);
    copies.set(copy.id, copy);
    this.#newest.set(bookKey, copy);
    if (copies.size > this.#capacity) copies.delete(copies.keys().next().value as number);
  }

  /** The book right after the message that ended with this id; undefined when it is forgotten or never was. */
  at(bookKey: string, id: number): BookCopy | undefined {
    return this.#books.get(bookKey)?.get(id);
  }

  /** All that is remembered of a book, oldest first. */
  copies(bookKey: string): BookCopy[] {
    return [...(this.#books.get(bookKey)?.values() ?? [])];
  }

  newest(bookKey: string): BookCopy | undefined {
    return this.#newest.get(bookKey);
  }

  oldest(bookKey: string): BookCopy | undefined {
    return this.#books.get(bookKey)?.values().next().value;
  }
}

/** The market's book as of now: the best `depth` levels of each side. */
export function copyBook(market: SimulatedMarket, id: number, depth: number): BookCopy {
  return {
    id,
    sequence: market.updateId,
    timeMs: market.timeMs,
    bids: copySide(market, Side.buy, depth),
    asks: copySide(market, Side.sell, depth),
  };
}

function copySide(market: SimulatedMarket, side: Side, depth: number): Float64Array {
  const out = new Float64Array(Math.min(depth, market.engine.levelCount(side)) * 2);
  market.engine.copyLevels(side, out);
  return out;
}

/** The best `limit` levels of one side of a copy. */
export function toldLevels(side: Float64Array, limit: number): ToldLevel[] {
  const count = Math.min(limit, side.length >> 1);
  return Array.from({ length: count }, (_, i) => ({
    ticks: side[i * 2] as number,
    lots: side[i * 2 + 1] as number,
  }));
}
