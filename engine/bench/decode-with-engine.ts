import type { InstrumentSpec } from '../contract/units.ts';
import { FieldScanner } from '../venue/binance-spot/field-scanner.ts';
import { MarketMessage, MessageKind } from '../venue/binance-spot/market-message.ts';
import { BybitDecoder } from '../venue/bybit/bybit-decoder.ts';
import { BybitMessageKind } from '../venue/bybit/bybit-message.ts';
import { InstrumentTable } from '../venue/instrument-table.ts';
import { KrakenDialect } from '../venue/kraken/kraken-dialect.ts';
import type { LevelList } from '../venue/level-list.ts';
import { BatchKind, MarketBatch } from '../venue/market-batch.ts';
import { OkxDialect } from '../venue/okx/okx-dialect.ts';
import type { FeedDialect } from '../venue/proven-feed-adapter.ts';
import { UpbitDecoder } from '../venue/upbit/upbit-decoder.ts';
import { UpbitMessageKind } from '../venue/upbit/upbit-message.ts';
import type { DecodeVenue } from './decode-with-json.ts';

/** What the adapters run on a payload: every check of theirs included, up to the numbers in ticks and lots. */
export interface EngineDecoder {
  /** False when the payload is not what it should be. */
  decode(bytes: Uint8Array): boolean;
  /** Ticks and lots of the newest payload as price, size, ... (bids before asks); returns how many numbers. */
  numbers(out: Float64Array): number;
  /** Index of the newest payload's instrument. */
  readonly instrument: number;
}

export function makeEngineDecoder(venue: DecodeVenue, instruments: readonly InstrumentSpec[]): EngineDecoder {
  switch (venue) {
    case 'binance-spot':
    case 'binance-usdm':
      return new BinanceBench(instruments);
    case 'bybit':
      return new BybitBench(instruments);
    case 'upbit':
      return new UpbitBench(instruments);
    case 'okx':
      return new DialectBench(new OkxDialect(), instruments);
    case 'kraken':
      return new DialectBench(new KrakenDialect(1000, false), instruments);
  }
}

class BinanceBench implements EngineDecoder {
  readonly #message = new MarketMessage();
  readonly #scanner: FieldScanner;
  constructor(instruments: readonly InstrumentSpec[]) {
    this.#scanner = new FieldScanner(new InstrumentTable(instruments), this.#message);
  }
  decode(bytes: Uint8Array): boolean {
    this.#scanner.scan(bytes);
    const { kind } = this.#message;
    return kind === MessageKind.depth || kind === MessageKind.trade;
  }
  numbers(out: Float64Array): number {
    const m = this.#message;
    if (this.#scanner.fallbacks > 0) throw new Error(`Expected no slow path, was ${this.#scanner.fallbacks} messages`);
    if (m.kind === MessageKind.trade) {
      out[0] = m.priceTicks;
      out[1] = m.sizeLots;
      return 2;
    }
    return copyLists(m.bids, m.asks, out);
  }
  get instrument(): number {
    return this.#message.instrument;
  }
}

function copyLists(bids: LevelList, asks: LevelList, out: Float64Array): number {
  out.set(bids.pairs.subarray(0, 2 * bids.count));
  out.set(asks.pairs.subarray(0, 2 * asks.count), 2 * bids.count);
  return 2 * (bids.count + asks.count);
}

class BybitBench implements EngineDecoder {
  readonly #decoder: BybitDecoder;
  constructor(instruments: readonly InstrumentSpec[]) {
    this.#decoder = new BybitDecoder(new InstrumentTable(instruments));
  }
  decode(bytes: Uint8Array): boolean {
    this.#decoder.decode(bytes);
    return this.#decoder.kind === BybitMessageKind.delta;
  }
  numbers(out: Float64Array): number {
    return copyLists(this.#decoder.bids, this.#decoder.asks, out);
  }
  get instrument(): number {
    return this.#decoder.instrument;
  }
}

class UpbitBench implements EngineDecoder {
  readonly #decoder: UpbitDecoder;
  constructor(instruments: readonly InstrumentSpec[]) {
    this.#decoder = new UpbitDecoder(new InstrumentTable(instruments));
  }
  decode(bytes: Uint8Array): boolean {
    const decoder = this.#decoder;
    decoder.start(bytes);
    if (!decoder.next()) return false;
    return decoder.kind === UpbitMessageKind.book || decoder.kind === UpbitMessageKind.trade;
  }
  numbers(out: Float64Array): number {
    const decoder = this.#decoder;
    if (decoder.kind === UpbitMessageKind.book) return copyLists(decoder.bids, decoder.asks, out);
    out[0] = decoder.tradePriceTicks;
    out[1] = decoder.tradeSizeLots;
    return 2;
  }
  get instrument(): number {
    return this.#decoder.instrument;
  }
}

class DialectBench implements EngineDecoder {
  readonly #dialect: FeedDialect;
  readonly #batch = new MarketBatch();
  constructor(dialect: FeedDialect, instruments: readonly InstrumentSpec[]) {
    for (const spec of instruments) dialect.add(spec);
    this.#dialect = dialect;
  }
  decode(bytes: Uint8Array): boolean {
    this.#batch.reset();
    this.#dialect.decode(bytes, this.#batch);
    return this.#batch.kind === BatchKind.book || this.#batch.kind === BatchKind.trades;
  }
  numbers(out: Float64Array): number {
    const { kind, book, tradeCount, tradeTicks, tradeLots } = this.#batch;
    let at = 0;
    if (kind === BatchKind.book) {
      for (const bid of [1, 0]) {
        for (let i = 0; i < book.count; i++) {
          if (book.bid[i] !== bid) continue;
          out[at++] = book.ticks[i] as number;
          out[at++] = book.lots[i] as number;
        }
      }
      return at;
    }
    for (let i = 0; i < tradeCount; i++) {
      out[at++] = tradeTicks[i] as number;
      out[at++] = tradeLots[i] as number;
    }
    return at;
  }
  get instrument(): number {
    return this.#batch.instrument;
  }
}
