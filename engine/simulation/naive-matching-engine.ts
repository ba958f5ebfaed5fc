import { Side } from '../contract/units.ts';
import type { MatchListener } from './matching-engine.ts';

interface NaiveOrder {
  id: number;
  side: Side;
  priceTicks: number;
  lots: number;
}

/**
 * The obvious price-time book: one array of orders in time order, searched from end to end. The oracle that the real
 * engine is compared with; never used by the venue. Same calls, same answers, same listener events.
 */
export class NaiveMatchingEngine {
  readonly #listener: MatchListener;
  #orders: NaiveOrder[] = [];

  constructor(listener: MatchListener) {
    this.#listener = listener;
  }

  get orderCount(): number {
    return this.#orders.length;
  }
  get bestBidTicks(): number {
    return this.#best(Side.buy)?.priceTicks ?? 0;
  }
  get bestAskTicks(): number {
    return this.#best(Side.sell)?.priceTicks ?? 0;
  }

  limit(id: number, side: Side, priceTicks: number, sizeLots: number): number {
    const left = this.#take(id, side, priceTicks, sizeLots);
    if (left > 0) this.#rest(id, side, priceTicks, left);
    return left;
  }

  postOnly(id: number, side: Side, priceTicks: number, sizeLots: number): boolean {
    const other = this.#best(side === Side.buy ? Side.sell : Side.buy);
    if (other !== undefined && crosses(side, priceTicks, other.priceTicks)) return false;
    this.#rest(id, side, priceTicks, sizeLots);
    return true;
  }

  immediateOrCancel(id: number, side: Side, priceTicks: number, sizeLots: number): number {
    return this.#take(id, side, priceTicks, sizeLots);
  }

  market(id: number, side: Side, sizeLots: number): number {
    return this.#take(id, side, side === Side.buy ? Infinity : 0, sizeLots);
  }

  cancel(id: number): number {
    const order = this.#orders.find((o) => o.id === id);
    if (order === undefined) return 0;
    this.#orders = this.#orders.filter((o) => o !== order);
    this.#listener.onLevel(order.side, order.priceTicks, this.levelLots(order.side, order.priceTicks));
    return order.lots;
  }

  remainingLots(id: number): number {
    return this.#orders.find((o) => o.id === id)?.lots ?? 0;
  }

  queueAheadLots(id: number): number {
    const at = this.#orders.findIndex((o) => o.id === id);
    if (at < 0) return -1;
    const order = this.#orders[at] as NaiveOrder;
    return sum(this.#orders.slice(0, at).filter((o) => o.side === order.side && o.priceTicks === order.priceTicks));
  }

  levelLots(side: Side, priceTicks: number): number {
    return sum(this.#orders.filter((o) => o.side === side && o.priceTicks === priceTicks));
  }

  levels(side: Side): [priceTicks: number, lots: number][] {
    const prices = [...new Set(this.#orders.filter((o) => o.side === side).map((o) => o.priceTicks))];
    prices.sort((a, b) => (side === Side.buy ? b - a : a - b));
    return prices.map((priceTicks) => [priceTicks, this.levelLots(side, priceTicks)]);
  }

  orderIdsAt(side: Side, priceTicks: number): number[] {
    return this.#orders.filter((o) => o.side === side && o.priceTicks === priceTicks).map((o) => o.id);
  }

  #take(takerId: number, takerSide: Side, priceTicks: number, sizeLots: number): number {
    const makerSide = takerSide === Side.buy ? Side.sell : Side.buy;
    let left = sizeLots;
    let touched = 0;
    while (left > 0) {
      const maker = this.#best(makerSide);
      if (maker === undefined || !crosses(takerSide, priceTicks, maker.priceTicks)) break;
      if (touched !== 0 && touched !== maker.priceTicks) {
        this.#listener.onLevel(makerSide, touched, this.levelLots(makerSide, touched));
      }
      touched = maker.priceTicks;
      const traded = Math.min(left, maker.lots);
      left -= traded;
      maker.lots -= traded;
      if (maker.lots === 0) this.#orders = this.#orders.filter((o) => o !== maker);
      this.#listener.onTrade(maker.id, takerId, takerSide, maker.priceTicks, traded, maker.lots);
    }
    if (touched !== 0) this.#listener.onLevel(makerSide, touched, this.levelLots(makerSide, touched));
    return left;
  }

  #rest(id: number, side: Side, priceTicks: number, lots: number): void {
    this.#orders.push({ id, side, priceTicks, lots });
    this.#listener.onLevel(side, priceTicks, this.levelLots(side, priceTicks));
  }

  /** First in time among the best priced. */
  #best(side: Side): NaiveOrder | undefined {
    let best: NaiveOrder | undefined;
    for (const order of this.#orders) {
      if (order.side !== side) continue;
      if (
        best === undefined ||
        (side === Side.buy ? order.priceTicks > best.priceTicks : order.priceTicks < best.priceTicks)
      ) {
        best = order;
      }
    }
    return best;
  }
}

function crosses(takerSide: Side, takerTicks: number, makerTicks: number): boolean {
  return takerSide === Side.buy ? makerTicks <= takerTicks : makerTicks >= takerTicks;
}

function sum(orders: NaiveOrder[]): number {
  return orders.reduce((total, order) => total + order.lots, 0);
}
