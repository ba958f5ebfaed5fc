import { Side } from '../../contract/units.ts';
import type { BookMessage } from '../book-message.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { DecimalSteps } from '../decimal-steps.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import { readText } from '../scan-decimal.ts';
import { scanLevel } from '../scan-level.ts';
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
  skipScalar,
} from '../scan-values.ts';
import type { SymbolList } from '../symbol-list.ts';

const CHANNEL = asciiBytes('{"arg":{"channel":"');
const SYMBOL = asciiBytes('","instId":"');
const SNAPSHOT = asciiBytes('"},"action":"snapshot","data":[{');
const UPDATE = asciiBytes('"},"action":"update","data":[{');
const DATA = asciiBytes('"},"data":[{');
const END = asciiBytes(']}');
const channels = { books: asciiBytes('books'), trades: asciiBytes('trades'), tickers: asciiBytes('tickers') } as const;
const names = {
  asks: asciiBytes('asks'),
  bids: asciiBytes('bids'),
  ts: asciiBytes('ts'),
  checksum: asciiBytes('checksum'),
  seqId: asciiBytes('seqId'),
  prevSeqId: asciiBytes('prevSeqId'),
  instId: asciiBytes('instId'),
  tradeId: asciiBytes('tradeId'),
  px: asciiBytes('px'),
  sz: asciiBytes('sz'),
  side: asciiBytes('side'),
  bidPx: asciiBytes('bidPx'),
  bidSz: asciiBytes('bidSz'),
  askPx: asciiBytes('askPx'),
  askSz: asciiBytes('askSz'),
} as const;
const BUY = asciiBytes('"buy"');
const SELL = asciiBytes('"sell"');
const ZERO = 48;
const MINUS = 45;
/** First letters of names: whole names are compared only after them. */
const LOWER_A = 97;
const LOWER_B = 98;
const LOWER_C = 99;
const LOWER_I = 105;
const LOWER_P = 112;
const LOWER_S = 115;
const LOWER_T = 116;
const MAX_CHECKSUM = 2 ** 31;

const SeenOfBook = { asks: 1, bids: 2, time: 4, checksum: 8, sequence: 16, previous: 32 } as const;
const BOOK = SeenOfBook.asks | SeenOfBook.bids | SeenOfBook.time;
const SEQUENCE = SeenOfBook.sequence | SeenOfBook.previous;
const SeenOfTrade = { symbol: 1, id: 2, price: 4, size: 8, side: 16, time: 32 } as const;
const TRADE = 63;
const SeenOfTicker = { symbol: 1, bid: 2, bidSize: 4, ask: 8, askSize: 16, time: 32 } as const;
const TICKER = 63;

/** Where a message's numbers lie before they are looked at: in an array they are not boxed. */
const Value = { timeMs: 0, checksum: 1, sequence: 2, previous: 3, bid: 4, bidSize: 5, ask: 6, askSize: 7 } as const;

/**
 * Decodes OKX's books, trades and tickers straight from their bytes: the compact JSON that the venue sends, channel and
 * symbol first, the members of `data` in any order. False for whatever else comes, or is not written plainly, or not
 * right: the batch is then half filled, and the JSON decoder's to judge.
 */
export class OkxScanner {
  readonly #list: SymbolList;
  readonly #values = new Float64Array(8);
  // What the message is about.
  #price: DecimalSteps | undefined;
  #size: DecimalSteps | undefined;
  #symbolFrom = 0;
  #symbolTo = 0;

  constructor(list: SymbolList) {
    this.#list = list;
  }

