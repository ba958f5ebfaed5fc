import { RecordFlag, RecordKind } from '../contract/record.ts';
import { oppositeSide, Side, type InstrumentSpec } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import type { OrderBook } from '../market/order-book.ts';
import { DelayQueue } from './delay-queue.ts';
import type { Order } from './order.ts';
import { quotePerTickLot } from './position.ts';
import { queueLevelChanged, queueTraded, startQueue } from './queue-position.ts';
import { TakenLiquidity } from './taken-liquidity.ts';

export const DEFAULT_PAPER_LATENCY_NS = 20e6;
const FIRST_LEVELS = 32;
const MAX_LEVELS = 4_096;

const RequestKind = { place: 1, cancel: 2, cancelAll: 3, query: 4, queryOpen: 5 } as const;
type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

/** An order as the paper exchange knows it: ahead of what the trading step knows by the way back. */
class PaperOrder {
  orderNumber = 0;
  instrument = 0;
  side: Side = Side.none;
  priceTicks = 0;
  remainingLots = 0;
  venueOrderId = 0;
  queueAheadLots = -1;
  tradedSinceUpdateLots = 0;
  /** The step's own view of it, for the queue shown on the ladder. */
  order: Order | undefined = undefined;
}

class Request {
  dueNs = 0;
  kind: RequestKind = RequestKind.place;
  orderNumber = 0;
  instrument = 0;
  side: Side = Side.none;
  priceTicks = 0;
  sizeLots = 0;
  postOnly = false;
  immediateOrCancel = false;
  order: Order | undefined = undefined;
}

class Report {
  dueNs = 0;
  readonly slot = new EventSlot();
}

/**
 * Exchange for recorded and read-only feeds: matches our orders against the displayed book and the trades of the feed,
 * in event time, deterministically. Orders arrive after a latency and reports come back after the same. Taking orders
 * eat the visible book level by level, resting ones wait behind the displayed queue (queue-position.ts) and fill when
 * trades at their price have eaten it, when trades go through their price, or when the other side crosses them. We are
 * too small to move the market: what we take stays in the feed's book, but is not taken twice until the feed updates it.
 */
export class PaperExchange {
  readonly #specs: readonly InstrumentSpec[];
  readonly #books: readonly OrderBook[];
  readonly #latencyNs: number;
  readonly #idBase: number;
  readonly #deliver: (slot: EventSlot) => void;
  readonly #requests = new DelayQueue(() => new Request());
  readonly #reports = new DelayQueue(() => new Report());
  readonly #resting: PaperOrder[][];
  readonly #taken: TakenLiquidity[];
  readonly #pool: PaperOrder[] = [];
  readonly #prices = new Float64Array(MAX_LEVELS);
  readonly #sizes = new Float64Array(MAX_LEVELS);
  #nextOrderId = 1;
  #nextTradeId = 1;
  #nowNs = 0;

  /**
   * @param specs with `books` the lists of the step, which grow.
   * @param deliver receives reports as order records stamped with their arrival; the slot is reused.
   */
  constructor(
    specs: readonly InstrumentSpec[],
    books: readonly OrderBook[],
    latencyNs: number,
    sessionNumber: number,
    deliver: (slot: EventSlot) => void,
  ) {
    if (!(latencyNs >= 0 && latencyNs <= 60e9)) {
      throw new RangeError(`paper.latencyNs: expected 0 to 60e9, was ${latencyNs}`);
    }
    this.#specs = specs;
    this.#books = books;
    this.#latencyNs = latencyNs;
    this.#idBase = sessionNumber * 1_000_000_000;
    this.#deliver = deliver;
    this.#resting = specs.map(() => []);
    this.#taken = specs.map(() => new TakenLiquidity());
  }

  /** One more instrument is in the lists that were handed over. */
  instrumentAdded(): void {
    this.#resting.push([]);
    this.#taken.push(new TakenLiquidity());
  }

  place(order: Order, timeNs: number): void {
    const request = this.#request(RequestKind.place, order.instrument, timeNs);
    request.orderNumber = order.orderNumber;
    request.side = order.side;
    request.priceTicks = order.priceTicks;
    request.sizeLots = order.sizeLots;
    request.postOnly = order.postOnly;
    request.immediateOrCancel = order.immediateOrCancel;
    request.order = order;
  }

  cancel(order: Order, timeNs: number): void {
    this.#request(RequestKind.cancel, order.instrument, timeNs).orderNumber = order.orderNumber;
  }

  cancelAll(instrument: number, timeNs: number): void {
    this.#request(RequestKind.cancelAll, instrument, timeNs);
  }

  queryOrder(order: Order, timeNs: number): void {
    this.#request(RequestKind.query, order.instrument, timeNs).orderNumber = order.orderNumber;
  }

  queryOpenOrders(instrument: number, timeNs: number): void {
    this.#request(RequestKind.queryOpen, instrument, timeNs);
  }

  /** Requests or reports are under way. */
  get isBusy(): boolean {
    return this.#requests.size > 0 || this.#reports.size > 0;
  }

