import { Side } from '../../contract/units.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import type { LevelList } from '../level-list.ts';
import { readText } from '../scan-decimal.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfText,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  readInteger,
  skipMember,
  skipScalar,
} from '../scan-values.ts';
import { type BybitMessage, BybitMessageKind } from './bybit-message.ts';

const BOOK = asciiBytes('{"topic":"orderbook.');
const TRADES = asciiBytes('{"topic":"publicTrade.');
const TYPE = asciiBytes('type');
const TS = asciiBytes('ts');
const CTS = asciiBytes('cts');
const DATA = asciiBytes('data');
const TOPIC = asciiBytes('topic');
const SEQUENCE = asciiBytes('seq');
const SNAPSHOT = asciiBytes('"snapshot"');
const DELTA = asciiBytes('"delta"');
const BUY = asciiBytes('"Buy"');
const SELL = asciiBytes('"Sell"');
const DOT = 46;
const ZERO = 48;
const DEPTH_DIGITS = 4;

const SeenOuter = { type: 1, pushTime: 2, engineTime: 4, data: 8 } as const;
const OF_BOOK = SeenOuter.type | SeenOuter.pushTime | SeenOuter.data;
const OF_TRADES = SeenOuter.pushTime | SeenOuter.data;
const SeenBook = { symbol: 1, bids: 2, asks: 4, update: 8, sequence: 16 } as const;
const WHOLE_BOOK = 31;
const SeenTrade = { time: 1, side: 2, size: 4, price: 8, id: 16, symbol: 32, sequence: 64 } as const;
const LEAST_OF_TRADE = 31;

const Value = { pushMs: 0, engineMs: 1, update: 2, sequence: 3 } as const;
const MAX_TRADES = 4096;
/** Numbers kept of a trade. */
const Trade = { timeMs: 0, ticks: 1, lots: 2, sequence: 3 } as const;
const TRADE_NUMBERS = 4;

/**
 * Decodes Bybit's books and trades straight from their bytes: compact JSON, the topic first, other members in any order
 * (it differs between spot and futures). False for whatever else comes, or is not written plainly, or not right: the
 * message is then half filled, and the decoder's to judge.
 */
export class BybitScanner {
  readonly #table: InstrumentTable;
  readonly #values = new Float64Array(4);
  #trades = 0;
  readonly #numbers = new Float64Array(MAX_TRADES * TRADE_NUMBERS);
  readonly #sides = new Uint8Array(MAX_TRADES);
  /** Two a trade. */
  readonly #hashes = new Uint32Array(2 * MAX_TRADES);
  readonly #hash = new Uint32Array(2);
  #symbolFrom = 0;
  #symbolTo = 0;

  constructor(table: InstrumentTable) {
    this.#table = table;
  }

  scan(bytes: Uint8Array, m: BybitMessage): boolean {
    const { length } = bytes;
    if (bytes[length - 1] !== CLOSE_OBJECT) return false;
    m.reset();
    this.#trades = 0;
    const isBook = isText(bytes, 0, BOOK.length, BOOK);
    let from = BOOK.length;
    if (isBook) {
      let depth = 0;
      while (((bytes[from] as number) ^ ZERO) <= 9) depth = (depth * 10 + ((bytes[from++] as number) ^ ZERO)) | 0;
      if (from === BOOK.length || from > BOOK.length + DEPTH_DIGITS || bytes[from++] !== DOT) return false;
      m.depth = depth;
      m.wasBook = true;
    } else {
      from = TRADES.length;
      if (!isText(bytes, 0, from, TRADES)) return false;
    }
    const end = endOfText(bytes, from);
    if (end < 0) return false;
    m.instrument = this.#table.find(bytes, from, end);
    if (m.instrument < 0) return false;
    this.#symbolFrom = from;
    this.#symbolTo = end;
    return this.#scanMembers(bytes, end + 1, isBook, m) === length;
  }

