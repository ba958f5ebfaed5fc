import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { OrderBook as PeerBook, Side as PeerSide } from 'nodejs-order-book';
import { Side } from '../contract/units.ts';
import { NaiveBook } from '../market/naive-book.ts';
import { OrderBook } from '../market/order-book.ts';
import { type BookWorkload, levelsPerSide } from './book-workload.ts';

/** What the bench drives: apply update `index` of the workload, then say the best prices (0 = none). */
export interface BenchBook {
  apply(index: number): void;
  readonly bestBidTicks: number;
  readonly bestAskTicks: number;
}

export const bookNames = ['ours', 'ladder', 'naive', 'sorted-array', 'ccxt', 'nodejs-order-book'] as const;
export type BookName = (typeof bookNames)[number];

export async function makeBook(name: BookName, workload: BookWorkload): Promise<BenchBook> {
  switch (name) {
    case 'ours':
      return new OursBench(workload);
    case 'ladder':
      return new LadderBench(workload);
    case 'ccxt':
      return new CcxtBench(workload, await loadCcxtBook());
    case 'naive':
      return new NaiveBench(workload);
    case 'sorted-array':
      return new SortedArrayBench(workload);
    case 'nodejs-order-book':
      return new PeerBench(workload);
  }
}

class OursBench implements BenchBook {
  readonly #book = new OrderBook();
  readonly #workload: BookWorkload;
  constructor(workload: BookWorkload) {
    this.#workload = workload;
  }
  apply(index: number): void {
    const { sides, priceTicks, sizeLots } = this.#workload;
    this.#book.set(sides[index] as Side, priceTicks[index] as number, sizeLots[index] as number);
  }
  get bestBidTicks(): number {
    return this.#book.bestBidTicks;
  }
  get bestAskTicks(): number {
    return this.#book.bestAskTicks;
  }
}

const ladderTicks = 1 << 16;

/**
 * The limit: bare typed arrays over a fixed range of prices, no bounds check, nothing beyond the range, no moving of it.
 * What a real book costs more is the price of being one.
 */
