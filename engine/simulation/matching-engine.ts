import { Side } from '../contract/units.ts';
import { OrderIdTable } from './order-id-table.ts';
import { NO_LEVEL, PriceLevels } from './price-levels.ts';

/** Told of everything that happens inside one call of the engine. Must not call back into the engine. */
export interface MatchListener {
  /** `makerLeftLots` is 0 when the maker is done. Comes before the level change it causes. */
  onTrade(
    makerId: number,
    takerId: number,
    takerSide: Side,
    priceTicks: number,
    sizeLots: number,
    makerLeftLots: number,
  ): void;
  /** New total resting at a price; 0 = the level is gone. Once per level and call. */
  onLevel(side: Side, priceTicks: number, totalLots: number): void;
}

export interface MatchingEngineOptions {
  /** Highest price accepted, in ticks. At most 2^30. */
  maxPriceTicks?: number;
  /** Orders the pool holds at first; it doubles when full. */
  orderCapacity?: number;
}

/**
 * One symbol's price-time matching: every level is a real first-in-first-out queue of orders. Prices are integer ticks,
 * sizes integer lots (at most 2^53 - 1 in total on a level), order ids positive integers chosen by the caller.
 * Orders live in a pool of typed arrays; nothing is allocated per order once the pool has grown to its size.
 */
export class MatchingEngine {
  readonly maxPriceTicks: number;
  readonly #listener: MatchListener;
  readonly #bids: PriceLevels;
  readonly #asks: PriceLevels;
  readonly #table: OrderIdTable;
  #ids: Float64Array;
  #lots: Float64Array;
  #keys: Int32Array;
  #sides: Uint8Array;
  #next: Int32Array;
  #previous: Int32Array;
  #free = -1;

  constructor(listener: MatchListener, options: MatchingEngineOptions = {}) {
    this.maxPriceTicks = options.maxPriceTicks ?? 1 << 26;
    const capacity = options.orderCapacity ?? 4096;
    if (!Number.isInteger(this.maxPriceTicks) || this.maxPriceTicks < 1 || this.maxPriceTicks > 1 << 30) {
      throw new RangeError(`Expected maxPriceTicks between 1 and 2^30, was ${this.maxPriceTicks}`);
    }
    this.#listener = listener;
    this.#bids = new PriceLevels(this.maxPriceTicks);
    this.#asks = new PriceLevels(this.maxPriceTicks);
    this.#table = new OrderIdTable(capacity);
    this.#ids = new Float64Array(capacity);
    this.#lots = new Float64Array(capacity);
    this.#keys = new Int32Array(capacity);
    this.#sides = new Uint8Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#linkFree(0, capacity);
  }

  /** Number of resting orders. */
  get orderCount(): number {
    return this.#table.size;
  }

  /** Highest bid in ticks, 0 when there is none. */
  get bestBidTicks(): number {
    const key = this.#bids.bestKey;
    return key === NO_LEVEL ? 0 : this.maxPriceTicks - key;
  }

  /** Lowest ask in ticks, 0 when there is none. */
  get bestAskTicks(): number {
    const key = this.#asks.bestKey;
    return key === NO_LEVEL ? 0 : key;
  }

  /**
   * Good-till-cancelled limit order: trades what crosses, rests the remainder at the end of its level's queue.
   * Returns the lots that rest (0 = filled).
   * @throws RangeError on a bad price, size or id, or an id that already rests.
   */
  limit(id: number, side: Side, priceTicks: number, sizeLots: number): number {
    this.#check(id, priceTicks, sizeLots);
    const left =
      side === Side.buy
        ? this.#take(id, side, this.#asks, priceTicks, sizeLots)
        : this.#take(id, side, this.#bids, this.maxPriceTicks - priceTicks, sizeLots);
    if (left > 0) this.#rest(id, side, priceTicks, left);
    return left;
  }

  /** As {@link limit}, but never takes: false (and nothing happens) when the price would trade at once. */
  postOnly(id: number, side: Side, priceTicks: number, sizeLots: number): boolean {
    this.#check(id, priceTicks, sizeLots);
    const crosses =
      side === Side.buy ? this.#asks.bestKey <= priceTicks : this.#bids.bestKey <= this.maxPriceTicks - priceTicks;
    if (crosses) return false;
    this.#rest(id, side, priceTicks, sizeLots);
    return true;
  }