  /** Puts the scanned trade of that number into the message's fields; false when there is none. */
  readTrade(index: number, m: BybitMessage): boolean {
    if (index >= this.#trades) return false;
    const numbers = this.#numbers;
    const at = index * TRADE_NUMBERS;
    m.tradeTimeMs = numbers[at + Trade.timeMs] as number;
    m.tradePriceTicks = numbers[at + Trade.ticks] as number;
    m.tradeSizeLots = numbers[at + Trade.lots] as number;
    m.tradeSequence = numbers[at + Trade.sequence] as number;
    m.tradeSide = this.#sides[index] as Side;
    m.tradeIdHashA = this.#hashes[2 * index] as number;
    m.tradeIdHashB = this.#hashes[2 * index + 1] as number;
    return true;
  }

  /** Members behind the topic up to the end of the message; the position behind, or -1. */
  #scanMembers(bytes: Uint8Array, from: number, isBook: boolean, m: BybitMessage): number {
    const values = this.#values;
    let at = from;
    let seen = 0;
    values[Value.engineMs] = 0;
    while (bytes[at] === COMMA) {
      const key = at + 2;
      const end = bytes[at + 1] === QUOTE ? endOfText(bytes, key) : -1;
      if (end < 0 || bytes[end + 1] !== COLON) return -1;
      at = end + 2;
      let field = 0;
      if (isText(bytes, key, end, DATA)) {
        field = SeenOuter.data;
        at = isBook ? this.#scanBook(bytes, at, m) : this.#scanTrades(bytes, at, m);
      } else if (isText(bytes, key, end, TYPE)) {
        field = SeenOuter.type;
        if (isText(bytes, at, at + DELTA.length, DELTA)) m.kind = BybitMessageKind.delta;
        else if (isText(bytes, at, at + SNAPSHOT.length, SNAPSHOT)) m.kind = BybitMessageKind.snapshot;
        else return -1;
        at = skipScalar(bytes, at);
      } else if (isText(bytes, key, end, TS)) {
        field = SeenOuter.pushTime;
        at = readInteger(bytes, at, values, Value.pushMs);
      } else if (isText(bytes, key, end, CTS)) {
        field = SeenOuter.engineTime;
        at = readInteger(bytes, at, values, Value.engineMs);
      } else if (isText(bytes, key, end, TOPIC)) {
        return -1;
      } else {
        at = skipScalar(bytes, at);
      }
      // What comes twice is not the scanner's to choose from.
      if (at < 0 || (seen & field) !== 0) return -1;
      seen |= field;
    }
    const all = isBook ? OF_BOOK : OF_TRADES;
    const pushMs = values[Value.pushMs] as number;
    const engineMs = values[Value.engineMs] as number;
    if (bytes[at] !== CLOSE_OBJECT || (seen & all) !== all || pushMs === 0) return -1;
    m.timeUs = 1000 * (engineMs > 0 ? engineMs : pushMs);
    if (!isBook) m.kind = BybitMessageKind.trades;
    return at + 1;
  }