  scan(bytes: Uint8Array, batch: MarketBatch): boolean {
    const { length } = bytes;
    if (length < CHANNEL.length || bytes[length - 1] !== CLOSE_OBJECT) return false;
    if (!isText(bytes, 0, CHANNEL.length, CHANNEL)) return false;
    const channelEnd = endOfText(bytes, CHANNEL.length);
    const symbol = channelEnd + SYMBOL.length;
    if (channelEnd < 0 || !isText(bytes, channelEnd, symbol, SYMBOL)) return false;
    const end = endOfText(bytes, symbol);
    if (end < 0) return false;
    const instrument = this.#list.find(bytes, symbol, end);
    if (instrument < 0) return false;
    batch.instrument = instrument;
    this.#price = this.#list.prices[instrument];
    this.#size = this.#list.sizes[instrument];
    this.#symbolFrom = symbol;
    this.#symbolTo = end;
    const at = this.#scanData(bytes, CHANNEL.length, channelEnd, end, batch);
    return at >= 0 && at + END.length === length && isText(bytes, at, length, END);
  }

  /** From the symbol's end to that of the list's last object; the position behind, or -1. */
  #scanData(bytes: Uint8Array, channel: number, channelEnd: number, from: number, batch: MarketBatch): number {
    if (isText(bytes, channel, channelEnd, channels.books)) {
      const snapshot = isText(bytes, from, from + SNAPSHOT.length, SNAPSHOT);
      if (!snapshot && !isText(bytes, from, from + UPDATE.length, UPDATE)) return -1;
      const { book } = batch;
      book.reset(batch.instrument);
      book.snapshot = snapshot;
      batch.isBook = true;
      batch.kind = BatchKind.book;
      return this.#scanBook(bytes, from + (snapshot ? SNAPSHOT.length : UPDATE.length), book);
    }
    const object = from + DATA.length;
    if (!isText(bytes, from, object, DATA)) return -1;
    if (isText(bytes, channel, channelEnd, channels.trades)) {
      batch.kind = BatchKind.trades;
      return this.#scanTrades(bytes, object, batch);
    }
    if (!isText(bytes, channel, channelEnd, channels.tickers)) return -1;
    batch.kind = BatchKind.quote;
    return this.#scanTicker(bytes, object, batch);
  }

  #scanBook(bytes: Uint8Array, from: number, book: BookMessage): number {
    const values = this.#values;
    let at = from;
    let seen = 0;
    let next = COMMA;
    values[Value.checksum] = 0;
    while (next === COMMA) {
      const key = at + 1;
      const end = bytes[at] === QUOTE ? endOfText(bytes, key) : -1;
      if (end < 0 || bytes[end + 1] !== COLON) return -1;
      at = end + 2;
      const first = bytes[key] as number;
      let field = 0;
      if (first === LOWER_A && isText(bytes, key, end, names.asks)) {
        field = SeenOfBook.asks;
        at = this.#scanLevels(bytes, at, false, book);
      } else if (first === LOWER_B && isText(bytes, key, end, names.bids)) {
        field = SeenOfBook.bids;
        at = this.#scanLevels(bytes, at, true, book);
      } else if (first === LOWER_T && isText(bytes, key, end, names.ts)) {
        field = SeenOfBook.time;
        at = readQuotedInteger(bytes, at, values, Value.timeMs);
      } else if (first === LOWER_C && isText(bytes, key, end, names.checksum)) {
        field = SeenOfBook.checksum;
        at = readSigned(bytes, at, values, Value.checksum);
      } else if (first === LOWER_S && isText(bytes, key, end, names.seqId)) {
        field = SeenOfBook.sequence;
        at = readSigned(bytes, at, values, Value.sequence);
      } else if (first === LOWER_P && isText(bytes, key, end, names.prevSeqId)) {
        field = SeenOfBook.previous;
        at = readSigned(bytes, at, values, Value.previous);
      } else {
        at = skipScalar(bytes, at);
      }
      // What comes twice is not the scanner's to choose from.
      if (at < 0 || (seen & field) !== 0) return -1;
      seen |= field;
      next = bytes[at++] as number;
    }
    return next === CLOSE_OBJECT && (seen & BOOK) === BOOK && this.#proves(seen, book) ? at : -1;
  }

  /** Takes over how the message proves itself; false when it does not, or strangely. */
  #proves(seen: number, book: BookMessage): boolean {
    const values = this.#values;
    const checksum = values[Value.checksum] as number;
    if (Math.abs(checksum) > MAX_CHECKSUM) return false;
    book.timeUs = (values[Value.timeMs] as number) * 1000;
    book.hasChecksum = checksum !== 0;
    book.checksum = checksum >>> 0;
    if ((seen & SEQUENCE) === 0) {
      // A late message that only repeats older sizes could pass the checksum of its own time.
      book.oldestUs = book.timeUs;
      return book.hasChecksum;
    }
    if ((seen & SEQUENCE) !== SEQUENCE) return false;
    book.sequence = values[Value.sequence] as number;
    book.previousSequence = values[Value.previous] as number;
    book.hasSequence = true;
    return book.sequence >= -1 && book.previousSequence >= -1 && book.snapshot === (book.previousSequence === -1);
  }

  #scanLevels(bytes: Uint8Array, from: number, bid: boolean, book: BookMessage): number {
    const price = this.#price as DecimalSteps;
    const size = this.#size as DecimalSteps;
    if (bytes[from] !== OPEN_ARRAY) return -1;
    let at = from + 1;
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    let next = COMMA;
    while (next === COMMA) {
      if (bytes[at] !== OPEN_ARRAY) return -1;
      at = scanLevel(bytes, at + 1, bid, price, size, book);
      if (at < 0) return -1;
      // Two more: liquidated orders, and how many there are.
      while (bytes[at] === COMMA) {
        if (bytes[at + 1] !== QUOTE) return -1;
        at += 2;
        while (((bytes[at] as number) ^ ZERO) <= 9) at++;
        if (bytes[at++] !== QUOTE) return -1;
      }
      if (bytes[at] !== CLOSE_ARRAY) return -1;
      book.count++;
      next = bytes[at + 1] as number;
      at += 2;
    }
    return next === CLOSE_ARRAY ? at : -1;
  }

  #scanTrades(bytes: Uint8Array, from: number, batch: MarketBatch): number {
    let at = from;
    for (;;) {
      if (batch.isFull) return -1;
      at = this.#scanTrade(bytes, at, batch);
      if (at < 0) return -1;
      batch.tradeCount++;
      if (bytes[at] !== COMMA) return at;
      if (bytes[at + 1] !== OPEN_OBJECT) return -1;
      at += 2;
    }
  }

  #scanTrade(bytes: Uint8Array, from: number, batch: MarketBatch): number {
    const { tradeTicks, tradeLots, tradeIds, tradeTimesUs, tradeSides } = batch;
    const index = batch.tradeCount;
    let at = from;
    let seen = 0;
    let next = COMMA;
    while (next === COMMA) {
      const key = at + 1;
      const end = bytes[at] === QUOTE ? endOfText(bytes, key) : -1;
      if (end < 0 || bytes[end + 1] !== COLON) return -1;
      at = end + 2;
      const first = bytes[key] as number;
      let field = 0;
      if (first === LOWER_I && isText(bytes, key, end, names.instId)) {
        field = SeenOfTrade.symbol;
        at = this.#readSymbol(bytes, at);
      } else if (first === LOWER_T && isText(bytes, key, end, names.tradeId)) {
        field = SeenOfTrade.id;
        at = readQuotedInteger(bytes, at, tradeIds, index);
      } else if (first === LOWER_P && isText(bytes, key, end, names.px)) {
        field = SeenOfTrade.price;
        at = readText(bytes, at, this.#price as DecimalSteps, tradeTicks, index);
      } else if (first === LOWER_S && isText(bytes, key, end, names.sz)) {
        field = SeenOfTrade.size;
        at = readText(bytes, at, this.#size as DecimalSteps, tradeLots, index);
      } else if (first === LOWER_S && isText(bytes, key, end, names.side)) {
        field = SeenOfTrade.side;
        const isBuy = isText(bytes, at, at + BUY.length, BUY);
        tradeSides[index] = isBuy ? Side.buy : Side.sell;
        if (isBuy) at += BUY.length;
        else at = isText(bytes, at, at + SELL.length, SELL) ? at + SELL.length : -1;
      } else if (first === LOWER_T && isText(bytes, key, end, names.ts)) {
        field = SeenOfTrade.time;
        at = readQuotedInteger(bytes, at, tradeTimesUs, index);
      } else {
        at = skipScalar(bytes, at);
      }
      if (at < 0 || (seen & field) !== 0) return -1;
      seen |= field;
      next = bytes[at++] as number;
    }
    if (next !== CLOSE_OBJECT || seen !== TRADE || tradeTicks[index] === 0 || tradeLots[index] === 0) return -1;
    tradeTimesUs[index] = (tradeTimesUs[index] as number) * 1000;
    return at;
  }

  #scanTicker(bytes: Uint8Array, from: number, batch: MarketBatch): number {
    const values = this.#values;
    let at = from;
    let seen = 0;
    let next = COMMA;
    while (next === COMMA) {
      const key = at + 1;
      const end = bytes[at] === QUOTE ? endOfText(bytes, key) : -1;
      if (end < 0 || bytes[end + 1] !== COLON) return -1;
      at = end + 2;
      const first = bytes[key] as number;
      let field = 0;
      if (first === LOWER_I && isText(bytes, key, end, names.instId)) {
        field = SeenOfTicker.symbol;
        at = this.#readSymbol(bytes, at);
      } else if (first === LOWER_B && isText(bytes, key, end, names.bidPx)) {
        field = SeenOfTicker.bid;
        at = readText(bytes, at, this.#price as DecimalSteps, values, Value.bid);
      } else if (first === LOWER_B && isText(bytes, key, end, names.bidSz)) {
        field = SeenOfTicker.bidSize;
        at = readText(bytes, at, this.#size as DecimalSteps, values, Value.bidSize);
      } else if (first === LOWER_A && isText(bytes, key, end, names.askPx)) {
        field = SeenOfTicker.ask;
        at = readText(bytes, at, this.#price as DecimalSteps, values, Value.ask);
      } else if (first === LOWER_A && isText(bytes, key, end, names.askSz)) {
        field = SeenOfTicker.askSize;
        at = readText(bytes, at, this.#size as DecimalSteps, values, Value.askSize);
      } else if (first === LOWER_T && isText(bytes, key, end, names.ts)) {
        field = SeenOfTicker.time;
        at = readQuotedInteger(bytes, at, values, Value.timeMs);
      } else {
        at = skipScalar(bytes, at);
      }
      if (at < 0 || (seen & field) !== 0) return -1;
      seen |= field;
      next = bytes[at++] as number;
    }
    if (next !== CLOSE_OBJECT || seen !== TICKER || values[Value.bid] === 0 || values[Value.ask] === 0) return -1;
    batch.bidTicks = values[Value.bid] as number;
    batch.bidLots = values[Value.bidSize] as number;
    batch.askTicks = values[Value.ask] as number;
    batch.askLots = values[Value.askSize] as number;
    batch.quoteTimeUs = (values[Value.timeMs] as number) * 1000;
    batch.quoteId = values[Value.timeMs] as number;
    return at;
  }

  /** The symbol that the message is about, in quotes; -1 for another. */
  #readSymbol(bytes: Uint8Array, from: number): number {
    const length = this.#symbolTo - this.#symbolFrom;
    if (bytes[from] !== QUOTE || bytes[from + 1 + length] !== QUOTE) return -1;
    for (let i = 0; i < length; i++) if (bytes[from + 1 + i] !== bytes[this.#symbolFrom + i]) return -1;
    return from + length + 2;
  }
}

function readQuotedInteger(bytes: Uint8Array, from: number, out: Float64Array, index: number): number {
  if (bytes[from] !== QUOTE) return -1;
  const at = readInteger(bytes, from + 1, out, index);
  return at < 0 || bytes[at] !== QUOTE ? -1 : at + 1;
}

function readSigned(bytes: Uint8Array, from: number, out: Float64Array, index: number): number {
  const isNegative = bytes[from] === MINUS;
  const at = readInteger(bytes, isNegative ? from + 1 : from, out, index);
  if (isNegative) out[index] = -(out[index] as number);
  return at;
}
