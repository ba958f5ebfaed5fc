import { Side } from '../contract/units.ts';
import { BookSide } from './book-side.ts';

/** Window of dense levels a side, in ticks: about 1 % of the price of BTCUSDT at a tick of 0.01. */
export const DEFAULT_WINDOW_TICKS = 65_536;
/** Bound of the sparse levels a side; the farthest are forgotten beyond it. */
export const MAX_SPARSE_LEVELS = 1 << 20;

/** Why a book is `crossed`, in words. */
export const CROSSED_REASON = 'best bid at or above best ask';

/**
 * Price-level book of one instrument in integer ticks and lots. Setting a level near the touch, and reading the best
 * prices, take constant time and allocate nothing; far levels are held sparsely at any distance.
 *
 * An empty side has best price 0 and best size 0. Prices may be any integer of magnitude below 2^53.
 */
export class OrderBook {
  readonly #bids: BookSide;
  readonly #asks: BookSide;

  /** @param windowTicks dense window a side: a power of two within 64..2^24; 8 bytes a tick a side. */
  constructor(windowTicks = DEFAULT_WINDOW_TICKS, maxSparseLevels = MAX_SPARSE_LEVELS) {
    this.#bids = new BookSide(windowTicks, maxSparseLevels);
    this.#asks = new BookSide(windowTicks, maxSparseLevels);
  }

  /** Absolute size at a price; 0 removes. Removing an unknown level, or side `none`, does nothing. */
  set(side: Side, priceTicks: number, sizeLots: number): void {
    if (side === Side.buy) this.#bids.set(priceTicks, sizeLots);
    else if (side === Side.sell) this.#asks.set(-priceTicks, sizeLots);
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
  }

  /** 0 when there is no bid. */
  get bestBidTicks(): number {
    return this.#bids.isEmpty ? 0 : this.#bids.bestKey;
  }
  /** 0 when there is no ask. */
  get bestAskTicks(): number {
    return this.#asks.isEmpty ? 0 : -this.#asks.bestKey;
  }
  /** 0 when there is no bid. */
  get bestBidLots(): number {
    return this.#bids.bestSize;
  }
  /** 0 when there is no ask. */
  get bestAskLots(): number {
    return this.#asks.bestSize;
  }
  /** True when both sides have a level. */
  get hasBothSides(): boolean {
    return !this.#bids.isEmpty && !this.#asks.isEmpty;
  }

  /** Size at a price, 0 when there is no such level. */
  sizeAt(side: Side, priceTicks: number): number {
    return side === Side.buy ? this.#bids.sizeAt(priceTicks) : side === Side.sell ? this.#asks.sizeAt(-priceTicks) : 0;
  }

  levelCount(side: Side): number {
    return side === Side.buy ? this.#bids.count : side === Side.sell ? this.#asks.count : 0;
  }

  /**
   * Copies up to `n` levels, best first, bounded by the room in both arrays.
   * @returns the number of levels copied.
   */
  copyTop(side: Side, n: number, outPricesTicks: Float64Array, outSizesLots: Float64Array): number {
    if (side === Side.buy) return this.#bids.copyTop(n, 1, outPricesTicks, outSizesLots);
    return side === Side.sell ? this.#asks.copyTop(n, -1, outPricesTicks, outSizesLots) : 0;
  }

  /** Sum of the sizes of the `n` best levels, lots. */
  sumSize(side: Side, n: number): number {
    return side === Side.buy ? this.#bids.sumTop(n) : side === Side.sell ? this.#asks.sumTop(n) : 0;
  }

  /** True when the best bid is at or above the best ask. */
  isCrossed(): boolean {
    return this.hasBothSides && this.#bids.bestKey >= -this.#asks.bestKey;
  }

  /** Far levels forgotten because a side's sparse part was full; 0 in any sane market. */
  get droppedLevels(): number {
    return this.#bids.droppedLevels + this.#asks.droppedLevels;
  }

  /** Levels carried between the dense window and the sparse part when the price ran: what moving the window has cost. */
  get movedLevels(): number {
    return this.#bids.movedLevels + this.#asks.movedLevels;
  }
}
