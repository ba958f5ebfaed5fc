import { Side } from '../contract/units.ts';
import type { OrderBook } from './order-book.ts';

export interface BookFeaturesOptions {
  /** Levels a side that the imbalance sums up. */
  levels: number;
  /** How far back the momentum looks, ns. */
  momentumWindowNs: number;
  /** Changes of the mid kept for the momentum; with more of them within the window it looks back less far. */
  maxSamples?: number;
}

/**
 * What a scalping strategy reads off a book, brought up to date once an applied event. Nothing is allocated.
 * While a side is empty `valid` is false and the values are those of the last two-sided book.
 */
export class BookFeatures {
  readonly #levels: number;
  readonly #windowNs: number;
  readonly #times: Float64Array;
  readonly #mids: Float64Array;
  #head = 0;
  #size = 0;

  #valid = false;
  #midTicks = 0;
  #spreadTicks = 0;
  #microPriceTicks = 0;
  #imbalance = 0;
  #momentumTicks = 0;

  /** @throws RangeError when an option is not a positive number. */
  constructor(options: BookFeaturesOptions) {
    const samples = options.maxSamples ?? 4096;
    if (!Number.isInteger(options.levels) || options.levels < 1) {
      throw new RangeError(`levels: expected an integer >= 1, was ${options.levels}`);
    }
    if (!(options.momentumWindowNs > 0)) {
      throw new RangeError(`momentumWindowNs: expected more than 0, was ${options.momentumWindowNs}`);
    }
    if (!Number.isInteger(samples) || samples < 2)
      throw new RangeError(`maxSamples: expected an integer >= 2, was ${samples}`);
    this.#levels = options.levels;
    this.#windowNs = options.momentumWindowNs;
    this.#times = new Float64Array(samples);
    this.#mids = new Float64Array(samples);
  }

  /** True when the last update saw a bid and an ask. */
  get valid(): boolean {
    return this.#valid;
  }
  get midTicks(): number {
    return this.#midTicks;
  }
  get spreadTicks(): number {
    return this.#spreadTicks;
  }
  /** Mid weighted by the size on the other side: leans to where the next trade is likelier. */
  get microPriceTicks(): number {
    return this.#microPriceTicks;
  }
  /** (bid size - ask size) / (bid size + ask size) over the nearest levels: -1 .. 1. */
  get imbalance(): number {
    return this.#imbalance;
  }
  /** Mid now minus mid one window ago, ticks; measured from the oldest mid known while that is younger. */
  get momentumTicks(): number {
    return this.#momentumTicks;
  }

  /** Reads the book after an applied event at engine time `timeNs`. */
  update(book: OrderBook, timeNs: number): void {
    this.#valid = book.hasBothSides;
    if (!this.#valid) return;
    const bid = book.bestBidTicks;
    const ask = book.bestAskTicks;
    const bidLots = book.bestBidLots;
    const askLots = book.bestAskLots;
    this.#midTicks = (bid + ask) / 2;
    this.#spreadTicks = ask - bid;
    this.#microPriceTicks = (bid * askLots + ask * bidLots) / (bidLots + askLots);
    const bidSum = book.sumSize(Side.buy, this.#levels);
    const askSum = book.sumSize(Side.sell, this.#levels);
    this.#imbalance = (bidSum - askSum) / (bidSum + askSum);
    this.#updateMomentum(timeNs);
  }

  /** Forgets the past: after a gap the momentum would span it. */
  reset(): void {
    this.#size = 0;
    this.#valid = false;
    this.#momentumTicks = 0;
  }

  #updateMomentum(timeNs: number): void {
    const times = this.#times;
    const mids = this.#mids;
    const capacity = times.length;
    if (this.#size === 0 || mids[this.#slotOf(this.#size - 1)] !== this.#midTicks) {
      if (this.#size === capacity) this.#dropOldest();
      const slot = this.#slotOf(this.#size);
      times[slot] = timeNs;
      mids[slot] = this.#midTicks;
      this.#size++;
    }
    // The sample in force one window ago is the newest one not younger than that: drop those it supersedes.
    const horizon = timeNs - this.#windowNs;
    while (this.#size > 1 && (times[this.#slotOf(1)] as number) <= horizon) this.#dropOldest();
    this.#momentumTicks = this.#midTicks - (mids[this.#head] as number);
  }

  /** Place of the sample so many behind the oldest. A division by the capacity would take longer than all the rest. */
  #slotOf(index: number): number {
    const slot = this.#head + index;
    const capacity = this.#times.length;
    return slot >= capacity ? slot - capacity : slot;
  }

  #dropOldest(): void {
    this.#head = this.#slotOf(1);
    this.#size--;
  }
}