  /** Lets time pass up to `timeNs`: requests arrive, reports are delivered, each at its own time. */
  advance(timeNs: number): void {
    for (;;) {
      const request = this.#requests.nextDueNs;
      const report = this.#reports.nextDueNs;
      if (Math.min(request, report) > timeNs) break;
      if (request <= report) {
        this.#nowNs = request;
        this.#arrive(this.#requests.shift());
      } else {
        this.#nowNs = report;
        this.#deliver(this.#reports.shift().slot);
      }
    }
    if (timeNs > this.#nowNs) this.#nowNs = timeNs;
  }

  /** Whether levels of this instrument need to be told with their old size. */
  watches(instrument: number): boolean {
    return (
      (this.#resting[instrument] as PaperOrder[]).length > 0 || (this.#taken[instrument] as TakenLiquidity).count > 0
    );
  }

  /** The feed set a level. */
  onLevel(instrument: number, side: Side, priceTicks: number, oldLots: number, newLots: number): void {
    (this.#taken[instrument] as TakenLiquidity).updated(side, priceTicks);
    for (const resting of this.#resting[instrument] as PaperOrder[]) {
      if (resting.side !== side || resting.priceTicks !== priceTicks) continue;
      queueLevelChanged(resting, oldLots, newLots);
      showQueue(resting);
    }
  }

  /** The feed's book is thrown away: a snapshot follows. Queue places survive, capped by what the snapshot shows. */
  onBookCleared(instrument: number): void {
    (this.#taken[instrument] as TakenLiquidity).clear();
  }

  /** A whole update is applied: fill what the other side crossed. */
  onBookEnd(instrument: number, snapshot: boolean): void {
    const orders = this.#resting[instrument] as PaperOrder[];
    const book = this.#books[instrument] as OrderBook;
    for (let i = 0; i < orders.length; i++) {
      const resting = orders[i] as PaperOrder;
      if (snapshot) {
        const shown = book.sizeAt(resting.side, resting.priceTicks);
        if (resting.queueAheadLots < 0 || resting.queueAheadLots > shown) startQueue(resting, shown);
        showQueue(resting);
      }
      const best = resting.side === Side.buy ? book.bestAskTicks : book.bestBidTicks;
      if (best === 0 || !reaches(resting.side, resting.priceTicks, best)) continue;
      resting.queueAheadLots = 0;
      showQueue(resting);
      this.#takeVisible(resting, true);
      if (resting.remainingLots === 0) this.#removeAt(orders, i--);
    }
  }

  /** The feed printed a trade. */
  onTrade(instrument: number, aggressor: Side, priceTicks: number, sizeLots: number): void {
    const orders = this.#resting[instrument] as PaperOrder[];
    let leftLots = sizeLots;
    for (let i = 0; i < orders.length && leftLots > 0; i++) {
      const resting = orders[i] as PaperOrder;
      if (resting.side !== oppositeSide(aggressor) || !reaches(resting.side, resting.priceTicks, priceTicks)) continue;
      let reachingLots = leftLots;
      if (resting.priceTicks === priceTicks) {
        // Unknown queue: nobody can say that it was our turn.
        reachingLots = resting.queueAheadLots < 0 ? 0 : Math.max(0, leftLots - resting.queueAheadLots);
        queueTraded(resting, leftLots);
      } else {
        resting.queueAheadLots = 0;
      }
      showQueue(resting);
      const fillLots = Math.min(reachingLots, resting.remainingLots);
      if (fillLots === 0) continue;
      leftLots -= fillLots;
      this.#fill(resting, resting.priceTicks, fillLots, true);
      if (resting.remainingLots === 0) this.#removeAt(orders, i--);
    }
  }

  #request(kind: RequestKind, instrument: number, timeNs: number): Request {
    const request = this.#requests.push(Math.max(timeNs, this.#nowNs) + this.#latencyNs);
    request.kind = kind;
    request.instrument = instrument;
    request.order = undefined;
    return request;
  }

  #arrive(request: Request): void {
    const orders = this.#resting[request.instrument] as PaperOrder[];
    if (request.kind === RequestKind.place) {
      this.#arriveOrder(request);
    } else if (request.kind === RequestKind.cancelAll) {
      while (orders.length > 0) this.#cancelAt(orders, 0);
    } else if (request.kind === RequestKind.queryOpen) {
      const slot = this.#report(RecordKind.openOrdersReport, request.instrument, orders.length);
      slot.aux = 1;
    } else {
      const at = orders.findIndex((o) => o.orderNumber === request.orderNumber);
      if (request.kind === RequestKind.cancel) {
        if (at >= 0) this.#cancelAt(orders, at);
        else this.#report(RecordKind.cancelRejected, request.instrument, request.orderNumber).setText('Unknown order');
      } else if (at >= 0) {
        const slot = this.#report(RecordKind.orderAccepted, request.instrument, request.orderNumber);
        slot.aux = (orders[at] as PaperOrder).venueOrderId;
      } else {
        this.#report(RecordKind.orderRejected, request.instrument, request.orderNumber).setText('Not at the venue');
      }
    }
  }

  #arriveOrder(request: Request): void {
    const book = this.#books[request.instrument] as OrderBook;
    const { side, priceTicks } = request;
    const best = side === Side.buy ? book.bestAskTicks : book.bestBidTicks;
    const marketable = best !== 0 && reaches(side, priceTicks, best);
    if (request.postOnly && marketable) {
      this.#report(RecordKind.orderRejected, request.instrument, request.orderNumber).setText(
        'Post-only order would take at once',
      );
      return;
    }
    const order = this.#pool.pop() ?? new PaperOrder();
    order.orderNumber = request.orderNumber;
    order.instrument = request.instrument;
    order.side = side;
    order.priceTicks = priceTicks;
    order.remainingLots = request.sizeLots;
    order.venueOrderId = this.#idBase + this.#nextOrderId++;
    order.order = request.order;
    const slot = this.#report(RecordKind.orderAccepted, request.instrument, request.orderNumber);
    slot.aux = order.venueOrderId;
    slot.priceTicks = priceTicks;
    slot.sizeLots = request.sizeLots;
    slot.side = side;
    if (marketable) this.#takeVisible(order, false);
    if (order.remainingLots === 0) {
      this.#pool.push(order);
    } else if (request.immediateOrCancel) {
      this.#reportCancelled(order);
      this.#pool.push(order);
    } else {
      startQueue(order, book.hasBothSides ? book.sizeAt(side, priceTicks) : -1);
      (this.#resting[request.instrument] as PaperOrder[]).push(order);
      showQueue(order);
    }
  }

  /** Fills from the displayed other side up to the order's price; a resting order gets its own price as the maker. */
  #takeVisible(order: PaperOrder, maker: boolean): void {
    const book = this.#books[order.instrument] as OrderBook;
    const taken = this.#taken[order.instrument] as TakenLiquidity;
    const other = oppositeSide(order.side);
    let first = 0;
    for (let wanted = FIRST_LEVELS; ; wanted = MAX_LEVELS) {
      const count = book.copyTop(other, wanted, this.#prices, this.#sizes);
      for (let i = first; i < count; i++) {
        const price = this.#prices[i] as number;
        if (!reaches(order.side, order.priceTicks, price)) return;
        const shown = (this.#sizes[i] as number) - taken.takenAt(other, price);
        const lots = Math.min(shown, order.remainingLots);
        if (lots <= 0) continue;
        taken.take(other, price, lots);
        this.#fill(order, maker ? order.priceTicks : price, lots, maker);
        if (order.remainingLots === 0) return;
      }
      if (count < wanted || wanted === MAX_LEVELS) return;
      first = count;
    }
  }

  #fill(order: PaperOrder, priceTicks: number, sizeLots: number, maker: boolean): void {
    const spec = this.#specs[order.instrument] as InstrumentSpec;
    order.remainingLots -= sizeLots;
    const slot = this.#report(RecordKind.orderFill, order.instrument, order.orderNumber);
    slot.side = order.side;
    slot.priceTicks = priceTicks;
    slot.sizeLots = sizeLots;
    slot.aux = this.#idBase + this.#nextTradeId++;
    slot.value = priceTicks * sizeLots * quotePerTickLot(spec) * (maker ? spec.makerFee : spec.takerFee);
    if (maker) slot.flags |= RecordFlag.snapshotOrMaker;
  }

  #cancelAt(orders: PaperOrder[], at: number): void {
    this.#reportCancelled(orders[at] as PaperOrder);
    this.#removeAt(orders, at);
  }

