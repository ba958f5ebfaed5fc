import { RecordKind } from '../contract/record.ts';
import { type InstrumentSpec, Side } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import { SnapshotBudget } from './snapshot-budget.ts';
import { countBad, newFeedCounters } from './feed-counters.ts';
import { expectSameSteps } from './instrument-table.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo, StreamRoute } from './market-adapter.ts';
import { BatchKind, MarketBatch } from './market-batch.ts';
import { type BookChecksum, ProvenBook } from './proven-book.ts';
import { NOT_SUBSCRIBED, RouteTable } from './route-table.ts';

export interface ProvenFeedConfig {
  /** `index` of each must equal its position. */
  instruments: readonly InstrumentSpec[];
  /** Wall clock of engine time 0, us since the epoch: makes `feedLagNs`. 0 leaves it at 0. */
  originUs: number;
  /** A live book without an update for this long is stale; default 10 s. */
  staleAfterNs?: number;
  /** Without any message for this long the connection is taken for dead; default 30 s. */
  silentAfterNs?: number;
}

/** What differs from venue to venue: words and wire format. */
export interface FeedDialect {
  /** Path of the connection. */
  readonly path: string;
  readonly instrumentsPerConnection: number;
  /** Levels a side of the subscribed book. */
  readonly depth: number;
  readonly pingIntervalMs: number;
  readonly pingMessage: string;
  /** Takes the next instrument. @throws RangeError when its symbol is there already, or a step is no positive decimal. */
  add(spec: InstrumentSpec): void;
  /** Index of a symbol, or -1. */
  indexOf(symbol: string): number;
  streamsOf(instrument: number): string[];
  /** Texts that enter or leave all streams of these instruments. */
  subscriptionMessages(instruments: readonly number[]): string[];
  unsubscriptionMessages(instruments: readonly number[]): string[];
  /** Texts that leave and enter the book stream of one instrument. */
  resubscriptionMessages(instrument: number): string[];
  checksum(instrument: number): BookChecksum;
  /** As {@link ProvenBookOptions.datesSnapshots}. */
  readonly datesSnapshots: boolean;
  /** These instruments are about to be subscribed on a new connection. */
  onConnected(instruments: readonly number[]): void;
  /** Fills the batch. @throws RangeError with the reason when the payload is bad; the batch says what it was part of. */
  decode(bytes: Uint8Array, batch: MarketBatch): void;
}

/** Market data of a venue that sends the snapshot in the stream and proves its books: one {@link ProvenBook} each. */
export class ProvenFeedAdapter implements MarketAdapter {
  readonly #instruments: InstrumentSpec[] = [];
  readonly #dialect: FeedDialect;
  readonly #io: MarketAdapterIo;
  readonly #originUs: number;
  readonly #silentAfterNs: number;
  readonly #staleAfterNs: number;
  readonly #routes: RouteTable;
  // Two messages a re-subscription; OKX takes 480 an hour.
  readonly #budget = new SnapshotBudget(8, 15e9);
  readonly #slot = new EventSlot();
  readonly #batch = new MarketBatch();
  readonly #counters: FeedCounters[] = [];
  readonly #books: ProvenBook[] = [];

  /** @throws RangeError when the list of instruments is empty, a symbol appears twice, or an index or step is off. */
  constructor(dialect: FeedDialect, config: ProvenFeedConfig, io: MarketAdapterIo) {
    if (config.instruments.length === 0) throw new RangeError('Expected at least one instrument, was none');
    this.#dialect = dialect;
    this.#io = io;
    this.#originUs = config.originUs;
    this.#silentAfterNs = config.silentAfterNs ?? 30e9;
    this.#staleAfterNs = config.staleAfterNs ?? 10e9;
    const kind = { name: 'public', path: () => dialect.path };
    this.#routes = new RouteTable([kind], dialect.instrumentsPerConnection);
    config.instruments.forEach((spec, i) => {
      if (spec.index !== i) throw new RangeError(`Expected index ${i} for ${spec.symbol}, was ${spec.index}`);
      this.#begin(spec);
    });
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
    if (counters === undefined) {
      throw new RangeError(`Expected an instrument below ${this.#counters.length}, was ${instrument}`);
    }
    return counters;
  }

