import { BookState, OrderSource, RecordFlag, RecordKind } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import type { AlertView } from '../contract/trading-messages.ts';
import { Side } from '../contract/units.ts';
import { EventSlot, type EventSink } from '../core/event-slot.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { isTerminal, type Order } from './order.ts';
import { TradingCore } from './trading-core.ts';
import type { ActionSink, TradingCoreOptions } from './trading-core-options.ts';

/** One action or derived record, plain, for comparing. */
export interface Sent {
  what: 'place' | 'cancel' | 'cancelAll' | 'queryOrder' | 'queryOpenOrders' | 'crossed';
  orderNumber: number;
  instrument: number;
  side: Side;
  priceTicks: number;
  sizeLots: number;
  source: number;
  flags: number;
}

/** A copy of a record, kept beyond the call. */
export interface KeptRecord {
  kind: number;
  id: number;
  aux: number;
  side: number;
  priceTicks: number;
  sizeLots: number;
  value: number;
  text: string;
  bytes: Uint8Array;
}

/** A trading core on a table top: actions and derived records are kept, events are made by short calls. */
export class Bench {
  readonly core: TradingCore;
  readonly sent: Sent[] = [];
  /** All records in journal order: inputs and derived. */
  readonly journal: KeptRecord[] = [];
  readonly alerts: AlertView[] = [];
  /** Called for every action, after it was kept: a venue. */
  onAction: ((sent: Sent, order: Order | undefined) => void) | undefined;
  timeNs = 0;
  /** A real journal in place of the kept one: it numbers the records. */
  sink: EventSink | undefined;
  readonly #slot = new EventSlot();
  #sequence = 0;
  #updateId = 1;
  #tradeId = 1;
  #fillId = 1;

