import { OrderBook } from '../market/order-book.ts';
import { type BookState, nameOf, BookState as States, RecordKind } from '../contract/record.ts';
import { decimalsOf, type InstrumentSpec, Side } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { MarketAdapterIo } from './market-adapter.ts';

export function instrumentOf(index: number, symbol: string, tickSize: string, lotSize: string): InstrumentSpec {
  const [baseAsset = '', quoteAsset = ''] = symbol.split(/[/-]/);
  return {
    index,
    venue: 'test',
    symbol,
    baseAsset,
    quoteAsset,
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
  };
}

export interface SeenTrade {
  instrument: number;
  side: Side;
  priceTicks: number;
  sizeLots: number;
  id: number;
  exchangeTimeUs: number;
}

/** What a trading step would make of the records, and what the adapter asked of its shell. */
export class ConsumerIo implements MarketAdapterIo {
  readonly books: OrderBook[] = [];
  readonly states: BookState[] = [];
  /** Every state record: `instrument state reason`. */
  readonly log: string[] = [];
  readonly sent: string[] = [];
  readonly trades: SeenTrade[] = [];
  readonly reconnects: string[] = [];
  quotes = 0;
  crossedBooks = 0;
  /** Books that differ from the venue's ticker are counted by the test in here. */
  onQuote: ((slot: EventSlot) => void) | undefined;
  onSend: ((text: string) => void) | undefined;
  onDiffEnd: ((instrument: number) => void) | undefined;
  #open = -1;

  constructor(instruments: number) {
    for (let i = 0; i < instruments; i++) {
      this.books.push(new OrderBook(1024));
      this.states.push(States.connecting);
    }
  }

  emit(slot: EventSlot): void {
    const { kind, instrument } = slot;
    const book = this.books[instrument] as OrderBook;
    if (kind === RecordKind.snapshotBegin || kind === RecordKind.diffBegin) {
      if (this.#open !== -1) throw new Error(`Expected the end of a book message of ${this.#open}, was a new one`);
      this.#open = instrument;
      if (kind === RecordKind.snapshotBegin) book.clear();
    } else if (kind === RecordKind.level) {
      if (this.#open !== instrument) throw new Error('Expected levels within a book message, was one outside');
      book.set(slot.side, slot.priceTicks, slot.sizeLots);
    } else if (kind === RecordKind.snapshotEnd || kind === RecordKind.diffEnd) {
      this.#open = -1;
      if (book.isCrossed()) this.crossedBooks++;
      this.onDiffEnd?.(instrument);
    } else if (kind === RecordKind.trade) {
      const { side, priceTicks, sizeLots, id, exchangeTimeUs } = slot;
      this.trades.push({ instrument, side, priceTicks, sizeLots, id, exchangeTimeUs });
    } else if (kind === RecordKind.quote) {
      this.quotes++;
      this.onQuote?.(slot);
    } else if (kind === RecordKind.bookState) {
      this.states[instrument] = slot.id as BookState;
      this.log.push(`${instrument} ${nameOf(States, slot.id)} ${slot.text}`.trim());
    }
  }

  requestSnapshot(): void {
    throw new Error('Expected no snapshot request: snapshots come in the stream');
  }
  reconnect(reason: string): void {
    this.reconnects.push(reason);
  }
  send(text: string): void {
    this.sent.push(text);
    this.onSend?.(text);
  }

  /** The `n` best levels of both sides as `price size` in ticks and lots. */
  top(instrument: number, n: number): string {
    const prices = new Float64Array(n);
    const sizes = new Float64Array(n);
    const sides = [Side.buy, Side.sell].map((side) => {
      const count = (this.books[instrument] as OrderBook).copyTop(side, n, prices, sizes);
      return [...prices.subarray(0, count)].map((price, i) => `${price} ${sizes[i]}`).join(',');
    });
    return sides.join('|');
  }
}

/** Small seeded generator (mulberry32): whole numbers below `n`. */
export function seededRandom(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

export interface ModelChange {
  bid: boolean;
  ticks: number;
  /** 0 removes. */
  lots: number;
  /** Came into the depth without having changed. */
  republished: boolean;
}

/** The venue's side of the tests: plain maps, sorted anew each time, cut to a depth. Nothing shared with the adapter. */
export class ModelVenueBook {
  readonly #random: (n: number) => number;
  readonly #depth: number;
  /** Tells of levels that were pushed out of the depth. */
  readonly #tellsPushedOut: boolean;
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #middle = 10_000;

  constructor(random: (n: number) => number, depth: number, tellsPushedOut: boolean) {
    this.#random = random;
    this.#depth = depth;
    this.#tellsPushedOut = tellsPushedOut;
    while (this.#bids.size < 30) this.#bids.set(this.#middle - 1 - random(60), this.#size());
    while (this.#asks.size < 30) this.#asks.set(this.#middle + 1 + random(60), this.#size());
  }

  /** Best first, within the depth. */
  view(bid: boolean): [ticks: number, lots: number][] {
    const levels = [...(bid ? this.#bids : this.#asks)];
    return levels.sort((a, b) => (bid ? b[0] - a[0] : a[0] - b[0])).slice(0, this.#depth);
  }

  top(n: number): string {
    return [true, false]
      .map((bid) =>
        this.view(bid)
          .slice(0, n)
          .map((level) => level.join(' '))
          .join(','),
      )
      .join('|');
  }

  /** Changes some levels; returns what the venue would send. */
  mutate(): ModelChange[] {
    const random = this.#random;
    const before = [this.view(true), this.view(false)];
    const touched = new Set<string>();
    if (random(4) === 0) this.#middle += random(5) - 2;
    for (const ticks of [...this.#bids.keys()]) if (ticks >= this.#middle) this.#bids.delete(ticks);
    for (const ticks of [...this.#asks.keys()]) if (ticks <= this.#middle) this.#asks.delete(ticks);
    for (let i = random(4); i >= 0; i--) {
      const bid = random(2) === 0;
      const away = 1 + (random(3) === 0 ? random(60) : random(8));
      const ticks = this.#middle + (bid ? -away : away);
      const side = bid ? this.#bids : this.#asks;
      touched.add(`${bid} ${ticks}`);
      if (random(5) < 2 && side.size > 12) side.delete(ticks);
      else side.set(ticks, this.#size());
    }
    const changes: ModelChange[] = [];
    for (const bid of [true, false]) {
      const side = bid ? this.#bids : this.#asks;
      const old = new Map(before[bid ? 0 : 1]);
      const now = new Map(this.view(bid));
      for (const [ticks, lots] of now) {
        if (old.get(ticks) === lots) continue;
        changes.push({ bid, ticks, lots, republished: !old.has(ticks) && !touched.has(`${bid} ${ticks}`) });
      }
      for (const ticks of old.keys()) {
        if (now.has(ticks) || (side.has(ticks) && !this.#tellsPushedOut)) continue;
        changes.push({ bid, ticks, lots: 0, republished: false });
      }
    }
    return changes;
  }

  #size(): number {
    const random = this.#random;
    return (1 + random(9999)) * 10 ** random(5);
  }
}

/** Puts the decimal point into a whole number: (1250, 8) is `0.00001250`. */
export function fixedText(value: number, decimals: number): string {
  const digits = String(value).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
