import { BookState, RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { InstrumentTable } from '../instrument-table.ts';
import { SnapshotBudget } from '../snapshot-budget.ts';
import { newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo } from '../market-adapter.ts';
import { BybitBook } from './bybit-book.ts';
import { BybitDecoder, BybitMessageKind } from './bybit-decoder.ts';
import { TradeNumbers } from '../trade-numbers.ts';

export type BybitCategory = 'spot' | 'linear' | 'inverse';

export interface BybitAdapterConfig {
  /** `index` of each must equal its position. */
  instruments: readonly InstrumentSpec[];
  /** Wall clock of engine time 0, us since the epoch: makes `feedLagNs`. 0 leaves it at 0. */
  originUs: number;
  /** False for sources without a book. Default true. */
  depth?: boolean;
  /** Levels a side of the book's topic; `any` takes what comes (recordings). Default 200. */
  bookDepth?: 1 | 50 | 200 | 500 | 1000 | 'any';
  /** A live book without an update for this long is stale; default 10 s. */
  staleAfterNs?: number;
  /** Without any message (pongs count) for this long the connection is taken for dead; default 45 s. */
  silentAfterNs?: number;
}

/** Topics in one subscription request: spot allows no more. */
const TOPICS_PER_REQUEST = 10;

/** Address of the public streams of a category. */
export function bybitStreamUrl(category: BybitCategory, testnet = false): string {
  return `wss://stream${testnet ? '-testnet' : ''}.bybit.com/v5/public/${category}`;
}

/**
 * Bybit v5 public market data, sans-IO. The shell sends {@link subscriptionMessages} after every connection and
 * {@link pingMessage} every {@link pingIntervalMs}; it answers `io.requestSnapshot` by sending
 * {@link snapshotMessages}. Snapshots come in the stream, so {@link onSnapshot} has nothing to do.
 *
 * Trades: `id` is the number of {@link TradeNumbers} (Bybit's own are UUIDs or 19 digits, and several trades share a
 * `seq`), `aux` is `seq`. Level 1 is snapshots only: each replaces the book.
 */
export class BybitAdapter implements MarketAdapter {
  readonly instruments: readonly InstrumentSpec[];
  /** The venue cuts a connection that sends nothing for 10 minutes; it asks for a ping every 20 s. */
  readonly pingIntervalMs = 20_000;
  readonly #io: MarketAdapterIo;
  readonly #decoder: BybitDecoder;
  readonly #slot = new EventSlot();
  readonly #counters: FeedCounters[] = [];
  readonly #books: BybitBook[] = [];
  readonly #tradeNumbers: TradeNumbers[] = [];
  /** Engine time of the newest trade: a book that stays silent while trades come has stalled. */
  readonly #lastTradeNs: Float64Array;
  readonly #bookDepth: number | 'any';
  readonly #hasDepth: boolean;
  readonly #originUs: number;
  readonly #staleAfterNs: number;
  readonly #silentAfterNs: number;
  #connected = false;
  #lastMessageNs = 0;
  #inexactSizes = 0;

  /** @throws RangeError when the instruments are none, repeated or misnumbered. */
  constructor(config: BybitAdapterConfig, io: MarketAdapterIo) {
    this.instruments = config.instruments;
    this.#io = io;
    this.#decoder = new BybitDecoder(new InstrumentTable(config.instruments));
    this.#lastTradeNs = new Float64Array(config.instruments.length);
    this.#bookDepth = config.bookDepth ?? 200;
    this.#hasDepth = config.depth ?? true;
    this.#originUs = config.originUs;
    this.#staleAfterNs = config.staleAfterNs ?? 10e9;
    this.#silentAfterNs = config.silentAfterNs ?? 45e9;
    const budget = new SnapshotBudget(Math.max(8, config.instruments.length));
    for (const { index, symbol } of config.instruments) {
      const counters = newFeedCounters();
      this.#counters.push(counters);
      this.#tradeNumbers.push(new TradeNumbers());
      this.#books.push(
        new BybitBook({
          instrument: index,
          symbol,
          staleAfterNs: this.#staleAfterNs,
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

  /** Sizes that lay between two lots and were rounded to the nearest, at least 1. */
  get inexactSizes(): number {
    return this.#inexactSizes;
  }

  streams(): string[] {
    return this.instruments.flatMap(({ symbol }) =>
      this.#hasDepth ? [this.#bookTopic(symbol), `publicTrade.${symbol}`] : [`publicTrade.${symbol}`],
    );
  }

  /** Texts to send after connecting, in this order. */
  subscriptionMessages(): string[] {
    const topics = this.streams();
    const messages: string[] = [];
    for (let at = 0; at < topics.length; at += TOPICS_PER_REQUEST) {
      const args = topics.slice(at, at + TOPICS_PER_REQUEST);
      messages.push(JSON.stringify({ req_id: `subscribe-${messages.length + 1}`, op: 'subscribe', args }));
    }
    return messages;
  }

  /** Texts to send when a snapshot of the instrument was asked for: a new subscription starts with one. */
  snapshotMessages(instrument: number): string[] {
    const { symbol } = this.instruments[instrument] as InstrumentSpec;
    const args = [this.#bookTopic(symbol)];
    return ['unsubscribe', 'subscribe'].map((op) => JSON.stringify({ req_id: `again-${instrument}`, op, args }));
  }

  pingMessage(): string {
    return '{"req_id":"ping","op":"ping"}';
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#lastMessageNs = timeNs;
    if (this.#hasDepth) for (const book of this.#books) book.onConnected(timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    if (this.#hasDepth) for (const book of this.#books) book.onDisconnected(timeNs, reason);
  }

  onMessage(bytes: Uint8Array, timeNs: number): void {
    const m = this.#decoder;
    this.#lastMessageNs = timeNs;
    m.decode(bytes);
    this.#inexactSizes += m.inexactSizes;
    switch (m.kind) {
      case BybitMessageKind.snapshot:
      case BybitMessageKind.delta:
        if (!this.#hasDepth || (this.#bookDepth !== 'any' && m.depth !== this.#bookDepth)) return;
        this.#noteLag(m.instrument, m.timeUs, timeNs);
        (this.#books[m.instrument] as BybitBook).onBook(m, timeNs);
        return;
      case BybitMessageKind.trades:
        this.#noteLag(m.instrument, m.timeUs, timeNs);
        this.#takeTrades(timeNs);
        return;
      case BybitMessageKind.bad:
        this.#noteBad(m.instrument);
        if (m.wasBook && m.instrument >= 0 && this.#hasDepth) {
          (this.#books[m.instrument] as BybitBook).onBadBook(m.reason, timeNs);
        }
        return;
      default:
        return;
    }
  }

  onSnapshot(): void {
    // Bybit's snapshots come in the stream.
  }

  onSnapshotFailed(instrument: number, timeNs: number, reason: string): void {
    this.#books[instrument]?.onSnapshotFailed(timeNs, reason);
  }

  onTimer(timeNs: number): void {
    if (!this.#connected) return;
    if (timeNs - this.#lastMessageNs > this.#silentAfterNs) {
      this.#lastMessageNs = timeNs;
      this.#io.reconnect(`no message for ${this.#silentAfterNs / 1e9} s`);
      return;
    }
    if (!this.#hasDepth) return;
    for (let i = 0; i < this.#books.length; i++) {
      const book = this.#books[i] as BybitBook;
      book.onTimer(timeNs);
      // A trade changes the book: trades without book updates mean that the book's stream has stalled.
      if (
        book.state === BookState.stale &&
        (this.#lastTradeNs[i] as number) > book.lastBookNs &&
        timeNs - book.lastBookNs > 2 * this.#staleAfterNs
      ) {
        this.#io.reconnect(`book of ${this.instruments[i]?.symbol} is silent while it trades`);
        return;
      }
    }
  }

  onCrossed(instrument: number, timeNs: number): void {
    this.#books[instrument]?.onCrossed(timeNs);
  }

  #takeTrades(timeNs: number): void {
    const m = this.#decoder;
    const { instrument } = m;
    const counters = this.#counters[instrument] as FeedCounters;
    const inexactBefore = m.inexactSizes;
    const slot = this.#slot;
    for (let found = m.nextTrade(); found !== 0; found = m.nextTrade()) {
      if (found < 0) {
        this.#noteBad(instrument);
        continue;
      }
      const number = (this.#tradeNumbers[instrument] as TradeNumbers).next(
        m.tradeTimeMs,
        m.tradeIdHashA,
        m.tradeIdHashB,
      );
      if (number < 0) {
        counters.discarded++;
        continue;
      }
      counters.trades++;
      this.#lastTradeNs[instrument] = timeNs;
      slot.begin(RecordKind.trade, instrument, timeNs);
      slot.exchangeTimeUs = m.tradeTimeMs * 1000;
      slot.priceTicks = m.tradePriceTicks;
      slot.sizeLots = m.tradeSizeLots;
      slot.id = number;
      slot.aux = m.tradeSequence;
      slot.side = m.tradeSide;
      this.#io.emit(slot);
    }
    this.#inexactSizes += m.inexactSizes - inexactBefore;
  }

  #bookTopic(symbol: string): string {
    return `orderbook.${this.#bookDepth === 'any' ? 200 : this.#bookDepth}.${symbol}`;
  }

  /** A message of nobody's counts with the first instrument: it must show up in some report. */
  #noteBad(instrument: number): void {
    (this.#counters[Math.max(0, instrument)] as FeedCounters).badMessages++;
  }

  #noteLag(instrument: number, exchangeTimeUs: number, timeNs: number): void {
    if (this.#originUs === 0) return;
    (this.#counters[instrument] as FeedCounters).feedLagNs = timeNs - (exchangeTimeUs - this.#originUs) * 1000;
  }
}