  constructor(patch: Partial<TradingCoreOptions> = {}) {
    const keep = (what: Sent['what'], instrument: number, order?: Order): void => {
      const sent: Sent = {
        what,
        orderNumber: order?.orderNumber ?? 0,
        instrument,
        side: order?.side ?? Side.none,
        priceTicks: order?.priceTicks ?? 0,
        sizeLots: order?.sizeLots ?? 0,
        source: order?.source ?? 0,
        flags: order?.reduceOnly === true ? RecordFlag.reduceOnly : 0,
      };
      this.sent.push(sent);
      this.onAction?.(sent, order);
    };
    const actions: ActionSink = {
      place: (order) => keep('place', order.instrument, order),
      cancel: (order) => keep('cancel', order.instrument, order),
      cancelAll: (instrument) => keep('cancelAll', instrument),
      queryOrder: (order) => keep('queryOrder', order.instrument, order),
      queryOpenOrders: (instrument) => keep('queryOpenOrders', instrument),
      crossed: (instrument) => keep('crossed', instrument),
    };
    this.core = new TradingCore({
      instruments: [testInstrument()],
      rails: { ...defaultRiskRails, maxOrdersPerSecond: 1_000 },
      strategy: { name: 'none', parameters: {}, instrument: 0, autoStart: false },
      execution: 'venue',
      sessionNumber: 1,
      originUs: 1_700_000_000_000_000,
      clientIdPrefix: 't-',
      actions,
      derived: { emit: (slot) => this.#keep(slot) },
      listener: { onAlert: (alert) => this.alerts.push(alert) },
      ...patch,
    });
  }

  /** Any input record. */
  input(kind: number, fill: (slot: EventSlot) => void = () => undefined, instrument = 0): void {
    const slot = new EventSlot();
    slot.begin(kind, instrument, this.timeNs);
    fill(slot);
    this.#keep(slot);
    this.core.step(slot);
  }

  /** Moves time on by `ms`, in timer events of 50 ms. */
  wait(ms: number): void {
    const end = this.timeNs + ms * 1e6;
    while (this.timeNs < end) {
      this.timeNs = Math.min(end, this.timeNs + 50e6);
      this.input(RecordKind.timer);
    }
  }

  up(): void {
    this.input(RecordKind.orderEntryState, (s) => {
      s.id = 1;
    });
  }
  down(): void {
    this.input(RecordKind.orderEntryState);
  }

  bookState(state: BookState, instrument = 0): void {
    this.input(
      RecordKind.bookState,
      (s) => {
        s.id = state;
        s.setText('test');
      },
      instrument,
    );
  }

  /** Throws the book away for these levels, [priceTicks, sizeLots] best first, and declares it live. */
  snapshot(bids: [number, number][], asks: [number, number][], instrument = 0): void {
    this.input(RecordKind.snapshotBegin, undefined, instrument);
    for (const [price, size] of bids) this.level(Side.buy, price, size, instrument);
    for (const [price, size] of asks) this.level(Side.sell, price, size, instrument);
    this.input(RecordKind.snapshotEnd, undefined, instrument);
    if (this.core.bookStates[instrument] !== BookState.live) this.bookState(BookState.live, instrument);
  }

  /** One diff: [side, priceTicks, sizeLots] each. */
  diff(...levels: [Side, number, number][]): void {
    const id = this.#updateId++;
    this.input(RecordKind.diffBegin, (s) => {
      s.id = s.aux = id;
    });
    for (const [side, price, size] of levels) this.level(side, price, size);
    this.input(RecordKind.diffEnd, (s) => {
      s.id = s.aux = id;
    });
  }

  level(side: Side, priceTicks: number, sizeLots: number, instrument = 0): void {
    this.input(
      RecordKind.level,
      (s) => {
        s.side = side;
        s.priceTicks = priceTicks;
        s.sizeLots = sizeLots;
      },
      instrument,
    );
  }

  trade(aggressor: Side, priceTicks: number, sizeLots: number, instrument = 0): void {
    this.input(
      RecordKind.trade,
      (s) => {
        s.id = this.#tradeId++;
        s.side = aggressor;
        s.priceTicks = priceTicks;
        s.sizeLots = sizeLots;
        s.exchangeTimeUs = 1_700_000_000_000_000 + this.timeNs / 1000;
      },
      instrument,
    );
  }

  /** Places by hand; returns the order number, 0 when refused (see core.intentOutcome). */
  place(side: Side, priceTicks: number, sizeLots: number, flags = 0, instrument = 0): number {
    this.input(
      RecordKind.intentPlace,
      (s) => {
        s.side = side;
        s.priceTicks = priceTicks;
        s.sizeLots = sizeLots;
        s.flags = flags;
        s.aux = OrderSource.manual;
      },
      instrument,
    );
    return this.core.intentOutcome.orderNumber;
  }
  cancel(orderNumber: number): void {
    this.input(RecordKind.intentCancel, (s) => {
      s.id = orderNumber;
    });
  }
  kill(): void {
    this.input(RecordKind.intentKill);
  }

  /** A report of the venue about an order. */
  report(kind: number, orderNumber: number, fill: (slot: EventSlot) => void = () => undefined): void {
    const instrument = this.core.order(orderNumber)?.instrument ?? 0;
    this.input(
      kind,
      (s) => {
        s.id = orderNumber;
        fill(s);
      },
      instrument,
    );
  }
  accept(orderNumber: number): void {
    this.report(RecordKind.orderAccepted, orderNumber, (s) => {
      s.aux = orderNumber + 5_000_000;
    });
  }
  /** Returns the trade id. */
  fill(orderNumber: number, sizeLots: number, priceTicks?: number, tradeId = this.#fillId++): number {
    const order = this.core.order(orderNumber);
    this.report(RecordKind.orderFill, orderNumber, (s) => {
      s.aux = tradeId;
      s.side = order?.side ?? Side.buy;
      s.priceTicks = priceTicks ?? order?.priceTicks ?? 0;
      s.sizeLots = sizeLots;
    });
    return tradeId;
  }
  cancelled(orderNumber: number): void {
    this.report(RecordKind.orderCancelled, orderNumber, (s) => {
      s.sizeLots = this.core.order(orderNumber)?.remainingLots ?? 0;
    });
  }
  openOrders(open: number, answered = true, instrument = 0): void {
    this.input(
      RecordKind.openOrdersReport,
      (s) => {
        s.id = open;
        s.aux = answered ? 1 : 0;
      },
      instrument,
    );
  }

  /** Actions of one kind. */
  actions(what: Sent['what']): Sent[] {
    return this.sent.filter((s) => s.what === what);
  }
  records(kind: number): KeptRecord[] {
    return this.journal.filter((r) => r.kind === kind);
  }
  status(orderNumber: number): number {
    return this.core.order(orderNumber)?.status ?? -1;
  }
  get positionLots(): number {
    return this.core.positionView(0).positionLots;
  }

  /** Feeds the whole journal of this bench into another core, as a restart does. */
  restoreInto(core: TradingCore): void {
    for (const record of this.journal) {
      this.#slot.bytes.set(record.bytes);
      this.#slot.text = record.text;
      core.restore(this.#slot);
    }
  }

  #keep(slot: EventSlot): void {
    if (this.sink !== undefined) {
      this.sink.emit(slot);
      return;
    }
    slot.sequence = ++this.#sequence;
    const { kind, id, aux, side, priceTicks, sizeLots, value, text } = slot;
    this.journal.push({ kind, id, aux, side, priceTicks, sizeLots, value, text, bytes: slot.bytes.slice() });
  }
}

/**
 * A venue for the bench that answers each action at once and correctly, fills IOC orders completely at their limit, and
 * rests the others. What it does not do is a test's matter: switch things off with the fields.
 */
export class ObedientVenue {
  readonly #bench: Bench;
  /** Numbers of resting orders. */
  readonly resting = new Set<number>();
  /** Orders on the book that the core does not know of. */
  strangers = 0;
  answersCancels = true;
  answersOpenOrders = true;
  /** IOC orders are filled up to this many lots. */
  liquidityLots = Number.POSITIVE_INFINITY;

