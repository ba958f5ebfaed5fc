import { AlertLevel, BookState, nameOf, OrderSource, RecordKind, StrategyState } from '../contract/record.ts';
import { checkParameters, type ParameterValues } from '../contract/strategy-parameters.ts';
import type { StrategyView } from '../contract/trading-messages.ts';
import type { InstrumentSpec, Side } from '../contract/units.ts';
import type { BookFlow } from '../market/book-flow.ts';
import type { BookFeatures } from '../market/features.ts';
import type { OrderBook } from '../market/order-book.ts';
import type { TradeFeatures } from '../market/trade-features.ts';
import { createStrategy, strategySchema } from '../strategy/registry.ts';
import type { Strategy, StrategyContext, StrategyOrder } from '../strategy/strategy.ts';
import type { JournalledOutput } from './journalled-output.ts';
import type { Order } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { quotePerTickLot, type Position } from './position.ts';
import type { TradingState } from './trading-state.ts';

/** A strategy asks on every tick; a cancel that the venue keeps refusing must not become a storm of requests. */
const CANCEL_AGAIN_NS = 1e9;

/** Runs one strategy on one instrument: its context, its life, its parameters. */
export class StrategyHost implements StrategyContext {
  readonly #state: TradingState;
  readonly #output: JournalledOutput;
  readonly #desk: OrderDesk;
  #name: string;
  #instrument: number;
  #parameters: ParameterValues;
  #strategy: Strategy | undefined;
  #runState: StrategyState = StrategyState.stopped;
  #reason = '';
  #quotePerTickLot = 0;
  /** Engine time of the last cancel asked for, ns, by order that is not over. */
  readonly #cancelAskedNs = new Map<number, number>();

  /** @param name `none` for no strategy. @throws RangeError on an unknown name, instrument or bad parameters. */
  constructor(
    state: TradingState,
    output: JournalledOutput,
    desk: OrderDesk,
    name: string,
    instrument: number,
    parameters: ParameterValues,
  ) {
    this.#state = state;
    this.#output = output;
    this.#desk = desk;
    this.#name = name;
    this.#instrument = instrument;
    this.#parameters = {};
    this.#configure(name, instrument, parameters);
  }

  get running(): boolean {
    return this.#runState === StrategyState.running;
  }
  /** Instrument it runs on. */
  get instrument(): number {
    return this.#instrument;
  }