  /** Immediate-or-cancel: trades what crosses; the remainder is dropped. Returns the lots dropped. */
  immediateOrCancel(id: number, side: Side, priceTicks: number, sizeLots: number): number {
    this.#check(id, priceTicks, sizeLots);
    return side === Side.buy
      ? this.#take(id, side, this.#asks, priceTicks, sizeLots)
      : this.#take(id, side, this.#bids, this.maxPriceTicks - priceTicks, sizeLots);
  }

  /** Market order: trades until filled or the other side is empty. Returns the lots dropped. */
  market(id: number, side: Side, sizeLots: number): number {
    this.#check(id, 1, sizeLots);
    return this.#take(id, side, side === Side.buy ? this.#asks : this.#bids, this.maxPriceTicks, sizeLots);
  }

  /** Takes an order off the book. Returns the lots that were left, 0 when it was not resting. */
  cancel(id: number): number {
    const node = this.#table.get(id);
    if (node < 0) return 0;
    const side = this.#sides[node] as Side;
    const levels = side === Side.buy ? this.#bids : this.#asks;
    const key = this.#keys[node] as number;
    const slot = levels.slotOf(key);
    const lots = this.#lots[node] as number;
    const next = this.#next[node] as number;
    const previous = this.#previous[node] as number;
    if (previous < 0) levels.head[slot] = next;
    else this.#next[previous] = next;
    if (next < 0) levels.tail[slot] = previous;
    else this.#previous[next] = previous;
    const total = (levels.totalLots[slot] as number) - lots;
    levels.totalLots[slot] = total;
    if (previous < 0 && next < 0) levels.close(key);
    this.#table.delete(id);
    this.#release(node);
    this.#listener.onLevel(side, side === Side.buy ? this.maxPriceTicks - key : key, total);
    return lots;
  }

