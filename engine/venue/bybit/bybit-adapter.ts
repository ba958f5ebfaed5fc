import { BookState, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { grownFloat64 } from '../../core/grown-array.ts';
import { expectSameSteps, InstrumentTable } from '../instrument-table.ts';
import { NOT_SUBSCRIBED, RouteTable } from '../route-table.ts';
import { SnapshotBudget } from '../snapshot-budget.ts';
import { countBad, newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo, StreamRoute } from '../market-adapter.ts';
import { BybitBook } from './bybit-book.ts';
import { BybitDecoder } from './bybit-decoder.ts';
import { BybitMessageKind } from './bybit-message.ts';
import { TradeNumbers } from '../trade-numbers.ts';

export type BybitCategory = 'spot' | 'linear' | 'inverse';

export interface BybitAdapterConfig {
  /** Default `linear`. */
  category?: BybitCategory;
  /** `index` of each must equal its position. */
  instruments: readonly InstrumentSpec[];
  /** Wall clock of engine time 0, us since the epoch: makes `feedLagNs`. 0 leaves it at 0. */
  originUs: number;
  /** False for sources without a book. Default true. */
  depth?: boolean;
  /** Levels a side of the book's topic; `any` takes what comes (recordings). Default 200. */
  bookDepth?: 1 | 50 | 200 | 500 | 1000 | 'any';
  /**
   * Also subscribes the book of level 1 and hands it on as the venue's ticker: what its best prices are, at which `seq`,
   * is all that shows a delete which a delta left out. Default false.
   */
  ticker?: boolean;
  /** A live book without an update for this long is stale; default 10 s. */
  staleAfterNs?: number;
  /** Without any message (pongs count) for this long the connection is taken for dead; default 45 s. */
  silentAfterNs?: number;
}

/** Topics in one subscription request: spot allows no more. */
const TOPICS_PER_REQUEST = 10;
/** Two topics each of some 25 characters; a connection takes 21,000 characters of topics. */
const INSTRUMENTS_PER_CONNECTION = 200;

/** Address of the public streams of a category. */
export function bybitStreamUrl(category: BybitCategory, testnet = false): string {
  return `wss://stream${testnet ? '-testnet' : ''}.bybit.com${streamPath(category)}`;
}

function streamPath(category: BybitCategory): string {
  return `/v5/public/${category}`;
}

/**
 * Bybit v5 public market data, sans-IO. Snapshots come in the stream: with each subscription, which a book that has lost
 * its way therefore leaves and enters again, so {@link onSnapshot} has nothing to do.
 *
 * Trades: `id` is the number of {@link TradeNumbers} (Bybit's own are UUIDs or 19 digits, and several trades share a
 * `seq`), `aux` is `seq`. Level 1 is snapshots only: each replaces the book.
 */
export class BybitAdapter implements MarketAdapter {
  /** The venue cuts a connection that sends nothing for 10 minutes; it asks for a ping every 20 s. */
  readonly pingIntervalMs = 20_000;
  readonly #instruments: InstrumentSpec[] = [];
  readonly #io: MarketAdapterIo;
  readonly #table: InstrumentTable;
  readonly #decoder: BybitDecoder;
  readonly #routes: RouteTable;
  readonly #budget = new SnapshotBudget();
  readonly #slot = new EventSlot();
  readonly #counters: FeedCounters[] = [];
  readonly #books: BybitBook[] = [];
  readonly #tradeNumbers: TradeNumbers[] = [];
  /** Engine time of the newest trade: a book that stays silent while trades come has stalled. */
  #lastTradeNs: Float64Array = new Float64Array(8);
  readonly #bookDepth: number | 'any';
  readonly #hasDepth: boolean;
  readonly #hasTicker: boolean;
  readonly #originUs: number;
  readonly #staleAfterNs: number;
  readonly #silentAfterNs: number;
  #inexactSizes = 0;

  /** @throws RangeError when the instruments are none, repeated or misnumbered. */
  constructor(config: BybitAdapterConfig, io: MarketAdapterIo) {
    this.#io = io;
    this.#table = new InstrumentTable(config.instruments);
    this.#decoder = new BybitDecoder(this.#table);
    const path = streamPath(config.category ?? 'linear');
    this.#routes = new RouteTable([{ name: 'public', path: () => path }], INSTRUMENTS_PER_CONNECTION);
    this.#bookDepth = config.bookDepth ?? 200;
    this.#hasDepth = config.depth ?? true;
    this.#hasTicker = this.#hasDepth && this.#bookDepth !== 1 && (config.ticker ?? false);
    this.#originUs = config.originUs;
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

  /** Sizes that lay between two lots and were rounded to the nearest, at least 1. */
  get inexactSizes(): number {
    return this.#inexactSizes;
  }

  /** Topics of all subscribed instruments. */
  streams(): string[] {
    return this.#instruments.flatMap((_, i) => (this.#routes.isSubscribed(i) ? this.#topicsOf(i) : []));
  }

  subscriptionMessages(route: number): string[] {
    const topics = this.#routes.subscribedOf(route).flatMap((i) => this.#topicsOf(i));
    const messages: string[] = [];
    for (let at = 0; at < topics.length; at += TOPICS_PER_REQUEST) {
      const args = topics.slice(at, at + TOPICS_PER_REQUEST);
      messages.push(JSON.stringify({ req_id: `subscribe-${messages.length + 1}`, op: 'subscribe', args }));
    }
    return messages;
  }

  pingMessage(): string {
    return '{"req_id":"ping","op":"ping"}';
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
      this.#io.send(this.#request('subscribe', `add-${index}`, this.#topicsOf(index)), route);
      if (this.#hasDepth) this.#books[index]?.onConnected(timeNs);
    }
    return index;
  }

  removeInstrument(instrument: number, timeNs: number): void {
    if (!this.#routes.isSubscribed(instrument)) return;
    this.#routes.setSubscribed(instrument, false);
    const text = this.#request('unsubscribe', `remove-${instrument}`, this.#topicsOf(instrument));
    this.#io.send(text, this.#routes.routeOf(instrument));
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
    m.decode(bytes);
    this.#inexactSizes += m.inexactSizes;
    switch (m.kind) {
      case BybitMessageKind.snapshot:
      case BybitMessageKind.delta:
        if (this.#hasTicker && m.depth === 1) {
          this.#takeTicker(timeNs);
          return;
        }
        if (!this.#hasDepth || (this.#bookDepth !== 'any' && m.depth !== this.#bookDepth)) return;
        this.#noteLag(m.instrument, m.timeUs, timeNs);
        (this.#books[m.instrument] as BybitBook).onBook(m, timeNs);
        return;
      case BybitMessageKind.trades:
        if (!this.#routes.isSubscribed(m.instrument)) {
          (this.#counters[m.instrument] as FeedCounters).discarded++;
          return;
        }
        this.#noteLag(m.instrument, m.timeUs, timeNs);
        this.#takeTrades(timeNs);
        return;
      case BybitMessageKind.bad:
        countBad(this.#counters, m.instrument, m.reason);
        if (m.wasBook && m.instrument >= 0 && this.#hasDepth && !(this.#hasTicker && m.depth === 1)) {
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
      const book = this.#books[i] as BybitBook;
      book.onTimer(timeNs);
      // A trade changes the book: trades without book updates mean that the book's stream has stalled.
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
    this.#budget.raiseTo(this.#instruments.length);
    const route = this.#routes.routeOf(index);
    const args = [this.#bookTopic(symbol)];
    this.#books.push(
      new BybitBook({
        instrument: index,
        symbol,
        route,
        staleAfterNs: this.#staleAfterNs,
        counters,
        io: this.#io,
        budget: this.#budget,
        slot: this.#slot,
        resubscribe: () => {
          for (const op of ['unsubscribe', 'subscribe']) {
            this.#io.send(this.#request(op, `again-${index}`, args), route);
          }
        },
      }),
    );
  }

  #request(op: string, id: string, args: readonly string[]): string {
    return JSON.stringify({ req_id: id, op, args });
  }

  #takeTrades(timeNs: number): void {
    const m = this.#decoder;
    const { instrument } = m;
    const counters = this.#counters[instrument] as FeedCounters;
    const inexactBefore = m.inexactSizes;
    const slot = this.#slot;
    for (let found = m.nextTrade(); found !== 0; found = m.nextTrade()) {
      if (found < 0) {
        countBad(this.#counters, instrument, m.reason);
        continue;
      }
      if (m.tradeSizeLots === 0 || m.tradePriceTicks === 0) {
        countBad(this.#counters, instrument, 'v, p: expected a trade of something at a price, was 0');
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

  #topicsOf(instrument: number): string[] {
    const { symbol } = this.#instruments[instrument] as InstrumentSpec;
    const trades = `publicTrade.${symbol}`;
    if (!this.#hasDepth) return [trades];
    return this.#hasTicker
      ? [`orderbook.1.${symbol}`, this.#bookTopic(symbol), trades]
      : [this.#bookTopic(symbol), trades];
  }

  /** The best prices of a level-1 snapshot; its `seq` counts as those of the deeper books do. */
  #takeTicker(timeNs: number): void {
    const m = this.#decoder;
    const { instrument, bids, asks } = m;
    if (!this.#routes.isSubscribed(instrument)) return;
    const slot = this.#slot;
    (this.#counters[instrument] as FeedCounters).quotes++;
    for (const side of [Side.buy, Side.sell] as const) {
      const levels = side === Side.buy ? bids : asks;
      if (levels.count === 0) continue;
      slot.begin(RecordKind.quote, instrument, timeNs);
      slot.exchangeTimeUs = m.timeUs;
      slot.id = m.sequence;
      slot.aux = 1;
      slot.side = side;
      slot.priceTicks = levels.priceTicks(0);
      slot.sizeLots = levels.sizeLots(0);
      this.#io.emit(slot);
    }
  }

  #bookTopic(symbol: string): string {
    return `orderbook.${this.#bookDepth === 'any' ? 200 : this.#bookDepth}.${symbol}`;
  }

  #noteLag(instrument: number, exchangeTimeUs: number, timeNs: number): void {
    if (this.#originUs === 0) return;
    (this.#counters[instrument] as FeedCounters).feedLagNs = timeNs - (exchangeTimeUs - this.#originUs) * 1000;
  }
}
