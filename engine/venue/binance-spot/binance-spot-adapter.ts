import { EventSlot } from '../../core/event-slot.ts';
import { BookState, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo } from '../market-adapter.ts';
import { BookSynchroniser } from './book-synchroniser.ts';
import { type ContinuityRule, spotRule } from './continuity-rule.ts';
import { FieldScanner } from './field-scanner.ts';
import { InstrumentTable } from '../instrument-table.ts';
import { MarketMessage, MessageKind } from './market-message.ts';
import { SnapshotBudget } from '../snapshot-budget.ts';

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
  /** A live book without an update for this long is stale; default 10 s (quiet markets pause their 100 ms stream). */
  staleAfterNs?: number;
  /** Without any message for this long the connection is taken for dead; default 30 s. */
  silentAfterNs?: number;
}

/**
 * Binance spot market data: combined-stream payloads and REST snapshots in, book, trade and ticker events out.
 * One synchroniser an instrument: a gap in one leaves the others alone.
 */
export class BinanceSpotAdapter implements MarketAdapter {
  readonly instruments: readonly InstrumentSpec[];
  readonly #config: BinanceSpotAdapterConfig;
  readonly #io: MarketAdapterIo;
  readonly #message = new MarketMessage();
  readonly #slot = new EventSlot();
  readonly #scanner: FieldScanner;
  readonly #counters: FeedCounters[] = [];
  readonly #synchronisers: BookSynchroniser[] = [];
  /** Update id and engine time of the newest ticker, per instrument: a depth stream that lags it has stalled. */
  readonly #quoteIds: Float64Array;
  readonly #silentAfterNs: number;
  readonly #staleAfterNs: number;
  readonly #hasDepth: boolean;
  #connected = false;
  #lastMessageNs = 0;
  #inexactSizes = 0;

  constructor(config: BinanceSpotAdapterConfig, io: MarketAdapterIo) {
    const table = new InstrumentTable(config.instruments);
    this.instruments = config.instruments;
    this.#config = config;
    this.#io = io;
    this.#scanner = new FieldScanner(table, this.#message);
    this.#quoteIds = new Float64Array(config.instruments.length);
    this.#silentAfterNs = config.silentAfterNs ?? 30e9;
    this.#staleAfterNs = config.staleAfterNs ?? 10e9;
    this.#hasDepth = config.depth ?? true;
    const budget = new SnapshotBudget(Math.max(8, config.instruments.length));
    for (const spec of config.instruments) {
      const counters = newFeedCounters();
      this.#counters.push(counters);
      this.#synchronisers.push(
        new BookSynchroniser({
          instrument: spec.index,
          symbol: spec.symbol,
          staleAfterNs: this.#staleAfterNs,
          rule: config.rule ?? spotRule,
          counters,
          io,
          budget,
          slot: this.#slot,
        }),
      );
    }
  }

  /** @throws RangeError for an unknown instrument. */
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

  streams(): string[] {
    return this.instruments.flatMap(({ symbol }) => {
      const name = symbol.toLowerCase();
      const streams = [`${name}@${this.#config.tradeStream}`, `${name}@bookTicker`];
      return this.#hasDepth ? [`${name}@depth@100ms`, ...streams] : streams;
    });
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#lastMessageNs = timeNs;
    if (!this.#hasDepth) return;
    for (const synchroniser of this.#synchronisers) synchroniser.onConnected(timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    if (!this.#hasDepth) return;
    for (const synchroniser of this.#synchronisers) synchroniser.onDisconnected(timeNs, reason);
  }

  onMessage(bytes: Uint8Array, timeNs: number): void {
    const m = this.#message;
    this.#lastMessageNs = timeNs;
    this.#scanner.scan(bytes);
    this.#inexactSizes += m.inexactSizes;
    switch (m.kind) {
      case MessageKind.depth:
        this.#noteLag(m.eventTimeUs, timeNs);
        (this.#synchronisers[m.instrument] as BookSynchroniser).onDiff(m, timeNs);
        return;
      case MessageKind.trade:
        this.#noteLag(m.eventTimeUs, timeNs);
        this.#emitTrade(timeNs);
        return;
      case MessageKind.bookTicker:
        this.#noteLag(m.eventTimeUs, timeNs);
        this.#emitQuote(timeNs);
        return;
      case MessageKind.shutdown:
        this.#io.reconnect('the venue announced a shutdown');
        return;
      case MessageKind.bad: {
        // A message of nobody's counts with the first instrument: it must show up in some report.
        (this.#counters[Math.max(0, m.instrument)] as FeedCounters).badMessages++;
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
      this.counters(instrument).badMessages++;
      synchroniser.onSnapshotFailed(timeNs, m.reason);
    }
  }

  onSnapshotFailed(instrument: number, timeNs: number, reason: string): void {
    this.#synchronisers[instrument]?.onSnapshotFailed(timeNs, reason);
  }

  onTimer(timeNs: number): void {
    if (!this.#connected) return;
    if (this.#hasDepth) for (const synchroniser of this.#synchronisers) synchroniser.onTimer(timeNs);
    if (timeNs - this.#lastMessageNs > this.#silentAfterNs) {
      this.#lastMessageNs = timeNs;
      this.#io.reconnect(`no message for ${this.#silentAfterNs / 1e9} s`);
      return;
    }
    for (let i = 0; i < this.#synchronisers.length; i++) {
      const synchroniser = this.#synchronisers[i] as BookSynchroniser;
      // Pings fine, tickers fine, depth silent although the book has moved on: only a new connection heals that.
      if (
        synchroniser.state === BookState.stale &&
        (this.#quoteIds[i] as number) > synchroniser.lastUpdateId &&
        timeNs - synchroniser.lastDepthNs > 2 * this.#staleAfterNs
      ) {
        this.#io.reconnect(`depth of ${this.instruments[i]?.symbol} is silent while its ticker moves`);
        return;
      }
    }
  }

  onCrossed(instrument: number, timeNs: number): void {
    this.#synchronisers[instrument]?.onCrossed(timeNs);
  }

  #emitTrade(timeNs: number): void {
    const m = this.#message;
    const slot = this.#slot;
    (this.#counters[m.instrument] as FeedCounters).trades++;
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
      slot.side = i === 0 ? Side.buy : Side.sell;
      slot.priceTicks = i === 0 ? m.bidTicks : m.askTicks;
      slot.sizeLots = i === 0 ? m.bidLots : m.askLots;
      this.#io.emit(slot);
    }
  }

  #noteLag(eventTimeUs: number, timeNs: number): void {
    if (eventTimeUs === 0 || this.#config.originUs === 0) return;
    const lagNs = timeNs - (eventTimeUs - this.#config.originUs) * 1000;
    (this.#counters[this.#message.instrument] as FeedCounters).feedLagNs = lagNs;
  }
}
