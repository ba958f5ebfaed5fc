import {
  BookState,
  nameOf,
  OrderSource,
  RecordFlag,
  RecordKind,
  StrategyCommand,
  KillState,
  StrategyState,
} from '../contract/record.ts';
import type { RiskRails } from '../contract/risk-rails.ts';
import type { ParameterValues } from '../contract/strategy-parameters.ts';
import type { BookStateName, KillView, PositionView, StrategyView } from '../contract/trading-messages.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { CandleBuilder } from '../market/candles.ts';
import type { BookFeatures } from '../market/features.ts';
import type { OrderBook } from '../market/order-book.ts';
import type { TradeStatistics } from '../market/trade-statistics.ts';
import { RiskRailsCheck } from '../risk/risk-rails.ts';
import { ActionQueue } from './action-queue.ts';
import {
  applyCheckpoint,
  emptyDormantAccount,
  MAX_CHECKPOINT_BYTES,
  takeDormantAccount,
  wakeDormantAccount,
  writeCheckpoint,
} from './checkpoint.ts';
import { decodeCheckpoint } from './checkpoint-format.ts';
import { JournalledOutput } from './journalled-output.ts';
import { KillDesk } from './kill-desk.ts';
import { MarketUpdates } from './market-updates.ts';
import type { Order } from './order.ts';
import { OrderDesk } from './order-desk.ts';
import { OrderReports } from './order-reports.ts';
import { DEFAULT_PAPER_LATENCY_NS, PaperExchange } from './paper-exchange.ts';
import { Reconciliation } from './reconciliation.ts';
import { RestoredInstruments } from './restored-instruments.ts';
import { StrategyHost } from './strategy-host.ts';
import type {
  IntentOutcome,
  OrderActions,
  TradingCoreOptions,
  TradingCounters,
  TradingViews,
} from './trading-core-options.ts';
import { TradingState } from './trading-state.ts';
import { alertView, orderView, positionView } from './trading-views.ts';

/**
 * The pure trading step: records in, actions and derived records out. No clock, no IO, no randomness; live trading,
 * paper trading, replay and recovery drive this same class, and equal inputs give equal decisions.
 *
 * Every input goes through {@link step}, in the order of the journal. What the step makes itself leaves through
 * `options.derived` (flag `derived`), what it asks of the venue through `options.actions` once the step is done.
 */
export class TradingCore {
  readonly #options: TradingCoreOptions;
  readonly #state: TradingState;
  readonly #output: JournalledOutput;
  readonly #actions: ActionQueue;
  readonly #rails: RiskRailsCheck;
  readonly #desk: OrderDesk;
  readonly #reconciliation: Reconciliation;
  readonly #strategy: StrategyHost;
  readonly #kill: KillDesk;
  readonly #reports: OrderReports;
  readonly #market: MarketUpdates;
  readonly #paper: PaperExchange | undefined;
  #started = false;
  #stepping = false;
  /** Kill state of the older session; undefined once recovery is over. */
  #restoredKill: KillState | undefined;
  #dormant = emptyDormantAccount();
  readonly #restoredInstruments: RestoredInstruments;

  readonly intentOutcome: IntentOutcome = { ok: true, error: '', orderNumber: 0 };

