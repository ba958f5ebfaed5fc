import { Side } from '../contract/units.ts';
import { ID, LEVEL, LINKS, LOTS, NEXT, OrderPool, PREVIOUS, VALUES } from './order-pool.ts';
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
 * Orders live in an {@link OrderPool}; nothing is allocated per order once the pool has grown to its size.
 */
export class MatchingEngine {
  readonly maxPriceTicks: number;
  readonly #listener: MatchListener;
  readonly #bids: PriceLevels;
  readonly #asks: PriceLevels;
  readonly #pool: OrderPool;

  constructor(listener: MatchListener, options: MatchingEngineOptions = {}) {
    this.maxPriceTicks = options.maxPriceTicks ?? 1 << 26;
    const capacity = options.orderCapacity ?? 4096;
    if (!Number.isInteger(this.maxPriceTicks) || this.maxPriceTicks < 1 || this.maxPriceTicks > 1 << 30) {
      throw new RangeError(`Expected maxPriceTicks between 1 and 2^30, was ${this.maxPriceTicks}`);
    }
    this.#listener = listener;
    this.#bids = new PriceLevels(this.maxPriceTicks);
    this.#asks = new PriceLevels(this.maxPriceTicks);
    this.#pool = new OrderPool(capacity);
  }

  /** Number of resting orders. */
  get orderCount(): number {
    return this.#pool.size;
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
    const pool = this.#pool;
    const order = pool.find(id);
    if (order === 0) return 0;
    const { links } = pool;
    const level = links[order * LINKS + LEVEL] as number;
    const isBid = level < 0;
    const levels = isBid ? this.#bids : this.#asks;
    const key = isBid ? ~level : level;
    const slot = levels.slotOf(key);
    const lots = pool.values[order * VALUES + LOTS] as number;
    const next = links[order * LINKS + NEXT] as number;
    const previous = links[order * LINKS + PREVIOUS] as number;
    if (previous === 0) levels.head[slot] = next;
    else links[previous * LINKS + NEXT] = next;
    if (next === 0) levels.tail[slot] = previous;
    else links[next * LINKS + PREVIOUS] = previous;
    const total = (levels.totalLots[slot] as number) - lots;
    levels.totalLots[slot] = total;
    if (previous === 0 && next === 0) levels.close(key);
    pool.remove(order);
    this.#listener.onLevel(isBid ? Side.buy : Side.sell, isBid ? this.maxPriceTicks - key : key, total);
    return lots;
  }

  /** Lots of an order still resting, 0 when it is not. */
  remainingLots(id: number): number {
    const order = this.#pool.find(id);
    return order === 0 ? 0 : (this.#pool.values[order * VALUES + LOTS] as number);
  }

  /** Lots that trade before this order at its price; -1 when it is not resting. Walks the queue. */
  queueAheadLots(id: number): number {
    const { links, values } = this.#pool;
    let order = this.#pool.find(id);
    if (order === 0) return -1;
    let lots = 0;
    for (
      order = links[order * LINKS + PREVIOUS] as number;
      order !== 0;
      order = links[order * LINKS + PREVIOUS] as number
    ) {
      lots += values[order * VALUES + LOTS] as number;
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
    const { links, values } = this.#pool;
    for (let order = levels.head[slot] as number; order !== 0; order = links[order * LINKS + NEXT] as number) {
      ids.push(values[order * VALUES + ID] as number);
    }
    return ids;
  }

  #take(takerId: number, takerSide: Side, levels: PriceLevels, limitKey: number, sizeLots: number): number {
    const pool = this.#pool;
    const { links, values } = pool;
    const listener = this.#listener;
    let left = sizeLots;
    const makerIsBid = levels === this.#bids;
    while (left > 0 && levels.bestKey <= limitKey) {
      const key = levels.bestKey;
      const slot = levels.slotOf(key);
      const priceTicks = makerIsBid ? this.maxPriceTicks - key : key;
      let total = levels.totalLots[slot] as number;
      let order = levels.head[slot] as number;
      while (left > 0 && order !== 0) {
        const resting = values[order * VALUES + LOTS] as number;
        const makerId = values[order * VALUES + ID] as number;
        const traded = Math.min(resting, left);
        const makerLeft = resting - traded;
        left -= traded;
        total -= traded;
        if (makerLeft === 0) {
          const next = links[order * LINKS + NEXT] as number;
          pool.remove(order);
          order = next;
        } else {
          values[order * VALUES + LOTS] = makerLeft;
        }
        listener.onTrade(makerId, takerId, takerSide, priceTicks, traded, makerLeft);
      }
      levels.totalLots[slot] = total;
      levels.head[slot] = order;
      if (order === 0) {
        levels.tail[slot] = 0;
        levels.close(key);
      } else {
        links[order * LINKS + PREVIOUS] = 0;
      }
      listener.onLevel(makerIsBid ? Side.buy : Side.sell, priceTicks, total);
    }
    return left;
  }

  #rest(id: number, side: Side, priceTicks: number, sizeLots: number): void {
    const pool = this.#pool;
    const isBid = side === Side.buy;
    const key = isBid ? this.maxPriceTicks - priceTicks : priceTicks;
    const order = pool.add(id, isBid ? ~key : key, sizeLots);
    if (order === 0) throw new RangeError(`Expected an order id that is not resting, was ${id}`);
    const levels = isBid ? this.#bids : this.#asks;
    const slot = levels.open(key);
    const last = levels.tail[slot] as number;
    if (last === 0) {
      levels.head[slot] = order;
    } else {
      pool.links[last * LINKS + NEXT] = order;
      pool.links[order * LINKS + PREVIOUS] = last;
    }
    levels.tail[slot] = order;
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
}
