import { RecordKind } from '../contract/record.ts';
import { type InstrumentSpec, Side } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import { SnapshotBudget } from './snapshot-budget.ts';
import { newFeedCounters } from './feed-counters.ts';
import type { FeedCounters } from './market-adapter.ts';
import { BatchKind, MarketBatch } from './market-batch.ts';
import { type BookChecksum, ProvenBook } from './proven-book.ts';
import type { SubscriptionAdapter, SubscriptionIo } from './subscription-adapter.ts';

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
  /** Levels a side of the subscribed book. */
  readonly depth: number;
  readonly pingIntervalMs: number;
  readonly pingMessage: string;
  streams(): string[];
  subscriptionMessages(): string[];
  /** Texts that leave and enter the book stream of one instrument. */
  resubscriptionMessages(instrument: number): string[];
  checksum(instrument: number): BookChecksum;
  onConnected(): void;
  /** Fills the batch. @throws RangeError with the reason when the payload is bad; the batch says what it was part of. */
  decode(bytes: Uint8Array, batch: MarketBatch): void;
}

/** Market data of a venue that sends the snapshot in the stream and proves its books: one {@link ProvenBook} each. */
export class ProvenFeedAdapter implements SubscriptionAdapter {
  readonly instruments: readonly InstrumentSpec[];
  readonly #dialect: FeedDialect;
  readonly #io: SubscriptionIo;
  readonly #originUs: number;
  readonly #silentAfterNs: number;
  readonly #slot = new EventSlot();
  readonly #batch = new MarketBatch();
  readonly #counters: FeedCounters[] = [];
  readonly #books: ProvenBook[] = [];
  #connected = false;
  #lastMessageNs = 0;

  /** @throws RangeError when the list of instruments is empty or an index is off. */
  constructor(dialect: FeedDialect, config: ProvenFeedConfig, io: SubscriptionIo) {
    if (config.instruments.length === 0) throw new RangeError('Expected at least one instrument, was none');
    this.instruments = config.instruments;
    this.#dialect = dialect;
    this.#io = io;
    this.#originUs = config.originUs;
    this.#silentAfterNs = config.silentAfterNs ?? 30e9;
    // Two messages a re-subscription; OKX takes 480 an hour.
    const budget = new SnapshotBudget(Math.max(8, config.instruments.length), 15e9);
    config.instruments.forEach((spec, i) => {
      if (spec.index !== i) throw new RangeError(`Expected index ${i} for ${spec.symbol}, was ${spec.index}`);
      const counters = newFeedCounters();
      this.#counters.push(counters);
      this.#books.push(
        new ProvenBook({
          instrument: i,
          depth: dialect.depth,
          staleAfterNs: config.staleAfterNs ?? 10e9,
          counters,
          io,
          budget,
          slot: this.#slot,
          checksum: dialect.checksum(i),
          resubscribe: () => {
            for (const text of dialect.resubscriptionMessages(i)) io.send(text);
          },
        }),
      );
    });
  }

  /** @throws RangeError for an unknown instrument. */
  counters(instrument: number): FeedCounters {
    const counters = this.#counters[instrument];
    if (counters === undefined) {
      throw new RangeError(`Expected an instrument below ${this.#counters.length}, was ${instrument}`);
    }
    return counters;
  }

  streams(): string[] {
    return this.#dialect.streams();
  }
  subscriptionMessages(): string[] {
    return this.#dialect.subscriptionMessages();
  }
  get pingIntervalMs(): number {
    return this.#dialect.pingIntervalMs;
  }
  pingMessage(): string {
    return this.#dialect.pingMessage;
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#lastMessageNs = timeNs;
    this.#dialect.onConnected();
    for (const book of this.#books) book.onConnected(timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    for (const book of this.#books) book.onDisconnected(timeNs, reason);
  }

  onMessage(bytes: Uint8Array, timeNs: number): void {
    const batch = this.#batch;
    this.#lastMessageNs = timeNs;
    batch.reset();
    // Only the decoding is guarded: an error of the consumer must not look like a bad message.
    try {
      this.#dialect.decode(bytes, batch);
    } catch (error) {
      this.#onBadMessage(error instanceof Error ? error.message : String(error), timeNs);
      return;
    }
    const { instrument } = batch;
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
        this.#io.reconnect(batch.reason);
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
    if (!this.#connected) return;
    for (const book of this.#books) book.onTimer(timeNs);
    if (timeNs - this.#lastMessageNs > this.#silentAfterNs) {
      this.#lastMessageNs = timeNs;
      this.#io.reconnect(`no message for ${this.#silentAfterNs / 1e9} s`);
    }
  }

  onCrossed(instrument: number, timeNs: number): void {
    this.#books[instrument]?.onCrossed(timeNs);
  }

  #onBadMessage(reason: string, timeNs: number): void {
    const { instrument, isBook } = this.#batch;
    // A message of nobody's counts with the first instrument: it must show up in some report.
    (this.#counters[Math.max(0, instrument)] as FeedCounters).badMessages++;
    if (instrument >= 0) {
      if (isBook) (this.#books[instrument] as ProvenBook).onLost(`bad book message: ${reason}`, timeNs);
      return;
    }
    // It may have been an update of any book. Where the next one would tell, wait for it.
    for (const book of this.#books) {
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
