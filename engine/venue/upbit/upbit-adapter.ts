import { BookState, RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { grownFloat64 } from '../../core/grown-array.ts';
import { expectSameSteps, InstrumentTable } from '../instrument-table.ts';
import { NOT_SUBSCRIBED, RouteTable } from '../route-table.ts';
import { SnapshotBudget } from '../snapshot-budget.ts';
import { TradeNumbers } from '../trade-numbers.ts';
import { countBad, newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo, StreamRoute } from '../market-adapter.ts';
import { UpbitBook } from './upbit-book.ts';
import { UpbitDecoder } from './upbit-decoder.ts';
import { UpbitMessageKind } from './upbit-message.ts';

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

const STREAM_PATH = '/websocket/v1';
/** Keeps a subscription, which names all of a connection's markets, at some kilobytes. */
const INSTRUMENTS_PER_CONNECTION = 100;

/**
 * Upbit public market data, sans-IO. A subscription replaces the one before on the same connection and is answered with
 * the books as they are: so it is sent again for a book that needs one, and {@link onSnapshot} has nothing to do.
 *
 * Trades: Upbit's `sequential_id` has 17 digits since 2024, more than an f64 holds, and neighbours come out of order by
 * more than a second. So `id` is the number of {@link TradeNumbers}, in order of arrival, and the venue's id is exactly
 * `aux` times 1e8 plus `value`. Trades marked SNAPSHOT (the last one before the subscription) are left out.
 */
export class UpbitAdapter implements MarketAdapter {
  /** The venue cuts a connection that sends nothing for 120 s. */
  readonly pingIntervalMs = 20_000;
  readonly #instruments: InstrumentSpec[] = [];
  readonly #config: UpbitAdapterConfig;
  readonly #io: MarketAdapterIo;
  readonly #table: InstrumentTable;
  readonly #decoder: UpbitDecoder;
  readonly #routes: RouteTable;
  readonly #budget = new SnapshotBudget(8);
  readonly #slot = new EventSlot();
  readonly #counters: FeedCounters[] = [];
  readonly #books: UpbitBook[] = [];
  readonly #tradeNumbers: TradeNumbers[] = [];
  /** Engine time of the newest trade: a book that stays silent while trades come has stalled. */
  #lastTradeNs: Float64Array = new Float64Array(8);
  readonly #hasDepth: boolean;
  readonly #staleAfterNs: number;
  readonly #silentAfterNs: number;
  #inexactSizes = 0;

  /** @throws RangeError when the instruments are none, repeated or misnumbered. */
  constructor(config: UpbitAdapterConfig, io: MarketAdapterIo) {
    this.#config = config;
    this.#io = io;
    this.#table = new InstrumentTable(config.instruments);
    this.#decoder = new UpbitDecoder(this.#table);
    this.#routes = new RouteTable([{ name: 'public', path: () => STREAM_PATH }], INSTRUMENTS_PER_CONNECTION);
    this.#hasDepth = config.depth ?? true;
    this.#staleAfterNs = config.staleAfterNs ?? 10e9;
    this.#silentAfterNs = config.silentAfterNs ?? 45e9;
    for (const spec of config.instruments) this.#begin(spec);
  }

  get instruments(): readonly InstrumentSpec[] {
    return this.#instruments;
  }

  get routes(): readonly StreamRoute[] {
    return this.#routes.routes;
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

  /** One text: a later one of the same connection replaces the subscription. */
  subscriptionMessages(route: number): string[] {
    const symbols = this.#routes.subscribedOf(route).map((i) => (this.#instruments[i] as InstrumentSpec).symbol);
    if (symbols.length === 0) return [];
    const depth = this.#config.bookDepth ?? 30;
    // Without suffix the venue sends all of its 30 levels.
    const suffix = depth === 30 ? '' : `.${depth}`;
    const ticket = this.#config.ticket ?? 'christmas';
    const request: object[] = [{ ticket: route === 0 ? ticket : `${ticket}-${route + 1}` }];
    if (this.#hasDepth) {
      request.push({ type: 'orderbook', codes: symbols.map((symbol) => `${symbol}${suffix}`), level: 0 });
    }
    request.push({ type: 'trade', codes: symbols, is_only_realtime: true });
    request.push({ format: this.#config.format ?? 'SIMPLE' });
    return [JSON.stringify(request)];
  }

  pingMessage(): string {
    return 'PING';
  }

  snapshotPath(): string {
    return '';
  }

  addInstrument(spec: InstrumentSpec, timeNs: number): number {
    const known = this.#table.indexOf(spec.symbol);
    if (known >= 0) expectSameSteps(this.#instruments[known] as InstrumentSpec, spec);
    if (known >= 0 && this.#routes.isSubscribed(known)) return known;
    const index = known >= 0 ? known : this.#instruments.length;
    if (known >= 0) {
      this.#routes.setSubscribed(known, true);
    } else {
      const numbered = { ...spec, index };
      this.#table.add(numbered);
      this.#begin(numbered);
    }
    const route = this.#routes.routeOf(index);
    if (this.#routes.isConnected(route)) {
      this.#subscribe(route);
      if (this.#hasDepth) this.#books[index]?.onConnected(timeNs);
    }
    return index;
  }

  removeInstrument(instrument: number, timeNs: number): void {
    if (!this.#routes.isSubscribed(instrument)) return;
    this.#routes.setSubscribed(instrument, false);
    const route = this.#routes.routeOf(instrument);
    // A subscription to nothing does not exist: the last one goes with its connection.
    if (this.#routes.subscribedOf(route).length > 0) this.#subscribe(route);
    else if (this.#routes.isConnected(route)) this.#io.reconnect('nothing is subscribed any more', route);
    this.#books[instrument]?.onDisconnected(timeNs, NOT_SUBSCRIBED);
  }

  onConnected(timeNs: number, route?: number): void {
    if (route === undefined) {
      for (let i = 0; i < this.routes.length; i++) this.onConnected(timeNs, i);
      return;
    }
    this.#routes.onConnected(route, timeNs);
    if (!this.#hasDepth) return;
    for (const i of this.#routes.subscribedOf(route)) this.#books[i]?.onConnected(timeNs);
  }

  onDisconnected(timeNs: number, reason: string, route?: number): void {
    if (route === undefined) {
      for (let i = 0; i < this.routes.length; i++) this.onDisconnected(timeNs, reason, i);
      return;
    }
    this.#routes.onDisconnected(route);
    if (!this.#hasDepth) return;
    for (const i of this.#routes.subscribedOf(route)) this.#books[i]?.onDisconnected(timeNs, reason);
  }

  onMessage(bytes: Uint8Array, timeNs: number, route = 0): void {
    const m = this.#decoder;
    this.#routes.onMessage(route, timeNs);
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
        countBad(this.#counters, m.instrument, m.reason);
        if (m.wasBook && m.instrument >= 0 && this.#hasDepth) {
          (this.#books[m.instrument] as UpbitBook).onBadBook(m.reason, timeNs);
        }
      }
    }
  }

  onSnapshot(): void {
    // Upbit's books come in the stream.
  }

  onSnapshotFailed(): void {
    // As above: nothing was requested that could fail.
  }

  onTimer(timeNs: number): void {
    for (let route = 0; route < this.routes.length; route++) {
      if (!this.#routes.hasFallenSilent(route, timeNs, this.#silentAfterNs)) continue;
      this.#io.reconnect(`no message for ${this.#silentAfterNs / 1e9} s`, route);
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
        const reason = `book of ${this.#instruments[i]?.symbol} is silent while it trades`;
        this.#io.reconnect(reason, this.#routes.routeOf(i));
        return;
      }
    }
  }

  onCrossed(instrument: number, timeNs: number, reason?: string): void {
    this.#books[instrument]?.onCrossed(timeNs, reason);
  }

  #begin(spec: InstrumentSpec): void {
    const { index, symbol } = spec;
    const counters = newFeedCounters();
    this.#instruments.push(spec);
    this.#counters.push(counters);
    this.#tradeNumbers.push(new TradeNumbers());
    this.#routes.add();
    this.#lastTradeNs = grownFloat64(this.#lastTradeNs, this.#instruments.length);
    const route = this.#routes.routeOf(index);
    this.#books.push(
      new UpbitBook({
        instrument: index,
        symbol,
        route,
        staleAfterNs: this.#staleAfterNs,
        counters,
        io: this.#io,
        budget: this.#budget,
        slot: this.#slot,
        resubscribe: () => this.#subscribe(route),
      }),
    );
  }

  #subscribe(route: number): void {
    for (const text of this.subscriptionMessages(route)) this.#io.send(text, route);
  }

  #takeTrade(timeNs: number): void {
    const m = this.#decoder;
    const slot = this.#slot;
    const counters = this.#counters[m.instrument] as FeedCounters;
    const numbers = this.#tradeNumbers[m.instrument] as TradeNumbers;
    const isWanted = !m.isSnapshot && this.#routes.isSubscribed(m.instrument);
    const number = !isWanted ? -1 : numbers.next(m.tradeTimeMs, m.tradeIdHigh, m.tradeIdLow);
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

  #noteLag(timeNs: number): void {
    const { originUs } = this.#config;
    if (originUs === 0) return;
    const m = this.#decoder;
    (this.#counters[m.instrument] as FeedCounters).feedLagNs = timeNs - (m.timeMs * 1000 - originUs) * 1000;
  }
}