  #removeAt(orders: PaperOrder[], at: number): void {
    this.#pool.push(orders[at] as PaperOrder);
    orders.splice(at, 1);
  }

  #reportCancelled(order: PaperOrder): void {
    const slot = this.#report(RecordKind.orderCancelled, order.instrument, order.orderNumber);
    slot.side = order.side;
    slot.priceTicks = order.priceTicks;
    slot.sizeLots = order.remainingLots;
  }

  #report(kind: number, instrument: number, id: number): EventSlot {
    const dueNs = this.#nowNs + this.#latencyNs;
    const { slot } = this.#reports.push(dueNs);
    slot.begin(kind, instrument, dueNs);
    slot.flags = RecordFlag.derived;
    slot.id = id;
    return slot;
  }
}

/** True when a price on the other side, or a trade, is at or through a limit. */
function reaches(side: Side, limitTicks: number, priceTicks: number): boolean {
  return side === Side.buy ? priceTicks <= limitTicks : priceTicks >= limitTicks;
}

/** Shows the queue on the step's order, unless that pooled object has moved on to another order. */
function showQueue(resting: PaperOrder): void {
  const { order } = resting;
  if (order === undefined || order.orderNumber !== resting.orderNumber || order.isTerminal) return;
  order.queueAheadLots = resting.queueAheadLots;
  order.tradedSinceUpdateLots = resting.tradedSinceUpdateLots;
}
