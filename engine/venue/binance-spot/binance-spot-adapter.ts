import { EventSlot } from '../../core/event-slot.ts';
import { grownFloat64 } from '../../core/grown-array.ts';
import { BookState, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { countBad, newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo, StreamRoute } from '../market-adapter.ts';
import { NOT_SUBSCRIBED, type RouteTable } from '../route-table.ts';
import { BookSynchroniser } from './book-synchroniser.ts';
import { type ContinuityRule, spotRule } from './continuity-rule.ts';
import { FieldScanner } from './field-scanner.ts';
import { expectSameSteps, InstrumentTable } from '../instrument-table.ts';
import { MarketMessage, MessageKind } from './market-message.ts';
import { SnapshotBudget } from '../snapshot-budget.ts';
import { spotEntries, type StreamEntry, StreamPlan } from './stream-plan.ts';

export interface BinanceSpotAdapterConfig {
  /** `index` of each must equal its position. */
  instruments: readonly InstrumentSpec[];
  tradeStream: 'trade' | 'aggTrade';
  /** Wall clock of engine time 0, us since the epoch: makes `feedLagNs`. 0 leaves it at 0. */
  originUs: number;
  /** False for sources without a book (trade files): the state stays `connecting`. Default true. */
  depth?: boolean;
  /** How depth updates follow each other; default spot's. */
  rule?: ContinuityRule;
  /** Where the streams come from; default spot's one. */
  entries?: readonly StreamEntry[];
  /** A live book without an update for this long is stale; default 10 s (quiet markets pause their 100 ms stream). */
  staleAfterNs?: number;
  /** Without any message for this long the connection is taken for dead; default 30 s. */
  silentAfterNs?: number;
}

/** The most there are; weight 250 of 6,000 a minute. */
const SNAPSHOT_LEVELS = 5000;
/** Trades on a connection of their own that stay away this long while the book lives are said to be missing. */
const TRADES_SILENT_NS = 60e9;

/**
 * Binance market data: combined-stream payloads and REST snapshots in, book, trade and ticker events out.
 * One synchroniser an instrument: a gap in one leaves the others alone.
 */
export class BinanceSpotAdapter implements MarketAdapter {
  /** The venue pings. */
  readonly pingIntervalMs = 0;
  readonly #instruments: InstrumentSpec[] = [];
  readonly #rule: ContinuityRule;
  readonly #originUs: number;
  readonly #io: MarketAdapterIo;
  readonly #message = new MarketMessage();
  readonly #slot = new EventSlot();
  readonly #table: InstrumentTable;
  readonly #scanner: FieldScanner;
  readonly #plan: StreamPlan;
  readonly #routes: RouteTable;
  readonly #budget = new SnapshotBudget();
  readonly #counters: FeedCounters[] = [];
  readonly #synchronisers: BookSynchroniser[] = [];
  /** Update id of the newest ticker, per instrument: a depth stream that lags it has stalled. */
  #quoteIds: Float64Array = new Float64Array(8);
  /** Engine time of the newest trade or connection, per instrument; kept where trades have a connection of their own. */
  #lastTradeNs: Float64Array = new Float64Array(8);
  readonly #silentAfterNs: number;
  readonly #staleAfterNs: number;
  readonly #hasDepth: boolean;
  readonly #tradesApart: boolean;
  #inexactSizes = 0;

  constructor(config: BinanceSpotAdapterConfig, io: MarketAdapterIo) {
    this.#table = new InstrumentTable(config.instruments);
    this.#rule = config.rule ?? spotRule;
    this.#originUs = config.originUs;
    this.#io = io;
    this.#scanner = new FieldScanner(this.#table, this.#message);
    this.#silentAfterNs = config.silentAfterNs ?? 30e9;
    this.#staleAfterNs = config.staleAfterNs ?? 10e9;
    this.#hasDepth = config.depth ?? true;
    const trades = [config.tradeStream, 'bookTicker'] as const;
    const suffixes = this.#hasDepth ? (['depth@100ms', ...trades] as const) : trades;
    this.#plan = new StreamPlan(config.entries ?? spotEntries, suffixes, this.#instruments);
    this.#routes = this.#plan.table;
    this.#tradesApart = this.#hasDepth && this.#plan.tradeKind !== this.#plan.depthKind;
    for (const spec of config.instruments) this.#begin(spec);
  }

  get instruments(): readonly InstrumentSpec[] {
    return this.#instruments;
  }

  get routes(): readonly StreamRoute[] {
    return this.#routes.routes;
  }

  counters(instrument: number): FeedCounters {
    const counters = this.#counters[instrument];
    if (counters === undefined)
      throw new RangeError(`Expected an instrument below ${this.#counters.length}, was ${instrument}`);
    return counters;
  }

  /** Payloads that took the slow path through JSON.parse. */
  get slowMessages(): number {
    return this.#scanner.fallbacks;
  }

  /** Sizes that lay between two lots (they occur in real books) and were rounded to the nearest, at least 1. */
  get inexactSizes(): number {
    return this.#inexactSizes;
  }

  /** Names of all streams that are subscribed. */
  streams(): string[] {
    return this.#plan.streams();
  }

  subscriptionMessages(route: number): string[] {
    return this.#plan.subscriptionMessages(route);
  }

  pingMessage(): string {
    return '';
  }

  snapshotPath(instrument: number): string {
    const { symbol } = this.#instruments[instrument] as InstrumentSpec;
    return `/api/v3/depth?symbol=${encodeURIComponent(symbol)}&limit=${SNAPSHOT_LEVELS}`;
  }

  addInstrument(spec: InstrumentSpec, timeNs: number): number {
    const known = this.#table.indexOf(spec.symbol);
    if (known >= 0) {
      expectSameSteps(this.#instruments[known] as InstrumentSpec, spec);
      if (this.#routes.isSubscribed(known)) return known;
      this.#routes.setSubscribed(known, true);
      this.#open(known, timeNs);
      return known;
    }
    const index = this.#instruments.length;
    const numbered = { ...spec, index };
    this.#table.add(numbered);
    this.#begin(numbered);
    this.#open(index, timeNs);
    return index;
  }

  removeInstrument(instrument: number, timeNs: number): void {
    if (!this.#routes.isSubscribed(instrument)) return;
    this.#routes.setSubscribed(instrument, false);
    this.#eachRoute(instrument, (route, kind) => {
      for (const text of this.#plan.unsubscribe(instrument, kind)) this.#io.send(text, route);
    });
    this.counters(instrument).tradesReason = '';
    this.#synchronisers[instrument]?.onDisconnected(timeNs, NOT_SUBSCRIBED);
  }

  onConnected(timeNs: number, route?: number): void {
    if (route === undefined) {
      for (let i = 0; i < this.routes.length; i++) this.onConnected(timeNs, i);
      return;
    }
    this.#routes.onConnected(route, timeNs);
    const kind = this.#routes.kindOf(route);
    for (const instrument of this.#routes.subscribedOf(route)) {
      if (kind === this.#plan.depthKind) this.#synchronisers[instrument]?.onConnected(timeNs);
      if (kind === this.#plan.tradeKind) this.#onTradesConnected(instrument, timeNs);
    }
  }

  /** Where trades have a connection of their own, losing it leaves the books alone. */
  onDisconnected(timeNs: number, reason: string, route?: number): void {
    if (route === undefined) {
      for (let i = 0; i < this.routes.length; i++) this.onDisconnected(timeNs, reason, i);
      return;
    }
    this.#routes.onDisconnected(route);
    const kind = this.#routes.kindOf(route);
    for (const instrument of this.#routes.subscribedOf(route)) {
      if (kind === this.#plan.depthKind) this.#synchronisers[instrument]?.onDisconnected(timeNs, reason);
      if (kind === this.#plan.tradeKind && this.#tradesApart)
        this.counters(instrument).tradesReason = `no trades: ${reason}`;
    }
  }

  onMessage(bytes: Uint8Array, timeNs: number, route = 0): void {
    const m = this.#message;
    this.#routes.onMessage(route, timeNs);
    this.#scanner.scan(bytes);
    this.#inexactSizes += m.inexactSizes;
    switch (m.kind) {
      case MessageKind.depth:
        this.#noteLag(timeNs);
        (this.#synchronisers[m.instrument] as BookSynchroniser).onDiff(m, timeNs);
        return;
      case MessageKind.trade:
        if (!this.#isWanted(m.instrument)) return;
        this.#noteLag(timeNs);
        this.#emitTrade(timeNs);
        return;
      case MessageKind.bookTicker:
        if (!this.#isWanted(m.instrument)) return;
        this.#noteLag(timeNs);
        this.#emitQuote(timeNs);
        return;
      case MessageKind.shutdown:
        this.#io.reconnect('the venue announced a shutdown', route);
        return;
      case MessageKind.bad: {
        countBad(this.#counters, m.instrument, m.reason);
        if (m.wasDepth && m.instrument >= 0) {
          (this.#synchronisers[m.instrument] as BookSynchroniser).onBadDiff(m.reason, timeNs);
        }
        return;
      }
      default:
        return;
    }
  }

  onSnapshot(instrument: number, bytes: Uint8Array, timeNs: number): void {
    const synchroniser = this.#synchronisers[instrument];
    if (synchroniser === undefined) return;
    const m = this.#message;
    this.#scanner.scanSnapshot(bytes, instrument);
    this.#inexactSizes += m.inexactSizes;
    if (m.kind === MessageKind.snapshot) {
      synchroniser.onSnapshot(m, timeNs);
    } else {
      countBad(this.#counters, instrument, m.reason);
      synchroniser.onSnapshotFailed(timeNs, m.reason);
    }
  }

  onSnapshotFailed(instrument: number, timeNs: number, reason: string, retryAfterMs?: number): void {
    this.#synchronisers[instrument]?.onSnapshotFailed(timeNs, reason, retryAfterMs);
  }

  onTimer(timeNs: number): void {
    for (let route = 0; route < this.routes.length; route++) if (this.#watchRoute(route, timeNs)) return;
    if (!this.#hasDepth) return;
    for (let i = 0; i < this.#synchronisers.length; i++) {
      (this.#synchronisers[i] as BookSynchroniser).onTimer(timeNs);
      if (this.#tradesApart) this.#watchTrades(i, timeNs);
    }
    for (let i = 0; i < this.#synchronisers.length; i++) {
      const synchroniser = this.#synchronisers[i] as BookSynchroniser;
      // Pings fine, tickers fine, depth silent although the book has moved on: only a new connection heals that.
      if (
        synchroniser.state === BookState.stale &&
        (this.#quoteIds[i] as number) > synchroniser.lastUpdateId &&
        timeNs - synchroniser.lastDepthNs > 2 * this.#staleAfterNs
      ) {
        const reason = `depth of ${this.#instruments[i]?.symbol} is silent while its ticker moves`;
        this.#io.reconnect(reason, this.#routes.routeOf(i, this.#plan.depthKind));
        return;
      }
    }
  }

  onCrossed(instrument: number, timeNs: number, reason?: string): void {
    this.#synchronisers[instrument]?.onCrossed(timeNs, reason);
  }

  #begin(spec: InstrumentSpec): void {
    const counters = newFeedCounters();
    this.#instruments.push(spec);
    this.#counters.push(counters);
    this.#routes.add();
    this.#quoteIds = grownFloat64(this.#quoteIds, this.#instruments.length);
    this.#lastTradeNs = grownFloat64(this.#lastTradeNs, this.#instruments.length);
    this.#budget.raiseTo(this.#instruments.length);
    this.#synchronisers.push(
      new BookSynchroniser({
        instrument: spec.index,
        symbol: spec.symbol,
        staleAfterNs: this.#staleAfterNs,
        rule: this.#rule,
        counters,
        io: this.#io,
        budget: this.#budget,
        slot: this.#slot,
      }),
    );
  }

  /** Subscribes on the connections that are open; the others name it in their address. */
  #open(instrument: number, timeNs: number): void {
    this.#eachRoute(instrument, (route, kind) => {
      if (!this.#routes.isConnected(route)) return;
      for (const text of this.#plan.subscribe(instrument, kind)) this.#io.send(text, route);
      if (kind === this.#plan.depthKind) this.#synchronisers[instrument]?.onConnected(timeNs);
      if (kind === this.#plan.tradeKind) this.#onTradesConnected(instrument, timeNs);
    });
  }

  #eachRoute(instrument: number, visit: (route: number, kind: number) => void): void {
    const first = this.#routes.routeOf(instrument);
    for (let route = first; route < this.routes.length; route++) {
      const kind = this.#routes.kindOf(route);
      if (kind !== route - first) return;
      visit(route, kind);
    }
  }

  #onTradesConnected(instrument: number, timeNs: number): void {
    this.#lastTradeNs[instrument] = timeNs;
    this.counters(instrument).tradesReason = '';
  }

  /** A connection with trades alone may be silent for long: its socket's pings watch over it. */
  #watchRoute(route: number, timeNs: number): boolean {
    const mayBeSilent = this.#tradesApart && this.#routes.kindOf(route) === this.#plan.tradeKind;
    if (mayBeSilent || !this.#routes.hasFallenSilent(route, timeNs, this.#silentAfterNs)) return false;
    this.#io.reconnect(`no message for ${this.#silentAfterNs / 1e9} s`, route);
    return true;
  }

  /** An entry point that does not send a stream still takes its subscription: the silence must show. */
  #watchTrades(instrument: number, timeNs: number): void {
    const counters = this.#counters[instrument] as FeedCounters;
    if (counters.tradesReason !== '' || counters.state !== BookState.live) return;
    const silentNs = timeNs - (this.#lastTradeNs[instrument] as number);
    if (silentNs > TRADES_SILENT_NS) counters.tradesReason = `no trade for ${TRADES_SILENT_NS / 1e9} s`;
  }

  /** False for what was still on its way when the instrument was removed. */
  #isWanted(instrument: number): boolean {
    if (this.#routes.isSubscribed(instrument)) return true;
    (this.#counters[instrument] as FeedCounters).discarded++;
    return false;
  }

  #emitTrade(timeNs: number): void {
    const m = this.#message;
    const slot = this.#slot;
    const counters = this.#counters[m.instrument] as FeedCounters;
    if (m.sizeLots === 0 || m.priceTicks === 0) {
      countBad(this.#counters, m.instrument, 'p, q: expected a trade of something at a price, was 0');
      return;
    }
    counters.trades++;
    if (this.#tradesApart) {
      this.#lastTradeNs[m.instrument] = timeNs;
      counters.tradesReason = '';
    }
    slot.begin(RecordKind.trade, m.instrument, timeNs);
    slot.exchangeTimeUs = m.tradeTimeUs !== 0 ? m.tradeTimeUs : m.eventTimeUs;
    slot.priceTicks = m.priceTicks;
    slot.sizeLots = m.sizeLots;
    slot.id = m.tradeId;
    slot.side = m.buyerIsMaker ? Side.sell : Side.buy;
    this.#io.emit(slot);
  }

  #emitQuote(timeNs: number): void {
    const m = this.#message;
    const slot = this.#slot;
    const instrument = m.instrument;
    (this.#counters[instrument] as FeedCounters).quotes++;
    this.#quoteIds[instrument] = m.lastUpdateId;
    for (let i = 0; i < 2; i++) {
      slot.begin(RecordKind.quote, instrument, timeNs);
      slot.exchangeTimeUs = m.eventTimeUs;
      slot.id = m.lastUpdateId;
      slot.aux = 1;
      slot.side = i === 0 ? Side.buy : Side.sell;
      slot.priceTicks = i === 0 ? m.bidTicks : m.askTicks;
      slot.sizeLots = i === 0 ? m.bidLots : m.askLots;
      this.#io.emit(slot);
    }
  }

  #noteLag(timeNs: number): void {
    const m = this.#message;
    const { eventTimeUs } = m;
    if (eventTimeUs === 0 || this.#originUs === 0) return;
    (this.#counters[m.instrument] as FeedCounters).feedLagNs = timeNs - (eventTimeUs - this.#originUs) * 1000;
  }
}