  // StrategyContext
  get spec(): InstrumentSpec {
    return this.#state.instruments[this.#instrument] as InstrumentSpec;
  }
  get timeNs(): number {
    return this.#state.nowNs;
  }
  get book(): OrderBook {
    return this.#state.books[this.#instrument] as OrderBook;
  }
  get bookLive(): boolean {
    return this.#state.tradableState(this.#instrument) === BookState.live;
  }
  get bookFeatures(): BookFeatures {
    return this.#state.features[this.#instrument] as BookFeatures;
  }
  get bookFlow(): BookFlow {
    return this.#state.bookFlows[this.#instrument] as BookFlow;
  }
  get tradeFeatures(): TradeFeatures {
    return this.#state.tradeFeatures[this.#instrument] as TradeFeatures;
  }
  get lastPriceTicks(): number {
    return this.#state.lastPriceTicks[this.#instrument] as number;
  }
  get ownPositionLots(): number {
    return (this.#state.strategyPositions[this.#instrument] as Position).positionLots;
  }
  get ownAveragePriceTicks(): number {
    return (this.#state.strategyPositions[this.#instrument] as Position).averagePriceTicks;
  }
  get positionLots(): number {
    return (this.#state.positions[this.#instrument] as Position).positionLots;
  }
  get lastBlock(): number {
    return this.#desk.blockCode;
  }
  valueOf(priceTicks: number, sizeLots: number): number {
    return priceTicks * sizeLots * this.#quotePerTickLot;
  }
  place(side: Side, priceTicks: number, sizeLots: number, flags: number): number {
    if (!this.running) return 0;
    return this.#desk.place(OrderSource.strategy, this.#instrument, side, priceTicks, sizeLots, flags, 0);
  }
  cancel(orderNumber: number): boolean {
    const order = this.#own(orderNumber);
    if (order === undefined) return false;
    const beforeNs = this.#cancelAskedNs.get(orderNumber);
    if (beforeNs !== undefined && this.timeNs - beforeNs < CANCEL_AGAIN_NS) return false;
    if (this.#desk.cancel(order, OrderSource.strategy) !== '') return false;
    this.#cancelAskedNs.set(orderNumber, this.timeNs);
    return true;
  }
  order(orderNumber: number): StrategyOrder | undefined {
    return this.#own(orderNumber);
  }

  view(): StrategyView {
    return {
      name: this.#name,
      instrument: this.#instrument,
      state: nameOf(StrategyState, this.#runState),
      reason: this.#reason,
      parameters: this.#parameters,
    };
  }

  /** @throws RangeError when it cannot be started; nothing has changed then. */
  start(name: string, instrument: number, parameters: ParameterValues): void {
    if (this.running) throw new RangeError(`Strategy: expected stopped, was running (${this.#name})`);
    if (name === 'none') throw new RangeError('Strategy: expected a name, was "none"');
    this.#configure(name, instrument, parameters);
    this.#show(StrategyState.running, 'started');
    this.#strategy?.onStart(this);
  }

  /** As configured, at the session's start. */
  autoStart(): void {
    if (this.#name !== 'none') this.start(this.#name, this.#instrument, this.#parameters);
  }

  /** Stops and cancels its working orders; a position stays. */
  stop(state: StrategyState, reason: string): void {
    if (this.running) {
      for (const order of this.#state.orders.live) {
        // By the host, not the strategy: these cancels are not held up by the order rate.
        if (order.source === OrderSource.strategy) this.#desk.cancel(order, OrderSource.manual);
      }
      this.#strategy?.onStop(this);
    } else if (this.#runState === state || this.#name === 'none') {
      return;
    }
    this.#show(state, reason);
  }

  /** @throws RangeError naming the field and the value; the old parameters stay. */
  setParameters(parameters: ParameterValues): void {
    this.#configure(this.#name, this.#instrument, parameters);
    this.#output.listener.onStrategy?.(this.view());
  }

  onBook(): void {
    if (this.running) this.#strategy?.onBook(this);
  }
  onTrade(side: Side, priceTicks: number, sizeLots: number): void {
    if (this.running) this.#strategy?.onTrade(this, side, priceTicks, sizeLots);
  }
  onTimer(): void {
    if (this.running) this.#strategy?.onTimer(this);
  }
  onOrder(order: Order): void {
    if (order.isTerminal) this.#cancelAskedNs.delete(order.orderNumber);
    if (this.running && this.#isOwn(order)) this.#strategy?.onOrder(this, order);
  }
  onFill(order: Order, priceTicks: number, sizeLots: number): void {
    if (this.running && this.#isOwn(order)) this.#strategy?.onFill(this, order, priceTicks, sizeLots);
  }

  #own(orderNumber: number): Order | undefined {
    const order = this.#state.orders.get(orderNumber);
    return order !== undefined && this.#isOwn(order) ? order : undefined;
  }

  #isOwn(order: Order): boolean {
    return order.source === OrderSource.strategy && order.instrument === this.#instrument;
  }

  #configure(name: string, instrument: number, parameters: ParameterValues): void {
    const spec = this.#state.instruments[instrument];
    if (spec === undefined) {
      throw new RangeError(`instrument: expected 0..${this.#state.instruments.length - 1}, was ${instrument}`);
    }
    if (name !== 'none') {
      const checked = checkParameters(strategySchema(name), parameters);
      if (this.#strategy === undefined || this.#name !== name) this.#strategy = createStrategy(name);
      this.#strategy.onParameters(checked);
      this.#parameters = checked;
    }
    this.#name = name;
    this.#instrument = instrument;
    this.#quotePerTickLot = quotePerTickLot(spec);
  }

  #show(state: StrategyState, reason: string): void {
    this.#runState = state;
    this.#reason = reason;
    const slot = this.#output.begin(RecordKind.strategyState, this.#instrument);
    slot.id = state;
    this.#output.emit(slot.setText(reason));
    if (state === StrategyState.halted) this.#output.alert(AlertLevel.warning, `Strategy halted: ${reason}`);
    this.#output.listener.onStrategy?.(this.view());
  }
}