  /** @throws RangeError naming field and value when instruments, rails or strategy are not usable. */
  constructor(options: TradingCoreOptions) {
    const { instruments, sessionNumber, clientIdPrefix, stageClock } = options;
    if (!Number.isSafeInteger(sessionNumber) || sessionNumber < 1 || sessionNumber > 1e9) {
      throw new RangeError(`sessionNumber: expected 1 to 10^9, was ${sessionNumber}`);
    }
    const isPaper = options.execution === 'paper';
    this.#options = options;
    const state = new TradingState(instruments, options.originUs, isPaper);
    const output = new JournalledOutput(state, options.derived, options.listener ?? {});
    this.#state = state;
    this.#restoredInstruments = new RestoredInstruments(state);
    this.#output = output;
    this.#actions = new ActionQueue(options.actions);
    if (isPaper) {
      const latencyNs = options.paper?.latencyNs ?? DEFAULT_PAPER_LATENCY_NS;
      this.#paper = new PaperExchange(state.instruments, state.books, latencyNs, sessionNumber, (slot) =>
        this.#onPaperReport(slot),
      );
    }
    // The paper exchange only takes notes of what is asked; a real venue may answer from inside the call.
    const actions: OrderActions = this.#paper ?? this.#actions;
    this.#rails = new RiskRailsCheck(state.instruments, options.rails);
    this.#reconciliation = new Reconciliation(state, output, actions);
    this.#desk = new OrderDesk({
      state,
      output,
      rails: this.#rails,
      actions,
      sessionNumber,
      clientIdPrefix,
      killActive: () => this.#kill.active,
      stageClock,
    });
    const { name, instrument, parameters } = options.strategy;
    this.#strategy = new StrategyHost(state, output, this.#desk, name, instrument, parameters);
    this.#kill = new KillDesk({
      state,
      output,
      rails: this.#rails,
      desk: this.#desk,
      reconciliation: this.#reconciliation,
      strategy: this.#strategy,
    });
    this.#reports = new OrderReports({
      state,
      output,
      desk: this.#desk,
      reconciliation: this.#reconciliation,
      observer: this.#strategy,
      estimateQueues: !isPaper,
    });
    this.#market = new MarketUpdates(state, output, this.#actions, this.#strategy, this.#paper, stageClock);
  }

  get instruments(): readonly InstrumentSpec[] {
    return this.#state.instruments;
  }
  get books(): readonly OrderBook[] {
    return this.#state.books;
  }
  get features(): readonly BookFeatures[] {
    return this.#state.features;
  }
  get candles(): readonly CandleBuilder[] {
    return this.#state.candles;
  }
  get tradeStatistics(): readonly TradeStatistics[] {
    return this.#state.tradeStatistics;
  }
  /** BookState per instrument. */
  get bookStates(): Uint8Array {
    return this.#state.bookStates;
  }
  /** How often the book of the instrument came into each state. */
  bookStateChanges(instrument: number): Partial<Record<BookStateName, number>> {
    return this.#state.integrity.changesInto(instrument);
  }
  /** How often the applied book of each instrument was crossed. */
  get crossedBooks(): readonly number[] {
    return this.#state.crossedBooks;
  }
  get counters(): TradingCounters {
    return this.#state.counters;
  }
  get rails(): RiskRails {
    return this.#rails.rails;
  }
  /** Orders that are not terminal, oldest first; the array belongs to the core. */
  get workingOrders(): readonly Order[] {
    return this.#state.orders.live;
  }
  /** Engine time of the newest market event, ns. */
  get lastMarketNs(): number {
    return this.#state.lastMarketNs;
  }
  order(orderNumber: number): Order | undefined {
    return this.#state.orders.get(orderNumber);
  }
  /** Next order number, for orders that the venue adapter adopts. */
  allocateOrderNumber(): number {
    return this.#desk.allocateOrderNumber();
  }
  /** Number of an adopted order that is not over, by its client id; 0 when there is none. */
  adoptedNumberOf(clientId: string): number {
    for (const order of this.#state.orders.live) if (order.adoptedClientId === clientId) return order.orderNumber;
    return 0;
  }
  positionView(instrument: number): PositionView {
    return positionView(this.#state, instrument);
  }
  strategyView(): StrategyView {
    return this.#strategy.view();
  }
  killView(): KillView {
    return this.#kill.view();
  }
  /** SHA-256 over every decision so far, hex. */
  decisionHash(): string {
    return this.#state.hash.digest();
  }

  snapshotViews(): TradingViews {
    const state = this.#state;
    return {
      orders: state.orders.all().map((order) => orderView(order, this.#options.clientIdPrefix)),
      fills: state.fills.toArray(),
      positions: state.instruments.map((spec) => positionView(state, spec.index)),
      alerts: state.alerts.toArray(),
      strategy: this.#strategy.view(),
      kill: this.#kill.view(),
      bookStates: state.instruments.map((spec) => ({
        instrument: spec.index,
        state: nameOf(BookState, state.bookStates[spec.index] as number),
        reason: state.bookStateReasons[spec.index] as string,
      })),
      integrity: state.integrity.views(),
    };
  }

  /**
   * Consumes one input record.
   * @throws RangeError on a record that is derived or of no input kind, Error when called from inside a step.
   */
  step(slot: EventSlot): void {
    if (this.#stepping) throw new Error('Expected one step at a time, was called from inside a step');
    // Most records are levels behind the first of their message: no time passes, and nothing is asked for. Kept short, so
    // that the compiler takes the whole of it into the loop over a message.
    if (
      slot.kind === RecordKind.level &&
      slot.timeNs <= this.#state.nowNs &&
      this.#started &&
      this.#paper?.isBusy !== true
    ) {
      this.#market.level(slot);
    } else {
      this.#stepWhole(slot);
    }
  }

  #stepWhole(slot: EventSlot): void {
    this.#stepping = true;
    try {
      const state = this.#state;
      const timeNs = slot.timeNs;
      // Once a message rather than once a level: the time handed on is boxed.
      if (timeNs > state.nowNs || !this.#started) this.#passTime(timeNs);
      else if (this.#paper?.isBusy === true) this.#paper.advance(timeNs);
      const { kind } = slot;
      if (kind >= RecordKind.snapshotBegin && kind <= RecordKind.bookState) this.#market.apply(slot);
      else this.#dispatch(slot);
    } finally {
      this.#stepping = false;
    }
    this.#actions.flush();
    this.#desk.showSent();
  }

  /**
   * Recovery: takes one record of an earlier session, input or derived, and decides nothing. Rebuilds orders, positions,
   * fills, alerts and the kill state; records of other kinds pass by. Feed `instrument` records too: a session may have
   * numbered its instruments otherwise, or traded some that are not traded now (they are only handed on to the next
   * checkpoint).
   */
  restore(slot: EventSlot): void {
    const state = this.#state;
    if (slot.kind === RecordKind.instrument) {
      this.#restoredInstruments.add(slot);
      return;
    }
    state.restoring = true;
    try {
      const { kind } = slot;
      if (kind === RecordKind.sessionStart) {
        state.originUs = slot.value;
        this.#restoredInstruments.onSessionStart();
        // What finishRestore did in that session: the fate of what was open then was asked for anew.
        for (const order of state.orders.live) state.orders.becameUnknown(order, state.timeUs(slot.timeNs));
      } else if (isOrderRecord(kind)) {
        const instrument = this.#restoredInstruments.indexNow(slot.instrument);
        if (instrument < 0) return;
        slot.instrument = instrument;
        this.#reports.apply(slot);
      } else if (kind === RecordKind.killState) this.#restoredKill = slot.id as KillState;
      else if (kind === RecordKind.alert) state.alerts.push(alertView(slot, state.timeUs(slot.timeNs)));
    } finally {
      state.restoring = false;
    }
  }

  /**
   * Everything that {@link restore} would rebuild from all records so far, as text of a `checkpoint` record; call it
   * between steps. What is kept for the screen is bounded, and less of it is kept where the text would be too long.
   * @throws RangeError when positions and live orders alone take more than `maxBytes`.
   */
  checkpoint(maxBytes = MAX_CHECKPOINT_BYTES): string {
    return writeCheckpoint(
      {
        state: this.#state,
        instruments: this.#restoredInstruments,
        dormant: this.#dormant,
        killState: this.#restoredKill ?? this.#kill.state,
        lastOrderNumber: this.#desk.lastOrderNumber,
      },
      maxBytes,
    );
  }

  /**
   * Recovery: starts from a checkpoint in place of the records before it; {@link restore} those behind it. Replaces
   * what was restored before. @throws CheckpointError on an unusable one; nothing has changed then.
   */
  restoreCheckpoint(text: string): void {
    const checkpoint = decodeCheckpoint(text);
    applyCheckpoint(checkpoint, this.#state, this.#restoredInstruments);
    this.#desk.reserveNumber(checkpoint.lastOrderNumber);
    this.#restoredKill = checkpoint.killState as KillState;
  }

  /**
   * End of recovery. With a venue every order that is not over is `unknown` until the venue has told, and a kill that
   * was under way is taken up again. On paper the exchange has forgotten its orders and the recording begins anew, so
   * open orders end as cancelled and the session starts with a fresh account: its decisions depend on nothing but the
   * recording. Counters start from 0.
   */
  finishRestore(timeNs: number): void {
    const state = this.#state;
    state.nowNs = timeNs;
    state.originUs = this.#options.originUs;
    const { counters } = state;
    for (const key of Object.keys(counters) as (keyof TradingCounters)[]) {
      if (key === 'blockedByCode') counters.blockedByCode.fill(0);
      else counters[key] = 0;
    }
    // The paper account begins anew, with nothing to hand on.
    if (this.#paper !== undefined) takeDormantAccount(state);
    for (const order of state.orders.live) {
      if (this.#paper === undefined) {
        state.orders.becameUnknown(order, state.timeUs(timeNs));
      } else {
        const slot = this.#output.begin(RecordKind.orderCancelled, order.instrument);
        slot.id = order.orderNumber;
        slot.sizeLots = order.remainingLots;
        this.#output.emit(slot.setText('The paper exchange was restarted'));
      }
    }
    const killState = this.#restoredKill ?? KillState.idle;
    this.#restoredKill = undefined;
    this.#restoredInstruments.nameAll();
    if (this.#paper !== undefined) state.forgetAccount();
    state.rollDay(timeNs);
    this.#dormant = takeDormantAccount(state);
    if (this.#paper === undefined) this.#kill.restore(killState);
  }

  #passTime(timeNs: number): void {
    const state = this.#state;
    this.#paper?.advance(timeNs);
    if (timeNs > state.nowNs) state.nowNs = timeNs;
    state.rollDay(state.nowNs);
    if (!this.#started) this.#start();
  }

  #start(): void {
    this.#started = true;
    if (this.#options.strategy.autoStart && !this.#kill.active) this.#strategy.autoStart();
  }

  #dispatch(slot: EventSlot): void {
    const { kind } = slot;
    if (kind === RecordKind.timer) {
      this.#strategy.onTimer();
      this.#reconciliation.onTimer();
      this.#kill.advance();
      return;
    }
    if (slot.has(RecordFlag.derived)) throw new RangeError(`Expected an input record, was derived of kind ${kind}`);
    if (kind >= RecordKind.intentPlace && kind <= RecordKind.intentRails) this.#intent(slot);
    else if (isOrderRecord(kind) && kind !== RecordKind.orderSubmitted && kind !== RecordKind.cancelSubmitted) {
      this.#reports.apply(slot);
      this.#kill.advance();
    } else if (kind === RecordKind.openOrdersReport) {
      this.#kill.onOpenOrders(slot.instrument, slot.id, slot.aux === 1);
    } else if (kind === RecordKind.orderEntryState) {
      this.#reconciliation.onOrderEntryState(slot.id === 1);
      this.#kill.advance();
    } else if (kind === RecordKind.sessionStart) {
      this.#state.originUs = slot.value;
    } else if (kind === RecordKind.alert) {
      this.#output.show(alertView(slot, this.#state.timeUs(slot.timeNs)));
    } else if (kind === RecordKind.instrument) {
      this.#addInstrument(slot);
    } else if (kind !== RecordKind.balance && kind !== RecordKind.sessionEnd) {
      throw new RangeError(`Expected an input record, was kind ${kind}`);
    }
  }

  /** One behind those that are known joins them; a session's own list, written at its start, only repeats them. */
  #addInstrument(slot: EventSlot): void {
    const state = this.#state;
    const index = slot.instrument;
    if (index < state.instruments.length) return;
    state.addInstrument(JSON.parse(slot.text) as InstrumentSpec);
    this.#rails.instrumentAdded();
    this.#paper?.instrumentAdded();
    this.#kill.instrumentAdded();
    this.#restoredInstruments.name(index, index);
    this.#dormant = wakeDormantAccount(this.#dormant, state, index);
    if (state.orderEntryUp) this.#reconciliation.askOpenOrders(index);
  }

  #onPaperReport(slot: EventSlot): void {
    const state = this.#state;
    if (slot.timeNs > state.nowNs) state.nowNs = slot.timeNs;
    slot.exchangeTimeUs = state.timeUs(slot.timeNs);
    this.#output.emit(slot);
    if (slot.kind === RecordKind.openOrdersReport) this.#kill.onOpenOrders(slot.instrument, slot.id, slot.aux === 1);
    else {
      this.#reports.apply(slot);
      this.#kill.advance();
    }
  }

  #intent(slot: EventSlot): void {
    const outcome = this.intentOutcome;
    outcome.ok = true;
    outcome.error = '';
    outcome.orderNumber = 0;
    try {
      const refused = this.#handleIntent(slot);
      if (refused !== '') {
        outcome.ok = false;
        outcome.error = refused;
      }
    } catch (error) {
      // Bad parameters, rails or instrument: the sender is told, the step goes on unchanged.
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      outcome.ok = false;
      outcome.error = error.message;
    }
  }

  /** Returns why not, or an empty string. */
  #handleIntent(slot: EventSlot): string {
    const state = this.#state;
    switch (slot.kind) {
      case RecordKind.intentPlace: {
        const flags = slot.flags & (RecordFlag.postOnly | RecordFlag.immediateOrCancel | RecordFlag.reduceOnly);
        // Whoever sends it, an intent from outside is a manual order: no other source may be claimed.
        const { instrument, side, priceTicks, sizeLots, id } = slot;
        const number = this.#desk.place(OrderSource.manual, instrument, side, priceTicks, sizeLots, flags, id);
        this.intentOutcome.orderNumber = number;
        return number === 0 ? this.#desk.blockReason : '';
      }
      case RecordKind.intentCancel: {
        const order = state.orders.get(slot.id);
        if (order === undefined) return `Order number: expected a known order, was ${slot.id}`;
        return this.#desk.cancel(order, OrderSource.manual);
      }
      case RecordKind.intentCancelAll:
        for (const order of state.orders.live) {
          if (order.instrument === slot.instrument) this.#desk.cancel(order, OrderSource.manual);
        }
        return '';
      case RecordKind.intentKill:
        this.#kill.press();
        return '';
      case RecordKind.intentKillReset:
        return this.#kill.reset() ? '' : `Kill switch: expected flatConfirmed or alarm, was ${this.#kill.view().state}`;
      case RecordKind.intentStrategy:
        return this.#strategyIntent(slot);
      default:
        this.#rails.replace(JSON.parse(slot.text));
        this.#output.listener.onRails?.(this.#rails.rails);
        return '';
    }
  }

  #strategyIntent(slot: EventSlot): string {
    if (slot.id === StrategyCommand.stop) {
      this.#strategy.stop(StrategyState.stopped, slot.text === '' ? 'stopped by hand' : slot.text);
      return '';
    }
    const { name, parameters } = parseStrategyText(slot.text, this.#strategy.view().name);
    if (slot.id === StrategyCommand.parameters) {
      this.#strategy.setParameters(parameters);
      return '';
    }
    if (this.#kill.active) return 'Kill switch: expected released, was active';
    this.#strategy.start(name, slot.instrument, parameters);
    return '';
  }
}

function isOrderRecord(kind: number): boolean {
  return (
    (kind >= RecordKind.orderSubmitted && kind <= RecordKind.orderUnknown) ||
    (kind >= RecordKind.cancelSubmitted && kind <= RecordKind.orderAdopted)
  );
}

/** `{"name", "parameters"}`, or the parameters alone. @throws SyntaxError, RangeError */
function parseStrategyText(text: string, currentName: string): { name: string; parameters: ParameterValues } {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`Strategy: expected a JSON object, was ${text}`);
  }
  const { name, parameters } = value as { name?: unknown; parameters?: unknown };
  if (parameters === undefined && name === undefined) {
    return { name: currentName, parameters: value as ParameterValues };
  }
  if (name !== undefined && typeof name !== 'string') {
    throw new RangeError(`Strategy name: expected a string, was ${JSON.stringify(name)}`);
  }
  if (parameters !== undefined && (typeof parameters !== 'object' || parameters === null)) {
    throw new RangeError(`Strategy parameters: expected an object, was ${JSON.stringify(parameters)}`);
  }
  return { name: name ?? currentName, parameters: (parameters ?? {}) as ParameterValues };
}
