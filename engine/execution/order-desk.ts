import { AlertLevel, OrderSource, type RailCode, RecordFlag, RecordKind } from '../contract/record.ts';
import { Side, type InstrumentSpec } from '../contract/units.ts';
import { railReason } from '../risk/rail-reason.ts';
import { RiskContext, type RiskRailsCheck } from '../risk/risk-rails.ts';
import { DecisionKind } from './decision-hash.ts';
import type { JournalledOutput } from './journalled-output.ts';
import { OrderStatusCode, type Order } from './order.ts';
import type { NewOrder } from './order-table.ts';
import type { OrderActions, StageClock } from './trading-core-options.ts';
import type { TradingState } from './trading-state.ts';
import { orderView } from './trading-views.ts';

/** Order numbers of one session: sessionNumber * this + n. */
export const ORDERS_PER_SESSION = 1_000_000;

/** Pause between two alerts about the same rail refusing the strategy. */
const ALERT_AGAIN_NS = 30e9;

export interface OrderDeskOptions {
  state: TradingState;
  output: JournalledOutput;
  rails: RiskRailsCheck;
  actions: OrderActions;
  sessionNumber: number;
  clientIdPrefix: string;
  killActive: () => boolean;
  stageClock: StageClock | undefined;
}

/** The way out: checks an order against the rails, numbers it, journals it, sends it; cancels likewise. */
export class OrderDesk {
  readonly #state: TradingState;
  readonly #output: JournalledOutput;
  readonly #rails: RiskRailsCheck;
  readonly #actions: OrderActions;
  readonly #firstNumber: number;
  readonly #clientIdPrefix: string;
  readonly #killActive: () => boolean;
  readonly #stageClock: StageClock | undefined;
  readonly #context = new RiskContext();
  readonly #new: NewOrder = {
    orderNumber: 0,
    instrument: 0,
    side: Side.none,
    priceTicks: 0,
    sizeLots: 0,
    source: OrderSource.manual,
    postOnly: false,
    immediateOrCancel: false,
    reduceOnly: false,
  };
  /** Orders and cancels of this step that the page has not been told of yet. */
  readonly #unshown: Order[] = [];
  #lastNumber = 0;
  #alertedCode = 0;
  #alertedNs = 0;
  /** Why the last order was refused; 0 when it was not. */
  blockCode: RailCode | 0 = 0;
  blockReason = '';

  constructor(options: OrderDeskOptions) {
    this.#state = options.state;
    this.#output = options.output;
    this.#rails = options.rails;
    this.#actions = options.actions;
    this.#firstNumber = options.sessionNumber * ORDERS_PER_SESSION;
    this.#clientIdPrefix = options.clientIdPrefix;
    this.#killActive = options.killActive;
    this.#stageClock = options.stageClock;
  }

  /** Next order number of this session. @throws RangeError when the session has used them all. */
  allocateOrderNumber(): number {
    if (this.#lastNumber >= ORDERS_PER_SESSION - 1) {
      throw new RangeError(`Expected at most ${ORDERS_PER_SESSION - 1} orders a session, was one more`);
    }
    return this.#firstNumber + ++this.#lastNumber;
  }

  /** Number given out last in this session; 0 for none. */
  get lastOrderNumber(): number {
    return this.#lastNumber === 0 ? 0 : this.#firstNumber + this.#lastNumber;
  }

  /** A number seen in a record of this session is taken. */
  reserveNumber(orderNumber: number): void {
    const relative = orderNumber - this.#firstNumber;
    if (relative > this.#lastNumber && relative < ORDERS_PER_SESSION) this.#lastNumber = relative;
  }

  /**
   * Checks and sends an order. Returns its number, or 0 with {@link blockCode} and {@link blockReason} set and an
   * orderBlocked record emitted. @param flags order bits of RecordFlag. @param requestId goes into orderBlocked.
   */
  place(
    source: OrderSource,
    instrument: number,
    side: Side,
    priceTicks: number,
    sizeLots: number,
    flags: number,
    requestId: number,
  ): number {
    const c = this.#context;
    c.source = source;
    c.side = side;
    c.priceTicks = priceTicks;
    c.sizeLots = sizeLots;
    c.postOnly = (flags & RecordFlag.postOnly) !== 0;
    c.immediateOrCancel = (flags & RecordFlag.immediateOrCancel) !== 0;
    c.reduceOnly = (flags & RecordFlag.reduceOnly) !== 0;
    const clock = this.#stageClock;
    const beforeNs = clock === undefined ? 0 : clock.nowNs();
    const code = this.#check(instrument);
    if (clock !== undefined) clock.check.record(clock.nowNs() - beforeNs);
    this.blockCode = code;
    if (code !== 0) {
      this.#block(code, instrument, requestId);
      return 0;
    }
    this.blockReason = '';
    return this.#send(instrument);
  }

  /**
   * Asks to cancel. An unknown order is looked up first; with order entry down the cancel waits for it. Returns why
   * nothing was done, or an empty string.
   */
  cancel(order: Order, source: OrderSource): string {
    const state = this.#state;
    if (order.isTerminal) return `Order ${order.orderNumber} is over already`;
    if (order.cancelSent || order.cancelWanted) return `Order ${order.orderNumber} is being cancelled already`;
    if (source === OrderSource.strategy) {
      if (!this.#rails.rateAllows(state.nowNs)) return 'Order rate: no cancel left in this second';
      this.#rails.countMessage(state.nowNs);
    }
    order.cancelWanted = true;
    if (order.status === OrderStatusCode.unknown || !state.orderEntryUp) return '';
    this.sendCancel(order);
    return '';
  }

  /** Sends a cancel at once. */
  sendCancel(order: Order): void {
    this.#submitCancel(order);
    this.#hash(DecisionKind.cancel, order);
    this.#actions.cancel(order, this.#state.nowNs);
  }

  /**
   * Cancels whatever the venue holds of an instrument with one request: a burst of single cancels would run into the
   * venue's own rate limit. Called again, it also repeats the cancels of orders that are still there one by one.
   */
  cancelEverything(instrument: number, keep: (order: Order) => boolean): void {
    const state = this.#state;
    if (!state.orderEntryUp) return;
    for (const order of state.orders.live) {
      if (order.instrument !== instrument || keep(order)) continue;
      if (order.status === OrderStatusCode.unknown) order.cancelWanted = true;
      else if (order.cancelSent) this.sendCancel(order);
      else this.#submitCancel(order);
    }
    state.hash.add(DecisionKind.cancelAll, instrument, Side.none, 0, 0, 0, 0, state.nowNs);
    this.#actions.cancelAll(instrument, state.nowNs);
  }

  /** Tells the page of what was sent in this step; to be called once it has left: an order does not wait for a screen. */
  showSent(): void {
    if (this.#unshown.length === 0) return;
    for (let i = 0; i < this.#unshown.length; i++) this.changed(this.#unshown[i] as Order);
    this.#unshown.length = 0;
  }

  /** Tells the page. */
  changed(order: Order): void {
    if (this.#state.restoring) return;
    this.#output.listener.onOrder?.(orderView(order, this.#clientIdPrefix));
  }

  /** Marks and journals a cancel that is about to leave. */
  #submitCancel(order: Order): void {
    const state = this.#state;
    state.orders.cancelSent(order, state.timeUs(state.nowNs));
    order.lastRequestNs = state.nowNs;
    const slot = this.#output.begin(RecordKind.cancelSubmitted, order.instrument);
    slot.id = order.orderNumber;
    slot.side = order.side;
    slot.priceTicks = order.priceTicks;
    slot.sizeLots = order.remainingLots;
    this.#output.emit();
    this.#unshown.push(order);
  }

  #check(instrument: number): RailCode | 0 {
    const state = this.#state;
    const c = this.#context;
    const position = state.positions[instrument];
    if (position === undefined) throw new RangeError(`Expected an instrument, was ${instrument}`);
    c.timeNs = state.nowNs;
    c.bookState = state.tradableState(instrument);
    c.referenceTicks = state.referenceTicks(instrument);
    c.positionLots = position.positionLots;
    c.workingBuyLots = 0;
    c.workingSellLots = 0;
    c.openOrders = 0;
    for (const order of state.orders.live) {
      if (order.instrument !== instrument) continue;
      c.openOrders++;
      if (order.side === Side.buy) c.workingBuyLots += order.remainingLots;
      else c.workingSellLots += order.remainingLots;
    }
    c.dayPnl = state.dayPnl();
    c.killActive = this.#killActive();
    c.orderEntryUp = state.orderEntryUp;
    return this.#rails.check(instrument, c);
  }

  #block(code: RailCode, instrument: number, requestId: number): void {
    const { counters, instruments } = this.#state;
    const c = this.#context;
    counters.blockedByRisk++;
    counters.blockedByCode[code] = (counters.blockedByCode[code] ?? 0) + 1;
    const limit = this.#rails.brokenLimit;
    this.blockReason = railReason(code, limit, instruments[instrument] as InstrumentSpec, c);
    const slot = this.#output.begin(RecordKind.orderBlocked, instrument);
    slot.id = requestId;
    slot.aux = code;
    slot.value = limit;
    slot.side = c.side;
    slot.priceTicks = c.priceTicks;
    slot.sizeLots = c.sizeLots;
    this.#output.emit(slot.setText(this.blockReason));
    if (c.source !== OrderSource.strategy) return;
    // A standing refusal repeats every second: the user is told once in a while, the journal has them all.
    const { nowNs } = this.#state;
    if (code === this.#alertedCode && nowNs - this.#alertedNs < ALERT_AGAIN_NS) return;
    this.#alertedCode = code;
    this.#alertedNs = nowNs;
    this.#output.alert(AlertLevel.info, `Strategy: ${this.blockReason}`);
  }

  #send(instrument: number): number {
    const state = this.#state;
    const c = this.#context;
    const fresh = this.#new;
    fresh.orderNumber = this.allocateOrderNumber();
    fresh.instrument = instrument;
    fresh.side = c.side;
    fresh.priceTicks = c.priceTicks;
    fresh.sizeLots = c.sizeLots;
    fresh.source = c.source;
    fresh.postOnly = c.postOnly;
    fresh.immediateOrCancel = c.immediateOrCancel;
    fresh.reduceOnly = c.reduceOnly;
    const order = state.orders.open(fresh, state.timeUs(state.nowNs));
    order.lastRequestNs = state.nowNs;
    this.#rails.countMessage(state.nowNs);
    state.counters.sent++;
    const slot = this.#output.begin(RecordKind.orderSubmitted, instrument);
    slot.id = order.orderNumber;
    slot.aux = c.source;
    slot.value = state.nowNs;
    slot.side = c.side;
    slot.priceTicks = c.priceTicks;
    slot.sizeLots = c.sizeLots;
    slot.flags = orderFlagsOf(order);
    this.#output.emit();
    this.#hash(DecisionKind.place, order);
    this.#actions.place(order, state.nowNs);
    this.#unshown.push(order);
    return order.orderNumber;
  }

  #hash(kind: DecisionKind, order: Order): void {
    this.#state.hash.add(
      kind,
      order.instrument,
      order.side,
      orderFlagsOf(order),
      order.priceTicks,
      order.sizeLots,
      order.orderNumber - this.#firstNumber,
      this.#state.nowNs,
    );
  }
}

/** Order bits of RecordFlag. */
export function orderFlagsOf(order: Order): number {
  return (
    (order.postOnly ? RecordFlag.postOnly : 0) |
    (order.immediateOrCancel ? RecordFlag.immediateOrCancel : 0) |
    (order.reduceOnly ? RecordFlag.reduceOnly : 0)
  );
}