  #scanBook(bytes: Uint8Array, from: number, m: BybitMessage): number {
    if (bytes[from] !== OPEN_OBJECT) return -1;
    const values = this.#values;
    let at = from + 1;
    let seen = 0;
    let next = COMMA;
    while (next === COMMA) {
      if (bytes[at] !== QUOTE) return -1;
      const key = bytes[at + 1];
      let field = 0;
      if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
        at += 4;
        switch (key) {
          case 98: // b
            field = SeenBook.bids;
            at = this.#scanLevels(bytes, at, m.bids, m.instrument);
            break;
          case 97: // a
            field = SeenBook.asks;
            at = this.#scanLevels(bytes, at, m.asks, m.instrument);
            break;
          case 117: // u
            field = SeenBook.update;
            at = readInteger(bytes, at, values, Value.update);
            break;
          case 115: // s
            field = SeenBook.symbol;
            at = this.#readSymbol(bytes, at);
            break;
          default:
            at = skipMember(bytes, at - 4);
        }
      } else if (isText(bytes, at + 1, at + 1 + SEQUENCE.length, SEQUENCE) && bytes[at + 4] === QUOTE) {
        field = SeenBook.sequence;
        at = bytes[at + 5] === COLON ? readInteger(bytes, at + 6, values, Value.sequence) : -1;
      } else {
        at = skipMember(bytes, at);
      }
      if (at < 0 || (seen & field) !== 0) return -1;
      seen |= field;
      next = bytes[at++] as number;
    }
    if (next !== CLOSE_OBJECT || seen !== WHOLE_BOOK || values[Value.update] === 0) return -1;
    m.updateId = values[Value.update] as number;
    m.sequence = values[Value.sequence] as number;
    return at;
  }

  #scanLevels(bytes: Uint8Array, from: number, list: LevelList, instrument: number): number {
    const price = this.#table.priceScales[instrument] as StepScale;
    const size = this.#table.sizeScales[instrument] as StepScale;
    if (bytes[from] !== OPEN_ARRAY) return -1;
    let at = from + 1;
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    let { pairs } = list;
    let count = 0;
    let next = COMMA;
    while (next === COMMA) {
      if (count === pairs.length) {
        if (!list.grow()) return -1;
        pairs = list.pairs;
      }
      if (bytes[at] !== OPEN_ARRAY) return -1;
      at = readText(bytes, at + 1, price, pairs, count);
      if (at < 0 || bytes[at] !== COMMA || pairs[count] === 0) return -1;
      at = readText(bytes, at + 1, size, pairs, count + 1);
      if (at < 0 || bytes[at] !== CLOSE_ARRAY) return -1;
      count += 2;
      next = bytes[at + 1] as number;
      at += 2;
    }
    list.count = count >> 1;
    return next === CLOSE_ARRAY ? at : -1;
  }

  #scanTrades(bytes: Uint8Array, from: number, m: BybitMessage): number {
    if (bytes[from] !== OPEN_ARRAY) return -1;
    let at = from;
    do {
      if (this.#trades === MAX_TRADES || bytes[at + 1] !== OPEN_OBJECT) return -1;
      at = this.#scanTrade(bytes, at + 2, m.instrument);
      if (at < 0) return -1;
      this.#trades++;
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_ARRAY ? at + 1 : -1;
  }

  #scanTrade(bytes: Uint8Array, from: number, instrument: number): number {
    const numbers = this.#numbers;
    const first = this.#trades * TRADE_NUMBERS;
    let at = from;
    let seen = 0;
    let next = COMMA;
    numbers[first + Trade.sequence] = 0;
    while (next === COMMA) {
      if (bytes[at] !== QUOTE) return -1;
      const key = bytes[at + 1];
      let field = 0;
      if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
        at += 4;
        switch (key) {
          case 84: // T
            field = SeenTrade.time;
            at = readInteger(bytes, at, numbers, first + Trade.timeMs);
            break;
          case 112: // p
            field = SeenTrade.price;
            at = readText(bytes, at, this.#table.priceScales[instrument] as StepScale, numbers, first + Trade.ticks);
            break;
          case 118: // v
            field = SeenTrade.size;
            at = readText(bytes, at, this.#table.sizeScales[instrument] as StepScale, numbers, first + Trade.lots);
            break;
          case 83: // S
            field = SeenTrade.side;
            at = this.#scanSide(bytes, at);
            break;
          case 105: // i
            field = SeenTrade.id;
            at = this.#scanId(bytes, at);
            break;
          case 115: // s
            field = SeenTrade.symbol;
            at = this.#readSymbol(bytes, at);
            break;
          default:
            at = skipMember(bytes, at - 4);
        }
      } else if (isText(bytes, at + 1, at + 1 + SEQUENCE.length, SEQUENCE) && bytes[at + 4] === QUOTE) {
        field = SeenTrade.sequence;
        at = bytes[at + 5] === COLON ? readInteger(bytes, at + 6, numbers, first + Trade.sequence) : -1;
      } else {
        at = skipMember(bytes, at);
      }
      if (at < 0 || (seen & field) !== 0) return -1;
      seen |= field;
      next = bytes[at++] as number;
    }
    const isWhole = next === CLOSE_OBJECT && (seen & LEAST_OF_TRADE) === LEAST_OF_TRADE;
    return isWhole && numbers[first + Trade.timeMs] !== 0 && numbers[first + Trade.ticks] !== 0 ? at : -1;
  }

  #scanSide(bytes: Uint8Array, from: number): number {
    const isBuy = isText(bytes, from, from + BUY.length, BUY);
    this.#sides[this.#trades] = isBuy ? Side.buy : Side.sell;
    if (isBuy) return from + BUY.length;
    return isText(bytes, from, from + SELL.length, SELL) ? from + SELL.length : -1;
  }

  #scanId(bytes: Uint8Array, from: number): number {
    const end = bytes[from] === QUOTE ? endOfText(bytes, from + 1) : -1;
    if (end <= from + 1) return -1;
    hashTradeId(bytes, from + 1, end, this.#hash);
    this.#hashes[2 * this.#trades] = this.#hash[0] as number;
    this.#hashes[2 * this.#trades + 1] = this.#hash[1] as number;
    return end + 1;
  }

  /** The topic's symbol, in quotes; -1 for another. */
  #readSymbol(bytes: Uint8Array, from: number): number {
    const length = this.#symbolTo - this.#symbolFrom;
    if (bytes[from] !== QUOTE || bytes[from + 1 + length] !== QUOTE) return -1;
    for (let i = 0; i < length; i++) if (bytes[from + 1 + i] !== bytes[this.#symbolFrom + i]) return -1;
    return from + length + 2;
  }
}

/** Two independent 32-bit hashes of the venue's id `bytes[from, to)`. */
export function hashTradeId(bytes: Uint8Array, from: number, to: number, out: Uint32Array): void {
  let a = 0x811c9dc5;
  let b = 5381;
  for (let at = from; at < to; at++) {
    const c = bytes[at] as number;
    a = Math.imul(a ^ c, 0x01000193);
    b = (Math.imul(b, 33) + c) | 0;
  }
  out[0] = a;
  out[1] = b;
}
