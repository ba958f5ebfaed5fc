import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { type EventSink, EventSlot } from '../../core/event-slot.ts';
import { countBad, newFeedCounters } from '../feed-counters.ts';
import type { FeedCounters } from '../market-adapter.ts';
import { TradeNumbers } from '../trade-numbers.ts';

/** A price level of the generic library: price, size, and whatever else it adds. */
export type SlowLevel = readonly [price: number, size: number, ...rest: unknown[]];

/** A whole book, as the generic library gives it on every change. */
export interface SlowOrderBook {
  bids: readonly SlowLevel[];
  asks: readonly SlowLevel[];
  /** ms since the epoch. */
  timestamp?: number | undefined;
  /** The venue's number of this book, where it has one. */
  nonce?: number | undefined;
}

export interface SlowTrade {
  id?: string | undefined;
  /** ms since the epoch. */
  timestamp?: number | undefined;
  price: number;
  amount: number;
  side?: string | undefined;
}

export interface SlowAdapterConfig {
  instruments: readonly InstrumentSpec[];
  /** Wall clock of engine time 0, us since the epoch. */
  originUs: number;
  /** A live book without an update for this long is stale; default 15 s: some exchanges are polled. */
  staleAfterNs?: number;
}

/** Levels a side that are kept: the library hands over whole books. */
const MAX_LEVELS = 200;

interface SlowBook {
  /** Lots by ticks, of the book as it was emitted last. */
  bids: Map<number, number>;
  asks: Map<number, number>;
  isEmpty: boolean;
  number: number;
  nonce: number;
  lastBookNs: number;
  removed: boolean;
}

/**
 * Whole books and trades of a generic exchange library in, records out: what makes any exchange watchable. This is the
 * slow path: it works with objects and floating-point prices, and nothing proves its books but their order and that they
 * are not crossed. Rounding to ticks and lots happens here; a price that is no number of ticks counts as bad.
 */
export class SlowAdapter {
  readonly instruments: InstrumentSpec[] = [];
  readonly #sink: EventSink;
  readonly #originUs: number;
  readonly #staleAfterNs: number;
  readonly #slot = new EventSlot();
  readonly #books: SlowBook[] = [];
  readonly #counters: FeedCounters[] = [];
  readonly #tradeNumbers: TradeNumbers[] = [];

  constructor(config: SlowAdapterConfig, sink: EventSink) {
    this.#sink = sink;
    this.#originUs = config.originUs;
    this.#staleAfterNs = config.staleAfterNs ?? 15e9;
    for (const spec of config.instruments) this.addInstrument(spec);
  }

  /** @throws RangeError for an unknown instrument. */
  counters(instrument: number): FeedCounters {
    const counters = this.#counters[instrument];
    if (counters === undefined) {
      throw new RangeError(`Expected an instrument below ${this.#counters.length}, was ${instrument}`);
    }
    return counters;
  }

