import { Side } from '../../contract/units.ts';
import type { SimulatedMarket } from '../simulated-market.ts';
import { type BookCopy, copyBook, type ToldLevel, toldLevels } from './book-memory.ts';
import type { BookUpdate, DialectContext } from './dialect.ts';

/** A snapshot in the stream as the faults want it: its messages and when they leave, or the status it fails with. */
export type StreamSnapshot = { updates: readonly BookUpdate[]; delayMs: number } | { status: number };

/**
 * The best levels of a market as one topic tells them: what enters the window is told as it is, what leaves it as
 * removed. All clients of the topic hear the same; who comes later gets the book as told last, and goes on from there.
 */
export class WindowBook {
  readonly market: SimulatedMarket;
  readonly depth: number;
  readonly bookKey: string;
  readonly #context: DialectContext;
  readonly #nextId: (id: number) => number;
  readonly #checksum: (book: BookCopy) => number;
  #told: BookCopy;
  #marketId: number;

  /**
   * @param nextId the id after the last one, 0 at the start.
   * @param checksum of a book, as the protocol computes it; default none.
   */
  constructor(
    context: DialectContext,
    market: SimulatedMarket,
    depth: number,
    bookKey: string,
    nextId: (id: number) => number,
    checksum: (book: BookCopy) => number = () => 0,
  ) {
    this.#context = context;
    this.market = market;
    this.depth = depth;
    this.bookKey = bookKey;
    this.#nextId = nextId;
    this.#checksum = checksum;
    this.#marketId = market.updateId;
    this.#told = copyBook(market, nextId(0), depth);
    context.memory.remember(bookKey, this.#told);
  }

  /** The book as it was told last. Not changed any more. */
  get told(): BookCopy {
    return this.#told;
  }

  /** Takes what has happened since; undefined when nothing of it lies in the window. */
  step(): BookUpdate | undefined {
    const { market, depth } = this;
    if (this.#marketId === market.updateId) return undefined;
    this.#marketId = market.updateId;
    const before = this.#told;
    const after = copyBook(market, before.id, depth);
    const bids = changes(before.bids, after.bids, Side.buy);
    const asks = changes(before.asks, after.asks, Side.sell);
    if (bids.length === 0 && asks.length === 0) return undefined;
    after.id = this.#nextId(before.id);
    this.#told = after;
    this.#context.memory.remember(this.bookKey, after);
    const { bookKey } = this;
    const ids = { firstId: after.id, lastId: after.id, previousId: before.id, sequence: after.sequence };
    const { timeMs } = after;
    return { market, bookKey, kind: 'delta', ...ids, timeMs, bids, asks, checksum: this.#checksum(after) };
  }

  /** The whole book as told last, or an older one. */
  snapshot(book: BookCopy = this.#told): BookUpdate {
    const { market, bookKey } = this;
    const ids = { firstId: book.id, lastId: book.id, previousId: -1, sequence: book.sequence };
    const levels = { bids: toldLevels(book.bids, this.depth), asks: toldLevels(book.asks, this.depth) };
    return {
      market,
      bookKey,
      kind: 'snapshot',
      ...ids,
      timeMs: book.timeMs,
      ...levels,
      checksum: this.#checksum(book),
    };
  }

  /** The book starts counting anew with this id, as after a restart of the venue's service. */
  restart(id: number): void {
    this.#told = copyBook(this.market, id, this.depth);
    this.#marketId = this.market.updateId;
    this.#context.memory.remember(this.bookKey, this.#told);
  }

  /** What a client that has just subscribed is sent. `isOnly`: nobody else is there whom it must go on with. */
  open(isOnly: boolean): StreamSnapshot {
    const { faults, protocol, memory } = this.#context;
    const fault = faults.snapshot(protocol, this.market.spec.symbol);
    if (fault.status !== 200) return { status: fault.status };
    if (isOnly) this.step();
    const update = this.snapshot(fault.stale ? memory.oldest(this.bookKey) : undefined);
    return { updates: faults.book(protocol, update), delayMs: fault.delayMs };
  }
}

/** New totals of the levels that differ, 0 for those that are gone; best first. */
function changes(before: Float64Array, after: Float64Array, side: Side): ToldLevel[] {
  const sign = side === Side.buy ? -1 : 1;
  const changed: ToldLevel[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const from = i < before.length ? sign * (before[i] as number) : Infinity;
    const to = j < after.length ? sign * (after[j] as number) : Infinity;
    if (from < to) {
      changed.push({ ticks: before[i] as number, lots: 0 });
      i += 2;
    } else {
      if (from > to || before[i + 1] !== after[j + 1]) {
        changed.push({ ticks: after[j] as number, lots: after[j + 1] as number });
      }
      if (from === to) i += 2;
      j += 2;
    }
  }
  return changed;
}