  /** Lots of an order still resting, 0 when it is not. */
  remainingLots(id: number): number {
    const node = this.#table.get(id);
    return node < 0 ? 0 : (this.#lots[node] as number);
  }

  /** Lots that trade before this order at its price; -1 when it is not resting. Walks the queue. */
  queueAheadLots(id: number): number {
    let node = this.#table.get(id);
    if (node < 0) return -1;
    let lots = 0;
    for (node = this.#previous[node] as number; node >= 0; node = this.#previous[node] as number) {
      lots += this.#lots[node] as number;
    }
    return lots;
  }

  /** Total resting at a price, 0 where there is no level. */
  levelLots(side: Side, priceTicks: number): number {
    if (priceTicks < 0 || priceTicks > this.maxPriceTicks) return 0;
    const levels = side === Side.buy ? this.#bids : this.#asks;
    const slot = levels.slotOf(side === Side.buy ? this.maxPriceTicks - priceTicks : priceTicks);
    return slot < 0 ? 0 : (levels.totalLots[slot] as number);
  }

  levelCount(side: Side): number {
    return (side === Side.buy ? this.#bids : this.#asks).levelCount;
  }

  /** Fills `out` with pairs of price in ticks and total lots, best first. Returns the number of levels written. */
  copyLevels(side: Side, out: Float64Array, maxLevels = out.length >> 1): number {
    const levels = side === Side.buy ? this.#bids : this.#asks;
    let count = 0;
    for (let key = levels.bestKey; key !== NO_LEVEL && count < maxLevels; key = levels.nextKey(key)) {
      out[count * 2] = side === Side.buy ? this.maxPriceTicks - key : key;
      out[count * 2 + 1] = levels.totalLots[levels.slotOf(key)] as number;
      count++;
    }
    return count;
  }

  /** Order ids at a price, first in the queue first. For tests and the venue's own book view; allocates. */
  orderIdsAt(side: Side, priceTicks: number): number[] {
    const levels = side === Side.buy ? this.#bids : this.#asks;
    const slot = levels.slotOf(side === Side.buy ? this.maxPriceTicks - priceTicks : priceTicks);
    const ids: number[] = [];
    if (slot < 0) return ids;
    for (let node = levels.head[slot] as number; node >= 0; node = this.#next[node] as number) {
      ids.push(this.#ids[node] as number);
    }
    return ids;
  }

  #take(takerId: number, takerSide: Side, levels: PriceLevels, limitKey: number, sizeLots: number): number {
    let left = sizeLots;
    const makerIsBid = levels === this.#bids;
    while (left > 0 && levels.bestKey <= limitKey) {
      const key = levels.bestKey;
      const slot = levels.slotOf(key);
      const priceTicks = makerIsBid ? this.maxPriceTicks - key : key;
      let total = levels.totalLots[slot] as number;
      let node = levels.head[slot] as number;
      while (left > 0 && node >= 0) {
        const resting = this.#lots[node] as number;
        const traded = Math.min(resting, left);
        const makerId = this.#ids[node] as number;
        const makerLeft = resting - traded;
        left -= traded;
        total -= traded;
        if (makerLeft === 0) {
          const next = this.#next[node] as number;
          this.#table.delete(makerId);
          this.#release(node);
          node = next;
        } else {
          this.#lots[node] = makerLeft;
        }
        this.#listener.onTrade(makerId, takerId, takerSide, priceTicks, traded, makerLeft);
      }
      levels.totalLots[slot] = total;
      levels.head[slot] = node;
      if (node < 0) {
        levels.tail[slot] = -1;
        levels.close(key);
      } else {
        this.#previous[node] = -1;
      }
      this.#listener.onLevel(makerIsBid ? Side.buy : Side.sell, priceTicks, total);
    }
    return left;
  }

  #rest(id: number, side: Side, priceTicks: number, sizeLots: number): void {
    if (this.#free < 0) this.#grow();
    const node = this.#free;
    if (!this.#table.add(id, node)) throw new RangeError(`Expected an order id that is not resting, was ${id}`);
    this.#free = this.#next[node] as number;
    const levels = side === Side.buy ? this.#bids : this.#asks;
    const key = side === Side.buy ? this.maxPriceTicks - priceTicks : priceTicks;
    const slot = levels.open(key);
    const last = levels.tail[slot] as number;
    this.#ids[node] = id;
    this.#lots[node] = sizeLots;
    this.#keys[node] = key;
    this.#sides[node] = side;
    this.#next[node] = -1;
    this.#previous[node] = last;
    if (last < 0) levels.head[slot] = node;
    else this.#next[last] = node;
    levels.tail[slot] = node;
    const total = (levels.totalLots[slot] as number) + sizeLots;
    levels.totalLots[slot] = total;
    this.#listener.onLevel(side, priceTicks, total);
  }

  #check(id: number, priceTicks: number, sizeLots: number): void {
    if (!(id > 0) || !Number.isSafeInteger(id)) throw new RangeError(`Expected a positive order id, was ${id}`);
    if (!(priceTicks >= 1 && priceTicks <= this.maxPriceTicks) || Math.floor(priceTicks) !== priceTicks) {
      throw new RangeError(`Expected priceTicks between 1 and ${this.maxPriceTicks}, was ${priceTicks}`);
    }
    if (!(sizeLots >= 1) || !Number.isSafeInteger(sizeLots)) {
      throw new RangeError(`Expected sizeLots of at least 1, was ${sizeLots}`);
    }
  }

  #release(node: number): void {
    this.#next[node] = this.#free;
    this.#free = node;
  }

  #grow(): void {
    const from = this.#ids.length;
    const to = from * 2;
    const ids = new Float64Array(to);
    ids.set(this.#ids);
    this.#ids = ids;
    const lots = new Float64Array(to);
    lots.set(this.#lots);
    this.#lots = lots;
    const sides = new Uint8Array(to);
    sides.set(this.#sides);
    this.#sides = sides;
    this.#keys = grownIndexes(this.#keys, to);
    this.#next = grownIndexes(this.#next, to);
    this.#previous = grownIndexes(this.#previous, to);
    this.#linkFree(from, to);
  }

  #linkFree(from: number, to: number): void {
    for (let i = from; i < to; i++) this.#next[i] = i + 1 < to ? i + 1 : this.#free;
    this.#free = from;
  }
}

function grownIndexes(from: Int32Array, capacity: number): Int32Array {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}