  constructor(bench: Bench) {
    this.#bench = bench;
    bench.onAction = (sent, order) => this.#on(sent, order);
  }

  #on(sent: Sent, order: Order | undefined): void {
    const bench = this.#bench;
    if (sent.what === 'place' && order !== undefined) {
      const { orderNumber, immediateOrCancel, sizeLots } = order;
      bench.accept(orderNumber);
      if (!immediateOrCancel) {
        this.resting.add(orderNumber);
        return;
      }
      const lots = Math.min(sizeLots, this.liquidityLots);
      this.liquidityLots -= lots;
      if (lots > 0) bench.fill(orderNumber, lots);
      if (lots < sizeLots) bench.cancelled(orderNumber);
    } else if (sent.what === 'cancel' && this.answersCancels) {
      if (this.resting.delete(sent.orderNumber)) bench.cancelled(sent.orderNumber);
      else bench.report(RecordKind.cancelRejected, sent.orderNumber);
    } else if (sent.what === 'cancelAll' && this.answersCancels) {
      this.strangers = 0;
      for (const orderNumber of this.resting) {
        if (bench.core.order(orderNumber)?.instrument !== sent.instrument) continue;
        this.resting.delete(orderNumber);
        bench.cancelled(orderNumber);
      }
    } else if (sent.what === 'queryOrder' && order !== undefined) {
      if (this.resting.has(sent.orderNumber)) bench.accept(sent.orderNumber);
      else if (!isTerminal(order.status)) bench.report(RecordKind.orderRejected, sent.orderNumber);
    } else if (sent.what === 'queryOpenOrders' && this.answersOpenOrders) {
      bench.openOrders(this.resting.size + this.strangers, true, sent.instrument);
    }
  }
}
