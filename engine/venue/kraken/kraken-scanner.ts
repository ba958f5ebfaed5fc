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
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  readInteger,
  skipScalar,
} from '../scan-values.ts';
import type { KrakenPairs } from './kraken-pairs.ts';

const Seen = { asks: 1, bids: 2, wholeAsks: 4, wholeBids: 8, checksum: 16 } as const;
const UPDATE = Seen.asks | Seen.bids;
const SNAPSHOT = Seen.wholeAsks | Seen.wholeBids;
const TRADE_TAIL = asciiBytes(',"trade","');
const REPUBLISHED = asciiBytes('"r"');
const ZERO = 48;
const DOT = 46;
const LOWER_A = 97;
const LOWER_B = 98;
const LOWER_C = 99;
const LOWER_S = 115;
/** `"1618678133.365913"`: positions of the dot and of the closing quote, from the opening one. */
const TIME_DOT = 11;
const TIME_END = 18;
const EIGHT_DIGITS = 1e8;
const MAX_CHECKSUM = 0xffffffff;

/**
 * Decodes Kraken's books and trades straight from their bytes, `[number, content, channel, pair]`: what the content is
 * about stands at the end and is looked at first. False for whatever else comes, or is not written plainly, or not right:
 * the batch is then half filled, and the JSON decoder's to judge.
 */
export class KrakenScanner {
  readonly #pairs: KrakenPairs;
  readonly #bookTail: Uint8Array;
  readonly #number = new Float64Array(1);
  readonly #time = new Float64Array(1);

  constructor(pairs: KrakenPairs, bookChannel: string) {
    this.#pairs = pairs;
    this.#bookTail = asciiBytes(`,"${bookChannel}","`);
  }