class LadderBench implements BenchBook {
  readonly #bids = new Float64Array(ladderTicks);
  readonly #asks = new Float64Array(ladderTicks);
  readonly #baseTicks: number;
  readonly #workload: BookWorkload;
  #bestBid = 0;
  #bestAsk = ladderTicks - 1;
  constructor(workload: BookWorkload) {
    this.#workload = workload;
    this.#baseTicks = workload.lowestTicks - 1;
    if (workload.highestTicks - this.#baseTicks >= ladderTicks - 1) {
      throw new RangeError(
        `Expected prices within ${ladderTicks} ticks, was ${workload.highestTicks - this.#baseTicks}`,
      );
    }
  }
  apply(index: number): void {
    const { sides, priceTicks, sizeLots } = this.#workload;
    const slot = (priceTicks[index] as number) - this.#baseTicks;
    const size = sizeLots[index] as number;
    if (sides[index] === Side.buy) {
      const bids = this.#bids;
      bids[slot] = size;
      if (size > 0) {
        if (slot > this.#bestBid) this.#bestBid = slot;
      } else if (slot === this.#bestBid) {
        let best = slot - 1;
        while (bids[best] === 0) best--;
        this.#bestBid = best;
      }
    } else {
      const asks = this.#asks;
      asks[slot] = size;
      if (size > 0) {
        if (slot < this.#bestAsk) this.#bestAsk = slot;
      } else if (slot === this.#bestAsk) {
        let best = slot + 1;
        while (asks[best] === 0) best++;
        this.#bestAsk = best;
      }
    }
  }
  get bestBidTicks(): number {
    return this.#baseTicks + this.#bestBid;
  }
  get bestAskTicks(): number {
    return this.#baseTicks + this.#bestAsk;
  }
}

class NaiveBench implements BenchBook {
  readonly #book = new NaiveBook();
  readonly #workload: BookWorkload;
  constructor(workload: BookWorkload) {
    this.#workload = workload;
  }
  apply(index: number): void {
    const { sides, priceTicks, sizeLots } = this.#workload;
    this.#book.set(sides[index] as Side, priceTicks[index] as number, sizeLots[index] as number);
  }
  get bestBidTicks(): number {
    return this.#book.bestBidTicks;
  }
  get bestAskTicks(): number {
    return this.#book.bestAskTicks;
  }
}

/** A Map of sizes and a sorted array of prices a side, best last: what one writes by hand in an hour, and no fool's choice. */
class SortedSide {
  /** Rising towards the best. Keys are prices of bids and negated prices of asks. */
  readonly #keys: number[] = [];
  readonly #sizes = new Map<number, number>();

  set(key: number, size: number): void {
    if (this.#sizes.has(key)) {
      if (size > 0) this.#sizes.set(key, size);
      else {
        this.#sizes.delete(key);
        this.#keys.splice(this.#indexOf(key), 1);
      }
    } else if (size > 0) {
      this.#sizes.set(key, size);
      this.#keys.splice(this.#indexOf(key), 0, key);
    }
  }

  get best(): number {
    return this.#keys[this.#keys.length - 1] ?? 0;
  }

  #indexOf(key: number): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class SortedArrayBench implements BenchBook {
  readonly #bids = new SortedSide();
  readonly #asks = new SortedSide();
  readonly #workload: BookWorkload;
  constructor(workload: BookWorkload) {
    this.#workload = workload;
  }
  apply(index: number): void {
    const { sides, priceTicks, sizeLots } = this.#workload;
    const price = priceTicks[index] as number;
    if (sides[index] === Side.buy) this.#bids.set(price, sizeLots[index] as number);
    else this.#asks.set(-price, sizeLots[index] as number);
  }
  get bestBidTicks(): number {
    return this.#bids.best;
  }
  get bestAskTicks(): number {
    return -this.#asks.best;
  }
}

interface CcxtSide {
  store(price: number, size: number): void;
  readonly [rank: number]: readonly [price: number, size: number];
}
type CcxtBook = new (snapshot: object, depth?: number) => { bids: CcxtSide; asks: CcxtSide };

/** Its book class alone, by path: the package's entry loads every exchange and exports no book. */
async function loadCcxtBook(): Promise<CcxtBook> {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const url = new URL('../js/src/base/ws/OrderBook.js', pathToFileURL(entry));
  return ((await import(url.href)) as { OrderBook: CcxtBook }).OrderBook;
}

/** ccxt's OrderBook at unlimited depth, prices as floats as it always has them. */
class CcxtBench implements BenchBook {
  readonly #bids: CcxtSide;
  readonly #asks: CcxtSide;
  readonly #workload: BookWorkload;
  constructor(workload: BookWorkload, Book: CcxtBook) {
    const book = new Book({});
    this.#bids = book.bids;
    this.#asks = book.asks;
    this.#workload = workload;
  }
  apply(index: number): void {
    const { sides, priceTicks, sizeLots } = this.#workload;
    const side = sides[index] === Side.buy ? this.#bids : this.#asks;
    side.store(priceTicks[index] as number, sizeLots[index] as number);
  }
  get bestBidTicks(): number {
    return this.#bids[0]?.[0] ?? 0;
  }
  get bestAskTicks(): number {
    return this.#asks[0]?.[0] ?? 0;
  }
}

/** Its sides are private in the types, but reading their top is far cheaper than `depth()`: the kinder comparison. */
interface PeerInside {
  bids: { maxPriceQueue(): { price(): number } | undefined };
  asks: { minPriceQueue(): { price(): number } | undefined };
}

/** nodejs-order-book as a level store: one order a level, replaced by cancel and limit. */
class PeerBench implements BenchBook {
  readonly #book = new PeerBook();
  readonly #inside = this.#book as unknown as PeerInside;
  readonly #workload: BookWorkload;
  /** Ids made beforehand: the peer wants strings, and making them is not what is measured. */
  readonly #bidIds: string[];
  readonly #askIds: string[];
  readonly #present: Uint8Array;

  constructor(workload: BookWorkload) {
    this.#workload = workload;
    const span = workload.highestTicks - workload.lowestTicks + 1 + levelsPerSide;
    this.#bidIds = Array.from({ length: span }, (_, i) => `b${workload.lowestTicks + i}`);
    this.#askIds = Array.from({ length: span }, (_, i) => `a${workload.lowestTicks + i}`);
    this.#present = new Uint8Array(span * 2);
  }

  apply(index: number): void {
    const { sides, priceTicks, sizeLots, lowestTicks } = this.#workload;
    const price = priceTicks[index] as number;
    const size = sizeLots[index] as number;
    const offset = price - lowestTicks;
    const buy = sides[index] === Side.buy;
    const id = (buy ? this.#bidIds : this.#askIds)[offset] as string;
    const slot = buy ? offset * 2 : offset * 2 + 1;
    if (this.#present[slot] === 1) this.#book.cancel(id);
    this.#present[slot] = size > 0 ? 1 : 0;
    if (size > 0) this.#book.limit({ side: buy ? PeerSide.BUY : PeerSide.SELL, id, size, price });
  }
  get bestBidTicks(): number {
    return this.#inside.bids.maxPriceQueue()?.price() ?? 0;
  }
  get bestAskTicks(): number {
    return this.#inside.asks.minPriceQueue()?.price() ?? 0;
  }
}
