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

export const bookNames = ['ours', 'naive', 'sorted-array', 'nodejs-order-book'] as const;
export type BookName = (typeof bookNames)[number];

export function makeBook(name: BookName, workload: BookWorkload): BenchBook {
  switch (name) {
    case 'ours':
      return new OursBench(workload);
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