  scan(bytes: Uint8Array, batch: MarketBatch): boolean {
    const last = bytes.length - 1;
    if (bytes[0] !== OPEN_ARRAY || bytes[last] !== CLOSE_ARRAY || bytes[last - 1] !== QUOTE) return false;
    const from = readInteger(bytes, 1, this.#number, 0);
    if (from < 0 || bytes[from] !== COMMA) return false;
    let pair = last - 1;
    while (pair > 0 && bytes[pair - 1] !== QUOTE) pair--;
    const instrument = this.#pairs.find(bytes, pair, last - 1);
    if (instrument < 0) return false;
    batch.instrument = instrument;
    const price = this.#pairs.prices[instrument] as DecimalSteps;
    const size = this.#pairs.sizes[instrument] as DecimalSteps;
    const bookEnd = pair - this.#bookTail.length;
    if (isText(bytes, bookEnd, pair, this.#bookTail)) {
      const known = this.#pairs.bookChannelIds[instrument] as number;
      if (known >= 0 && known !== this.#number[0]) return false;
      batch.book.reset(instrument);
      if (this.#scanBook(bytes, from + 1, price, size, batch.book) !== bookEnd) return false;
      batch.isBook = true;
      batch.kind = BatchKind.book;
      return true;
    }
    const tradesEnd = pair - TRADE_TAIL.length;
    if (!isText(bytes, tradesEnd, pair, TRADE_TAIL)) return false;
    if (this.#scanTrades(bytes, from + 1, price, size, batch) !== tradesEnd) return false;
    batch.kind = BatchKind.trades;
    return true;
  }

  /** One object, or one a side; the position behind, or -1. */
  #scanBook(bytes: Uint8Array, from: number, price: DecimalSteps, size: DecimalSteps, book: BookMessage): number {
    let at = from;
    let seen = 0;
    for (let part = 0; part < 2; part++) {
      if (bytes[at] !== OPEN_OBJECT) return -1;
      let next = COMMA;
      while (next === COMMA) {
        const key = bytes[at + 2];
        if (bytes[at + 1] !== QUOTE) return -1;
        let field: number;
        if (bytes[at + 3] === QUOTE && bytes[at + 4] === COLON) {
          field = key === LOWER_A ? Seen.asks : key === LOWER_B ? Seen.bids : key === LOWER_C ? Seen.checksum : 0;
          at += 5;
        } else if (bytes[at + 3] === LOWER_S && bytes[at + 4] === QUOTE && bytes[at + 5] === COLON) {
          field = key === LOWER_A ? Seen.wholeAsks : key === LOWER_B ? Seen.wholeBids : 0;
          book.snapshot = true;
          at += 6;
        } else return -1;
        // What comes twice is not the scanner's to choose from.
        if (field === 0 || (seen & field) !== 0) return -1;
        seen |= field;
        if (field === Seen.checksum) at = this.#scanChecksum(bytes, at, book);
        else at = this.#scanLevels(bytes, at, (field & (Seen.bids | Seen.wholeBids)) !== 0, price, size, book);
        if (at < 0) return -1;
        next = bytes[at] as number;
      }
      if (next !== CLOSE_OBJECT) return -1;
      at++;
      if (bytes[at] !== COMMA || bytes[at + 1] !== OPEN_OBJECT) {
        const isPlain = book.snapshot
          ? part === 0 && (seen & UPDATE) === 0
          : book.hasChecksum && (seen & SNAPSHOT) === 0;
        return isPlain ? at : -1;
      }
      at++;
    }
    return -1;
  }

  #scanChecksum(bytes: Uint8Array, from: number, book: BookMessage): number {
    if (bytes[from] !== QUOTE) return -1;
    let at = from + 1;
    let digit = (bytes[at] as number) ^ ZERO;
    let high = 0;
    while (digit <= 9 && at < from + 10) {
      high = (high * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    let checksum = high;
    if (digit <= 9) {
      checksum = high * 10 + digit;
      at++;
    }
    if (at === from + 1 || bytes[at] !== QUOTE || checksum > MAX_CHECKSUM) return -1;
    book.checksum = checksum;
    book.hasChecksum = true;
    return at + 1;
  }

  #scanLevels(
    bytes: Uint8Array,
    from: number,
    bid: boolean,
    price: DecimalSteps,
    size: DecimalSteps,
    book: BookMessage,
  ): number {
    if (bytes[from] !== OPEN_ARRAY) return -1;
    let at = from + 1;
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    const time = this.#time;
    let next = COMMA;
    while (next === COMMA) {
      if (bytes[at] !== OPEN_ARRAY) return -1;
      at = scanLevel(bytes, at + 1, bid, price, size, book);
      if (at < 0 || bytes[at] !== COMMA) return -1;
      at = readTime(bytes, at + 1, time, 0);
      if (at < 0) return -1;
      const timeUs = time[0] as number;
      if (timeUs > book.timeUs) book.timeUs = timeUs;
      // A republished level has come back into the depth, with the time of its last change.
      if (bytes[at] === COMMA) {
        if (!isText(bytes, at + 1, at + 1 + REPUBLISHED.length, REPUBLISHED)) return -1;
        at += 1 + REPUBLISHED.length;
      } else if (!book.snapshot && (book.oldestUs === 0 || timeUs < book.oldestUs)) {
        book.oldestUs = timeUs;
      }
      if (bytes[at] !== CLOSE_ARRAY) return -1;
      book.count++;
      next = bytes[at + 1] as number;
      at += 2;
    }
    return next === CLOSE_ARRAY ? at : -1;
  }

  #scanTrades(bytes: Uint8Array, from: number, price: DecimalSteps, size: DecimalSteps, batch: MarketBatch): number {
    const { tradeTicks, tradeLots, tradeTimesUs, tradeSides } = batch;
    if (bytes[from] !== OPEN_ARRAY) return -1;
    let at = from + 1;
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    let next = COMMA;
    while (next === COMMA) {
      const index = batch.tradeCount;
      if (batch.isFull || bytes[at] !== OPEN_ARRAY) return -1;
      at = readText(bytes, at + 1, price, tradeTicks, index);
      if (at < 0 || bytes[at] !== COMMA || tradeTicks[index] === 0) return -1;
      at = readText(bytes, at + 1, size, tradeLots, index);
      if (at < 0 || bytes[at] !== COMMA || tradeLots[index] === 0) return -1;
      at = readTime(bytes, at + 1, tradeTimesUs, index);
      if (at < 0 || bytes[at] !== COMMA || bytes[at + 1] !== QUOTE || bytes[at + 3] !== QUOTE) return -1;
      const side = bytes[at + 2];
      if (side !== LOWER_B && side !== LOWER_S) return -1;
      tradeSides[index] = side === LOWER_B ? Side.buy : Side.sell;
      at += 4;
      // The kind of order, and a text that is kept for later.
      while (bytes[at] === COMMA) {
        at = skipScalar(bytes, at + 1);
        if (at < 0) return -1;
      }
      if (bytes[at] !== CLOSE_ARRAY) return -1;
      batch.tradeCount++;
      next = bytes[at + 1] as number;
      at += 2;
    }
    return next === CLOSE_ARRAY ? at : -1;
  }
}

/** us of `"1618678133.365913"` into `out[index]`; the position behind, or -1. */
function readTime(bytes: Uint8Array, from: number, out: Float64Array, index: number): number {
  if (bytes[from] !== QUOTE || bytes[from + TIME_DOT] !== DOT || bytes[from + TIME_END] !== QUOTE) return -1;
  let strange = 0;
  let high = 0;
  let low = 0;
  // Digits and what is none alike: what was no digit shows in the end.
  for (let at = from + 1; at < from + 9; at++) {
    const digit = (bytes[at] as number) ^ ZERO;
    strange |= digit + 6;
    high = (high * 10 + digit) | 0;
  }
  for (let at = from + 9; at < from + TIME_DOT; at++) {
    const digit = (bytes[at] as number) ^ ZERO;
    strange |= digit + 6;
    low = (low * 10 + digit) | 0;
  }
  for (let at = from + TIME_DOT + 1; at < from + TIME_END; at++) {
    const digit = (bytes[at] as number) ^ ZERO;
    strange |= digit + 6;
    low = (low * 10 + digit) | 0;
  }
  if (strange > 15) return -1;
  out[index] = high * EIGHT_DIGITS + low;
  return from + TIME_END + 1;
}
