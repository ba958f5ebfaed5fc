import { BookState, RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { InstrumentTable } from '../instrument-table.ts';
import { SnapshotBudget } from '../snapshot-budget.ts';
import { TradeNumbers } from '../trade-numbers.ts';
import { newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo } from '../market-adapter.ts';
import { UpbitBook } from './upbit-book.ts';
import { UpbitDecoder, UpbitMessageKind } from './upbit-decoder.ts';

export interface UpbitAdapterConfig {
  /** `index` of each must equal its position. See `upbitInstrument`. */
  instruments: readonly InstrumentSpec[];
  /** Wall clock of engine time 0, us since the epoch: makes `feedLagNs`. 0 leaves it at 0. */
  originUs: number;
  /** False for sources without a book. Default true. */
  depth?: boolean;
  /** Levels a side. Default 30, the most there are. */
  bookDepth?: 1 | 5 | 15 | 30;
  /** Names the connection to the venue; a UUID of the shell. */
  ticket?: string;
  format?: 'DEFAULT' | 'SIMPLE';
  /** A live book without a message for this long is stale (and asked for anew); default 10 s. */
  staleAfterNs?: number;
  /** Without any message (answers to pings count) for this long the connection is taken for dead; default 45 s. */
  silentAfterNs?: number;
}

/** What a shell must keep to when it connects. */
export const UPBIT_CONNECTION = {
  url: 'wss://api.upbit.com/websocket/v1',
  /** A request with an Origin header may come once in 10 s only: connect from Node, never from the page. */
  sendOrigin: false,
  /** Frames arrive as binary: UTF-8 JSON. */
  binaryFrames: true,
  connectsPerSecond: 5,
  messagesPerSecond: 5,
  messagesPerMinute: 100,
  /** The venue cuts a connection that sends nothing for this long. */
  idleCutMs: 120_000,
} as const;

/**
 * Upbit public market data, sans-IO. The shell sends {@link subscriptionMessages} after every connection and
 * {@link pingMessage} every {@link pingIntervalMs}, and answers `io.requestSnapshot` by sending {@link snapshotMessages}
 * (the subscription once more, which the venue answers with the books as they are). {@link onSnapshot} has nothing to do.
 *
 * Trades: Upbit's `sequential_id` has 17 digits since 2024, more than an f64 holds, and neighbours come out of order by
 * more than a second. So `id` is the number of {@link TradeNumbers}, in order of arrival, and the venue's id is exactly
 * `aux` times 1e8 plus `value`. Trades marked SNAPSHOT (the last one before the subscription) are left out.
 */
export class UpbitAdapter implements MarketAdapter {
  readonly instruments: readonly InstrumentSpec[];
  readonly pingIntervalMs = 20_000;
  readonly #config: UpbitAdapterConfig;
  readonly #io: MarketAdapterIo;
  readonly #decoder: UpbitDecoder;
  readonly #slot = new EventSlot();
  readonly #counters: FeedCounters[] = [];
  readonly #books: UpbitBook[] = [];
  readonly #tradeNumbers: TradeNumbers[] = [];
  /** Engine time of the newest trade: a book that stays silent while trades come has stalled. */
  readonly #lastTradeNs: Float64Array;
  readonly #hasDepth: boolean;
  readonly #staleAfterNs: number;
  readonly #silentAfterNs: number;
  #connected = false;
  #lastMessageNs = 0;
  #inexactSizes = 0;
  #refusal = '';

  /** @throws RangeError when the instruments are none, repeated or misnumbered. */
  constructor(config: UpbitAdapterConfig, io: MarketAdapterIo) {
    this.instruments = config.instruments;
    this.#config = config;
    this.#io = io;
    this.#decoder = new UpbitDecoder(new InstrumentTable(config.instruments));
    this.#lastTradeNs = new Float64Array(config.instruments.length);
    this.#hasDepth = config.depth ?? true;
    this.#staleAfterNs = config.staleAfterNs ?? 10e9;
    this.#silentAfterNs = config.silentAfterNs ?? 45e9;
    const budget = new SnapshotBudget(8);
    for (const { index, symbol } of config.instruments) {
      const counters = newFeedCounters();
      this.#counters.push(counters);
      this.#tradeNumbers.push(new TradeNumbers());
      this.#books.push(
        new UpbitBook({
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

  /** Sizes finer than a lot, rounded to the nearest, at least 1. */
  get inexactSizes(): number {
    return this.#inexactSizes;
  }

  /** What the newest bad message was about; empty without one. */
  get lastRefusal(): string {
    return this.#refusal;
  }

  /** As `type:code`. */
  streams(): string[] {
    return this.instruments.flatMap(({ symbol }) =>
      this.#hasDepth ? [`orderbook:${symbol}.${this.#bookDepth}`, `trade:${symbol}`] : [`trade:${symbol}`],
    );
  }

  /** Texts to send after connecting. A later one of the same connection replaces the subscription. */
  subscriptionMessages(): string[] {
    const symbols = this.instruments.map(({ symbol }) => symbol);
    // Without suffix the venue sends all of its 30 levels.
    const suffix = this.#bookDepth === 30 ? '' : `.${this.#bookDepth}`;
    const request: object[] = [{ ticket: this.#config.ticket ?? 'christmas' }];
    if (this.#hasDepth) {
      request.push({ type: 'orderbook', codes: symbols.map((symbol) => `${symbol}${suffix}`), level: 0 });
    }
    request.push({ type: 'trade', codes: symbols, is_only_realtime: true });
    request.push({ format: this.#config.format ?? 'SIMPLE' });
    return [JSON.stringify(request)];
  }

  /** Texts to send when a snapshot was asked for. */
  snapshotMessages(_instrument: number): string[] {
    return this.subscriptionMessages();
  }

  pingMessage(): string {
    return 'PING';
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
    m.start(bytes);
    while (m.next()) {
      this.#inexactSizes += m.inexactSizes;
      if (m.kind === UpbitMessageKind.book) {
        this.#noteLag(timeNs);
        if (this.#hasDepth) (this.#books[m.instrument] as UpbitBook).onBook(m, timeNs);
      } else if (m.kind === UpbitMessageKind.trade) {
        this.#noteLag(timeNs);
        this.#takeTrade(timeNs);
      } else if (m.kind === UpbitMessageKind.bad) {
        this.#refusal = m.reason;
        // A message of nobody's counts with the first instrument: it must show up in some report.
        (this.#counters[Math.max(0, m.instrument)] as FeedCounters).badMessages++;
        if (m.wasBook && m.instrument >= 0 && this.#hasDepth) {
          (this.#books[m.instrument] as UpbitBook).onBadBook(m.reason, timeNs);
        }
      }
    }
  }

  onSnapshot(): void {
    // Upbit's books come in the stream.
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
      const book = this.#books[i] as UpbitBook;
      book.onTimer(timeNs);
      // A trade changes the book: trades without books mean that the book's stream has stalled.
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

  #takeTrade(timeNs: number): void {
    const m = this.#decoder;
    const slot = this.#slot;
    const counters = this.#counters[m.instrument] as FeedCounters;
    const numbers = this.#tradeNumbers[m.instrument] as TradeNumbers;
    const number = m.isSnapshot ? -1 : numbers.next(m.tradeTimeMs, m.tradeIdHigh, m.tradeIdLow);
    if (number < 0) {
      counters.discarded++;
      return;
    }
    counters.trades++;
    this.#lastTradeNs[m.instrument] = timeNs;
    slot.begin(RecordKind.trade, m.instrument, timeNs);
    slot.exchangeTimeUs = m.tradeTimeMs * 1000;
    slot.priceTicks = m.tradePriceTicks;
    slot.sizeLots = m.tradeSizeLots;
    slot.id = number;
    slot.aux = m.tradeIdHigh;
    slot.value = m.tradeIdLow;
    slot.side = m.tradeSide;
    this.#io.emit(slot);
  }

  get #bookDepth(): number {
    return this.#config.bookDepth ?? 30;
  }

  #noteLag(timeNs: number): void {
    const { originUs } = this.#config;
    if (originUs === 0) return;
    const m = this.#decoder;
    (this.#counters[m.instrument] as FeedCounters).feedLagNs = timeNs - (m.timeMs * 1000 - originUs) * 1000;
  }
}
