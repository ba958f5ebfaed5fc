import { OrderStatusCode, Order } from './order.ts';
import type { OrderSource } from '../contract/record.ts';
import type { Side } from '../contract/units.ts';

/** Finished orders kept for the screen and for late reports. */
export const RETAINED_TERMINAL_ORDERS = 2_000;
/** Bound of orders that are not terminal; the rails stop far below. */
export const MAX_LIVE_ORDERS = 10_000;

const {
  pending,
  working,
  partial,
  cancelling,
  unknown,
  filled,
  cancelled: cancelledStatus,
  rejected: rejectedStatus,
} = OrderStatusCode;

/** What the table needs to know to open an order. */
export interface NewOrder {
  orderNumber: number;
  instrument: number;
  side: Side;
  priceTicks: number;
  sizeLots: number;
  source: OrderSource;
  postOnly: boolean;
  immediateOrCancel: boolean;
  reduceOnly: boolean;
}

/**
 * Every order of the account by number, and the only place that changes their state.
 *
 * Reports may come in any order the venue's sockets can produce: a fill before its acknowledgement, a cancel racing a
 * fill, everything twice. The venue is the truth about fills: each trade id counts once per order, also when it comes
 * after the order has ended. Terminal states absorb: no report revives an order. Methods return whether anything
 * changed, so that the caller tells a duplicate from news.
 */
export class OrderTable {
  readonly #byNumber = new Map<number, Order>();
  readonly #pool: Order[] = [];
  readonly #live: Order[] = [];
  /** Ring of finished orders, oldest overwritten. */
  readonly #finished: (Order | undefined)[] = new Array<Order | undefined>(RETAINED_TERMINAL_ORDERS).fill(undefined);
  #nextFinished = 0;

  /** Orders that are not terminal, oldest first. */
  get live(): readonly Order[] {
    return this.#live;
  }

  get(orderNumber: number): Order | undefined {
    return this.#byNumber.get(orderNumber);
  }