  /** Streams of all subscribed instruments, as `channel:symbol`. */
  streams(): string[] {
    return this.#instruments.flatMap((_, i) => (this.#routes.isSubscribed(i) ? this.#dialect.streamsOf(i) : []));
  }
  subscriptionMessages(route: number): string[] {
    const subscribed = this.#routes.subscribedOf(route);
    return subscribed.length === 0 ? [] : this.#dialect.subscriptionMessages(subscribed);
  }
  get pingIntervalMs(): number {
    return this.#dialect.pingIntervalMs;
  }
  pingMessage(): string {
    return this.#dialect.pingMessage;
  }
  snapshotPath(): string {
    return '';
  }

  addInstrument(spec: InstrumentSpec, timeNs: number): number {
    const known = this.#dialect.indexOf(spec.symbol);
    if (known >= 0) expectSameSteps(this.#instruments[known] as InstrumentSpec, spec);
    if (known >= 0 && this.#routes.isSubscribed(known)) return known;
    const index = known >= 0 ? known : this.#instruments.length;
    if (known >= 0) this.#routes.setSubscribed(known, true);
    else this.#begin({ ...spec, index });
    const route = this.#routes.routeOf(index);
    if (this.#routes.isConnected(route)) {
      this.#dialect.onConnected([index]);
      for (const text of this.#dialect.subscriptionMessages([index])) this.#io.send(text, route);
      this.#books[index]?.onConnected(timeNs);
    }
    return index;
  }

  removeInstrument(instrument: number, timeNs: number): void {
    if (!this.#routes.isSubscribed(instrument)) return;
    this.#routes.setSubscribed(instrument, false);
    const route = this.#routes.routeOf(instrument);
    for (const text of this.#dialect.unsubscriptionMessages([instrument])) this.#io.send(text, route);
    this.#books[instrument]?.onDisconnected(timeNs, NOT_SUBSCRIBED);
  }

  onConnected(timeNs: number, route?: number): void {
    if (route === undefined) {
      for (let i = 0; i < this.routes.length; i++) this.onConnected(timeNs, i);
      return;
    }
    this.#routes.onConnected(route, timeNs);
    const subscribed = this.#routes.subscribedOf(route);
    this.#dialect.onConnected(subscribed);
    for (const i of subscribed) this.#books[i]?.onConnected(timeNs);
  }

  onDisconnected(timeNs: number, reason: string, route?: number): void {
    if (route === undefined) {
      for (let i = 0; i < this.routes.length; i++) this.onDisconnected(timeNs, reason, i);
      return;
    }
    this.#routes.onDisconnected(route);
    for (const i of this.#routes.subscribedOf(route)) this.#books[i]?.onDisconnected(timeNs, reason);
  }

  onMessage(bytes: Uint8Array, timeNs: number, route = 0): void {
    const batch = this.#batch;
    this.#routes.onMessage(route, timeNs);
    batch.reset();
    // Only the decoding is guarded: an error of the consumer must not look like a bad message.
    try {
      this.#dialect.decode(bytes, batch);
    } catch (error) {
      this.#onBadMessage(error instanceof Error ? error.message : String(error), timeNs, route);
      return;
    }
    const { instrument } = batch;
    const isForBook = batch.kind === BatchKind.book;
    if (instrument >= 0 && !isForBook && !this.#routes.isSubscribed(instrument)) {
      (this.#counters[instrument] as FeedCounters).discarded++;
      return;
    }
    switch (batch.kind) {
      case BatchKind.book:
        this.#noteLag(instrument, batch.book.timeUs, timeNs);
        (this.#books[instrument] as ProvenBook).onMessage(batch.book, timeNs);
        return;
      case BatchKind.trades:
        (this.#books[instrument] as ProvenBook).onOtherMessage(timeNs);
        this.#emitTrades(timeNs);
        return;
      case BatchKind.quote:
        (this.#books[instrument] as ProvenBook).onOtherMessage(timeNs);
        this.#emitQuote(timeNs);
        return;
      case BatchKind.reconnect:
        this.#io.reconnect(batch.reason, route);
        return;
      default:
        return;
    }
  }

  onSnapshot(): void {
    // Snapshots come in the stream: none is ever requested.
  }

  onSnapshotFailed(): void {
    // As above: nothing was requested that could fail.
  }

  onTimer(timeNs: number): void {
    for (const book of this.#books) book.onTimer(timeNs);
    for (let route = 0; route < this.routes.length; route++) {
      if (!this.#routes.hasFallenSilent(route, timeNs, this.#silentAfterNs)) continue;
      this.#io.reconnect(`no message for ${this.#silentAfterNs / 1e9} s`, route);
    }
  }

  onCrossed(instrument: number, timeNs: number, reason?: string): void {
    this.#books[instrument]?.onCrossed(timeNs, reason);
  }

  #begin(spec: InstrumentSpec): void {
    const { index } = spec;
    this.#dialect.add(spec);
    this.#instruments.push(spec);
    this.#routes.add();
    this.#budget.raiseTo(this.#instruments.length);
    const route = this.#routes.routeOf(index);
    const counters = newFeedCounters();
    this.#counters.push(counters);
    this.#books.push(
      new ProvenBook({
        instrument: index,
        depth: this.#dialect.depth,
        staleAfterNs: this.#staleAfterNs,
        counters,
        io: this.#io,
        budget: this.#budget,
        slot: this.#slot,
        checksum: this.#dialect.checksum(index),
        datesSnapshots: this.#dialect.datesSnapshots,
        resubscribe: () => {
          for (const text of this.#dialect.resubscriptionMessages(index)) this.#io.send(text, route);
        },
      }),
    );
  }

  #onBadMessage(reason: string, timeNs: number, route: number): void {
    const { instrument, isBook } = this.#batch;
    countBad(this.#counters, instrument, reason);
    if (instrument >= 0) {
      if (isBook) (this.#books[instrument] as ProvenBook).onLost(`bad book message: ${reason}`, timeNs);
      return;
    }
    // It may have been an update of any book of the connection. Where the next one would tell, wait for it.
    for (const i of this.#routes.subscribedOf(route)) {
      const book = this.#books[i] as ProvenBook;
      if (book.isFollowing && !book.showsLoss) book.onLost(`unreadable message: ${reason}`, timeNs);
    }
  }

  #emitTrades(timeNs: number): void {
    const batch = this.#batch;
    const slot = this.#slot;
    const counters = this.#counters[batch.instrument] as FeedCounters;
    for (let i = 0; i < batch.tradeCount; i++) {
      counters.trades++;
      slot.begin(RecordKind.trade, batch.instrument, timeNs);
      slot.exchangeTimeUs = batch.tradeTimesUs[i] as number;
      slot.priceTicks = batch.tradeTicks[i] as number;
      slot.sizeLots = batch.tradeLots[i] as number;
      slot.id = batch.tradeIds[i] as number;
      slot.side = batch.tradeSides[i] as Side;
      this.#io.emit(slot);
    }
    if (batch.tradeCount > 0) {
      this.#noteLag(batch.instrument, batch.tradeTimesUs[batch.tradeCount - 1] as number, timeNs);
    }
  }

  #emitQuote(timeNs: number): void {
    const batch = this.#batch;
    const slot = this.#slot;
    (this.#counters[batch.instrument] as FeedCounters).quotes++;
    for (let i = 0; i < 2; i++) {
      const ticks = i === 0 ? batch.bidTicks : batch.askTicks;
      if (ticks === 0) continue;
      slot.begin(RecordKind.quote, batch.instrument, timeNs);
      slot.exchangeTimeUs = batch.quoteTimeUs;
      slot.id = batch.quoteId;
      slot.side = i === 0 ? Side.buy : Side.sell;
      slot.priceTicks = ticks;
      slot.sizeLots = i === 0 ? batch.bidLots : batch.askLots;
      this.#io.emit(slot);
    }
  }

  #noteLag(instrument: number, eventTimeUs: number, timeNs: number): void {
    if (eventTimeUs === 0 || this.#originUs === 0) return;
    (this.#counters[instrument] as FeedCounters).feedLagNs = timeNs - (eventTimeUs - this.#originUs) * 1000;
  }
}