  /** Index of the instrument; one that is known is taken up again. */
  addInstrument(spec: InstrumentSpec): number {
    const known = this.instruments.findIndex((one) => one.symbol === spec.symbol);
    if (known >= 0) {
      (this.#books[known] as SlowBook).removed = false;
      return known;
    }
    this.instruments.push(spec);
    this.#counters.push(newFeedCounters());
    this.#tradeNumbers.push(new TradeNumbers());
    this.#books.push({
      bids: new Map(),
      asks: new Map(),
      isEmpty: true,
      number: 0,
      nonce: 0,
      lastBookNs: 0,
      removed: false,
    });
    return this.instruments.length - 1;
  }

  removeInstrument(instrument: number, timeNs: number): void {
    const book = this.#books[instrument] as SlowBook;
    if (book.removed) return;
    book.removed = true;
    book.isEmpty = true;
    this.#setState(instrument, BookState.connecting, 'not subscribed', timeNs);
  }

  /** The library was asked for the book and has not given one yet. */
  onSubscribed(instrument: number, timeNs: number): void {
    const book = this.#books[instrument] as SlowBook;
    if (book.removed) return;
    book.lastBookNs = timeNs;
    if (book.isEmpty) this.#setState(instrument, BookState.syncing, 'waiting for the book', timeNs);
  }

  /** The library could not get the book: what was shown is no longer known. */
  onFailed(instrument: number, reason: string, timeNs: number): void {
    const book = this.#books[instrument] as SlowBook;
    if (book.removed) return;
    book.isEmpty = true;
    this.#setState(instrument, BookState.connecting, reason, timeNs);
  }

  onBook(instrument: number, message: SlowOrderBook, timeNs: number): void {
    const book = this.#books[instrument] as SlowBook;
    const counters = this.counters(instrument);
    if (book.removed) return;
    counters.depth++;
    book.lastBookNs = timeNs;
    const nonce = message.nonce ?? 0;
    if (nonce > 0 && nonce < book.nonce && !book.isEmpty) {
      counters.discarded++;
      return;
    }
    book.nonce = nonce;
    const bids = this.#levelsOf(instrument, message.bids);
    const asks = this.#levelsOf(instrument, message.asks);
    if (bids === undefined || asks === undefined) {
      countBad(this.#counters, instrument, 'a price or size of a book is no positive number of steps');
      counters.gaps++;
      book.isEmpty = true;
      this.#setState(instrument, BookState.gap, `bad book: ${counters.badReason}`, timeNs);
      return;
    }
    if (bids.size > 0 && asks.size > 0 && Math.max(...bids.keys()) >= Math.min(...asks.keys())) {
      counters.resyncs++;
      book.isEmpty = true;
      this.#setState(instrument, BookState.crossed, 'best bid at or above best ask', timeNs);
      return;
    }
    const exchangeTimeUs = (message.timestamp ?? 0) * 1000;
    this.#noteLag(counters, exchangeTimeUs, timeNs);
    this.#emitBook(instrument, book, bids, asks, exchangeTimeUs, timeNs);
    counters.applied++;
    this.#setState(instrument, BookState.live, '', timeNs);
  }

  /** The consumer found the book crossed: the next one replaces it. */
  onCrossed(instrument: number, timeNs: number): void {
    (this.#books[instrument] as SlowBook).isEmpty = true;
    this.counters(instrument).resyncs++;
    this.#setState(instrument, BookState.crossed, 'best bid at or above best ask', timeNs);
  }

  /** Oldest first; repeats are left out by the venue's id. */
  onTrades(instrument: number, trades: readonly SlowTrade[], timeNs: number): void {
    if ((this.#books[instrument] as SlowBook).removed) return;
    const { tickSize, lotSize } = this.instruments[instrument] as InstrumentSpec;
    const counters = this.counters(instrument);
    const slot = this.#slot;
    for (const trade of trades) {
      const priceTicks = stepsOf(trade.price, Number(tickSize));
      const sizeLots = Math.max(1, Math.round(trade.amount / Number(lotSize)));
      const timeMs = trade.timestamp ?? 0;
      if (!(priceTicks > 0) || !(trade.amount > 0) || !Number.isSafeInteger(sizeLots) || !(timeMs >= 0)) {
        countBad(this.#counters, instrument, 'a price, size or time of a trade is not usable');
        continue;
      }
      const [high, low] = hashesOf(trade.id ?? `${timeMs} ${trade.price} ${trade.amount} ${trade.side}`);
      const number = (this.#tradeNumbers[instrument] as TradeNumbers).next(timeMs, high, low);
      if (number < 0) {
        counters.discarded++;
        continue;
      }
      counters.trades++;
      slot.begin(RecordKind.trade, instrument, timeNs);
      slot.exchangeTimeUs = timeMs * 1000;
      slot.priceTicks = priceTicks;
      slot.sizeLots = sizeLots;
      slot.id = number;
      slot.side = trade.side === 'sell' ? Side.sell : Side.buy;
      this.#sink.emit(slot);
    }
  }

  onTimer(timeNs: number): void {
    for (let i = 0; i < this.#books.length; i++) {
      const book = this.#books[i] as SlowBook;
      const silentNs = timeNs - book.lastBookNs;
      if (book.removed || this.counters(i).state !== BookState.live || silentNs <= this.#staleAfterNs) continue;
      this.#setState(i, BookState.stale, `no book for ${Math.round(silentNs / 1e9)} s`, timeNs);
    }
  }

  /** Lots by ticks; undefined when a level is not usable. Sizes of 0 are left out. */
  #levelsOf(instrument: number, levels: readonly SlowLevel[]): Map<number, number> | undefined {
    const { tickSize, lotSize } = this.instruments[instrument] as InstrumentSpec;
    const tick = Number(tickSize);
    const lot = Number(lotSize);
    const result = new Map<number, number>();
    for (const [price, size] of levels.slice(0, MAX_LEVELS)) {
      const ticks = stepsOf(price, tick);
      if (!(ticks > 0) || !(size >= 0) || !Number.isSafeInteger(Math.round(size / lot))) return undefined;
      if (size > 0) result.set(ticks, Math.max(1, Math.round(size / lot)));
    }
    return result;
  }

  #emitBook(
    instrument: number,
    book: SlowBook,
    bids: Map<number, number>,
    asks: Map<number, number>,
    exchangeTimeUs: number,
    timeNs: number,
  ): void {
    const slot = this.#slot;
    const snapshot = book.isEmpty;
    const number = ++book.number;
    const frame = (kind: number): void => {
      slot.begin(kind, instrument, timeNs);
      slot.exchangeTimeUs = exchangeTimeUs;
      slot.id = number;
      if (!snapshot) slot.aux = number;
      this.#sink.emit(slot);
    };
    const level = (side: Side, ticks: number, lots: number): void => {
      slot.begin(RecordKind.level, instrument, timeNs);
      slot.side = side;
      slot.flags = snapshot ? RecordFlag.snapshotOrMaker : 0;
      slot.exchangeTimeUs = exchangeTimeUs;
      slot.priceTicks = ticks;
      slot.sizeLots = lots;
      this.#sink.emit(slot);
    };
    frame(snapshot ? RecordKind.snapshotBegin : RecordKind.diffBegin);
    for (const [side, before, after] of [
      [Side.buy, book.bids, bids],
      [Side.sell, book.asks, asks],
    ] as const) {
      if (!snapshot) for (const ticks of before.keys()) if (!after.has(ticks)) level(side, ticks, 0);
      for (const [ticks, lots] of after) if (snapshot || before.get(ticks) !== lots) level(side, ticks, lots);
    }
    book.bids = bids;
    book.asks = asks;
    book.isEmpty = false;
    frame(snapshot ? RecordKind.snapshotEnd : RecordKind.diffEnd);
  }

  #noteLag(counters: FeedCounters, exchangeTimeUs: number, timeNs: number): void {
    if (exchangeTimeUs > 0) counters.feedLagNs = timeNs - (exchangeTimeUs - this.#originUs) * 1000;
  }

  #setState(instrument: number, state: BookState, reason: string, timeNs: number): void {
    const counters = this.counters(instrument);
    const before = counters.state;
    if (before === state && counters.stateReason === reason) return;
    counters.state = state;
    counters.stateReason = reason;
    const slot = this.#slot.begin(RecordKind.bookState, instrument, timeNs);
    slot.id = state;
    slot.aux = before;
    this.#sink.emit(slot.setText(reason));
  }
}

/** Whole steps in a floating-point price; NaN when it lies between two of them. */
function stepsOf(value: number, step: number): number {
  const steps = Math.round(value / step);
  return Number.isSafeInteger(steps) && Math.abs(steps * step - value) <= step * 1e-3 ? steps : Number.NaN;
}

/** Two 32-bit hashes of a text (FNV-1a, from two starts). */
function hashesOf(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0x01000193) + i;
  }
  return [a >>> 0, b >>> 0];
}