  /** All orders still known, oldest first. */
  all(): Order[] {
    return [...this.#byNumber.values()].sort((a, b) => a.orderNumber - b.orderNumber);
  }

  /** @throws RangeError when the number is taken or the table is full. */
  open(from: NewOrder, timeUs: number): Order {
    if (this.#byNumber.has(from.orderNumber)) {
      throw new RangeError(`Expected a fresh order number, was ${from.orderNumber}`);
    }
    if (this.#live.length >= MAX_LIVE_ORDERS) {
      throw new RangeError(`Expected at most ${MAX_LIVE_ORDERS} live orders, was ${this.#live.length + 1}`);
    }
    const order = this.#pool.pop() ?? new Order();
    order.reset();
    order.orderNumber = from.orderNumber;
    order.instrument = from.instrument;
    order.side = from.side;
    order.priceTicks = from.priceTicks;
    order.sizeLots = from.sizeLots;
    order.source = from.source;
    order.postOnly = from.postOnly;
    order.immediateOrCancel = from.immediateOrCancel;
    order.reduceOnly = from.reduceOnly;
    order.createdUs = timeUs;
    order.updatedUs = timeUs;
    this.#byNumber.set(order.orderNumber, order);
    this.#live.push(order);
    return order;
  }

  /** Finished orders still known, the one that ended first first. */
  finished(): Order[] {
    const ring = [...this.#finished.slice(this.#nextFinished), ...this.#finished.slice(0, this.#nextFinished)];
    return ring.filter((order) => order !== undefined);
  }

  /**
   * Recovery: takes an order in whatever state it was; `fill` sets everything but its number. Live orders must come
   * oldest first, finished ones in the order in which they ended. @throws RangeError as {@link open}.
   */
  restore(from: NewOrder, fill: (order: Order) => void): void {
    const order = this.open(from, 0);
    fill(order);
    if (order.isTerminal) this.#finish(order, order.status);
  }

  /** Brings the live orders into the order of their numbers again, after older ones were restored among them. */
  sortLive(): void {
    this.#live.sort((a, b) => a.orderNumber - b.orderNumber);
  }

  /** Forgets the orders that match. */
  remove(matches: (order: Order) => boolean): void {
    const finished = this.finished();
    this.#finished.fill(undefined);
    this.#nextFinished = 0;
    const live = this.#live.splice(0);
    for (const order of live) {
      if (matches(order)) this.#byNumber.delete(order.orderNumber);
      else this.#live.push(order);
    }
    for (const order of finished) {
      if (matches(order)) this.#byNumber.delete(order.orderNumber);
      else this.#finished[this.#nextFinished++] = order;
    }
    this.#nextFinished %= this.#finished.length;
  }

  /** Forgets every order. */
  clear(): void {
    this.#byNumber.clear();
    this.#live.length = 0;
    this.#finished.fill(undefined);
    this.#nextFinished = 0;
  }

  accepted(order: Order, venueOrderId: number, timeUs: number): boolean {
    const idIsNews = venueOrderId > 0 && order.venueOrderId !== venueOrderId;
    if (idIsNews) order.venueOrderId = venueOrderId;
    if (order.status !== pending && order.status !== unknown) return idIsNews;
    order.status = this.#liveStatus(order);
    order.updatedUs = timeUs;
    return true;
  }

  /** Counts a fill once per venue trade id (ids of 0 or below cannot be told apart and always count). */
  fill(order: Order, venueTradeId: number, sizeLots: number, timeUs: number): boolean {
    if (venueTradeId > 0) {
      if (order.tradeIds.includes(venueTradeId)) return false;
      order.tradeIds.push(venueTradeId);
    }
    order.filledLots += sizeLots;
    order.updatedUs = timeUs;
    if (order.isTerminal) return true;
    if (order.filledLots >= order.sizeLots) this.#finish(order, filled);
    else order.status = this.#liveStatus(order);
    return true;
  }

  cancelled(order: Order, timeUs: number, reason = ''): boolean {
    return this.#end(order, cancelledStatus, timeUs, reason);
  }

  /** The venue refused the order or does not know it. With fills counted it did exist: then it ends as cancelled. */
  rejected(order: Order, timeUs: number, reason: string): boolean {
    return this.#end(order, order.filledLots > 0 ? cancelledStatus : rejectedStatus, timeUs, reason);
  }

  /** The answer was lost. */
  becameUnknown(order: Order, timeUs: number): boolean {
    if (order.isTerminal || order.status === unknown) return false;
    order.status = unknown;
    // Whether the cancel arrived is unknown too: it is repeated once the look-up has answered.
    order.cancelSent = false;
    order.updatedUs = timeUs;
    return true;
  }

  /** A cancel left for the venue. */
  cancelSent(order: Order, timeUs: number): boolean {
    if (order.isTerminal) return false;
    order.cancelWanted = true;
    order.cancelSent = true;
    if (order.status !== unknown) order.status = cancelling;
    order.updatedUs = timeUs;
    return true;
  }

  /** The venue refused to cancel: the order either works still or has just ended, which its own report will tell. */
  cancelRejected(order: Order, timeUs: number, reason: string): boolean {
    if (order.isTerminal || !order.cancelSent) return false;
    order.cancelSent = false;
    order.cancelWanted = false;
    order.reason = reason;
    if (order.status === cancelling) order.status = this.#liveStatus(order);
    order.updatedUs = timeUs;
    return true;
  }

  #liveStatus(order: Order): OrderStatusCode {
    if (order.cancelSent) return cancelling;
    return order.filledLots > 0 ? partial : working;
  }

  #end(order: Order, status: OrderStatusCode, timeUs: number, reason: string): boolean {
    if (order.isTerminal) return false;
    if (reason !== '') order.reason = reason;
    order.updatedUs = timeUs;
    this.#finish(order, status);
    return true;
  }

  #finish(order: Order, status: OrderStatusCode): void {
    order.status = status;
    order.cancelSent = false;
    order.cancelWanted = false;
    order.queueAheadLots = -1;
    this.#live.splice(this.#live.indexOf(order), 1);
    const evicted = this.#finished[this.#nextFinished];
    if (evicted !== undefined) {
      this.#byNumber.delete(evicted.orderNumber);
      this.#pool.push(evicted);
    }
    this.#finished[this.#nextFinished] = order;
    this.#nextFinished = (this.#nextFinished + 1) % this.#finished.length;
  }
}
