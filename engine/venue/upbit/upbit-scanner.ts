import { Side } from '../../contract/units.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import type { LevelList } from '../level-list.ts';
import { Part, readNumber, scanned, writeSteps } from '../scan-decimal.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfText,
  OPEN_ARRAY,
  POWERS,
  QUOTE,
  readInteger,
} from '../scan-values.ts';
import { UpbitField, upbitFieldOf } from './upbit-fields.ts';
import { type UpbitMessage, UpbitMessageKind } from './upbit-message.ts';

/** What a message begins with, DEFAULT and SIMPLE: its type, then its market. */
const heads = [
  { start: asciiBytes('{"type":"'), code: asciiBytes('","code":"') },
  { start: asciiBytes('{"ty":"'), code: asciiBytes('","cd":"') },
] as const;
/** A level of the book, between its four numbers. */
const units = [
  ['{"ask_price":', ',"bid_price":', ',"ask_size":', ',"bid_size":'].map(asciiBytes),
  ['{"ap":', ',"bp":', ',"as":', ',"bs":'].map(asciiBytes),
] as const;
const ORDERBOOK = asciiBytes('orderbook');
const TRADE = asciiBytes('trade');
const SNAPSHOT = asciiBytes('SNAPSHOT');
const ASK = asciiBytes('"ASK"');
const BID = asciiBytes('"BID"');
const { timestamp, totalAsk, totalBid, tradeTime, price, volume, side, sequential } = UpbitField;
const BOOK_FIELDS = (1 << timestamp) | (1 << totalAsk) | (1 << totalBid) | (1 << UpbitField.units);
const TRADE_FIELDS =
  (1 << timestamp) | (1 << tradeTime) | (1 << price) | (1 << volume) | (1 << side) | (1 << sequential);
const ZERO = 48;
const MAX = Number.MAX_SAFE_INTEGER;
/** Decimals of sums. */
const DECIMALS = 8;
const SCALE = 1e8;
/** Digits of a sequential id that its low half keeps, and of both. */
const LOW_DIGITS = 8;
const MAX_ID_DIGITS = 23;
/** Beyond 2^53 units of 1e-8 the venue's totals may be rounded: then this fraction is allowed. */
const EXACT_WHOLE = 90_000_000;
const ROUNDING = 2 ** -50;

const Value = { time: 0, tradeTime: 1, price: 2, volume: 3 } as const;

/**
 * Decodes Upbit's books and trades straight from their bytes: single messages in compact JSON, DEFAULT or SIMPLE, type and
 * market first, other members in any order. False for whatever else comes (lists, exponents, numbers that are not exact),
 * or is not right: the message is then half filled, and the decoder's to judge.
 */
export class UpbitScanner {
  readonly #table: InstrumentTable;
  readonly #values = new Float64Array(4);
  /** Ticks of ask and bid, lots of ask and bid. */
  readonly #unit = new Float64Array(4);
  readonly #askSum = new Float64Array(2);
  readonly #bidSum = new Float64Array(2);
  readonly #askTotal = new Float64Array(2);
  readonly #bidTotal = new Float64Array(2);

  constructor(table: InstrumentTable) {
    this.#table = table;
  }

  scan(bytes: Uint8Array, m: UpbitMessage): boolean {
    const { length } = bytes;
    if (bytes[length - 1] !== CLOSE_OBJECT) return false;
    let format = 0;
    let head = heads[0];
    if (!isText(bytes, 0, head.start.length, head.start)) {
      format = 1;
      head = heads[1];
      if (!isText(bytes, 0, head.start.length, head.start)) return false;
    }
    const type = head.start.length;
    const typeEnd = endOfText(bytes, type);
    const code = typeEnd + head.code.length;
    if (typeEnd < 0 || !isText(bytes, typeEnd, code, head.code)) return false;
    const codeEnd = endOfText(bytes, code);
    if (codeEnd < 0) return false;
    m.reset();
    m.instrument = this.#table.find(bytes, code, codeEnd);
    if (m.instrument < 0) return false;
    if (isText(bytes, type, typeEnd, ORDERBOOK)) return this.#scanBook(bytes, codeEnd + 1, format, m);
    return isText(bytes, type, typeEnd, TRADE) && this.#scanTrade(bytes, codeEnd + 1, m);
  }

  #scanBook(bytes: Uint8Array, from: number, format: number, m: UpbitMessage): boolean {
    let at = from;
    let seen = 0;
    while (bytes[at] === COMMA) {
      const end = bytes[at + 1] === QUOTE ? endOfText(bytes, at + 2) : -1;
      if (end < 0 || bytes[end + 1] !== COLON) return false;
      const field = upbitFieldOf(bytes, at + 2, end);
      at = end + 2;
      switch (field) {
        case UpbitField.timestamp:
          at = readInteger(bytes, at, this.#values, Value.time);
          break;
        case UpbitField.totalAsk:
          at = readTotal(bytes, at, this.#askTotal);
          break;
        case UpbitField.totalBid:
          at = readTotal(bytes, at, this.#bidTotal);
          break;
        case UpbitField.units:
          at = this.#scanUnits(bytes, at, format, m);
          break;
        case UpbitField.level:
          at = readNumber(bytes, at);
          if (scanned[Part.whole] !== 0 || scanned[Part.fraction] !== 0) return false;
          break;
        case UpbitField.stream:
          at = this.#scanStream(bytes, at, m);
          break;
        default:
          at = skipValue(bytes, at, field);
      }
      // What comes twice is not the scanner's to choose from.
      if (at < 0 || (field >= 0 && (seen & (1 << field)) !== 0)) return false;
      if (field >= 0) seen |= 1 << field;
    }
    if (bytes[at] !== CLOSE_OBJECT || at + 1 !== bytes.length || (seen & BOOK_FIELDS) !== BOOK_FIELDS) return false;
    m.timeMs = this.#values[Value.time] as number;
    if (m.timeMs === 0) return false;
    m.wasBook = true;
    m.totalsDiffer = !isUpbitTotal(this.#askTotal, this.#askSum) || !isUpbitTotal(this.#bidTotal, this.#bidSum);
    m.kind = UpbitMessageKind.book;
    return true;
  }

  /** The list of levels; the position behind, or -1. */
  #scanUnits(bytes: Uint8Array, from: number, format: number, m: UpbitMessage): number {
    const { asks, bids, instrument } = m;
    const priceScale = this.#table.priceScales[instrument] as StepScale;
    const sizeScale = this.#table.sizeScales[instrument] as StepScale;
    const [askPrice, bidPrice, askSize, bidSize] = units[format] as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const unit = this.#unit;
    this.#askSum.fill(0);
    this.#bidSum.fill(0);
    if (bytes[from] !== OPEN_ARRAY) return -1;
    let at = from;
    do {
      at = readNumber(bytes, behind(bytes, at + 1, askPrice));
      if (at < 0 || !writeSteps(priceScale, unit, 0)) return -1;
      at = readNumber(bytes, behind(bytes, at, bidPrice));
      if (at < 0 || !writeSteps(priceScale, unit, 1)) return -1;
      at = readNumber(bytes, behind(bytes, at, askSize));
      if (at < 0 || !writeSteps(sizeScale, unit, 2) || !addScanned(this.#askSum)) return -1;
      at = readNumber(bytes, behind(bytes, at, bidSize));
      if (at < 0 || !writeSteps(sizeScale, unit, 3) || !addScanned(this.#bidSum)) return -1;
      if (bytes[at] !== CLOSE_OBJECT || !push(asks, unit, 0, 1) || !push(bids, unit, 1, -1)) return -1;
      at++;
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_ARRAY ? at + 1 : -1;
  }

  #scanStream(bytes: Uint8Array, from: number, m: UpbitMessage): number {
    const end = bytes[from] === QUOTE ? endOfText(bytes, from + 1) : -1;
    if (end < 0) return -1;
    m.isSnapshot = isText(bytes, from + 1, end, SNAPSHOT);
    return end + 1;
  }

  #scanTrade(bytes: Uint8Array, from: number, m: UpbitMessage): boolean {
    const values = this.#values;
    const { instrument } = m;
    let at = from;
    let seen = 0;
    while (bytes[at] === COMMA) {
      const end = bytes[at + 1] === QUOTE ? endOfText(bytes, at + 2) : -1;
      if (end < 0 || bytes[end + 1] !== COLON) return false;
      const field = upbitFieldOf(bytes, at + 2, end);
      at = end + 2;
      switch (field) {
        case UpbitField.timestamp:
          at = readInteger(bytes, at, values, Value.time);
          break;
        case UpbitField.tradeTime:
          at = readInteger(bytes, at, values, Value.tradeTime);
          break;
        case UpbitField.price:
          at = readNumber(bytes, at);
          if (at < 0 || !writeSteps(this.#table.priceScales[instrument] as StepScale, values, Value.price))
            return false;
          break;
        case UpbitField.volume:
          at = readNumber(bytes, at);
          if (at < 0 || !writeSteps(this.#table.sizeScales[instrument] as StepScale, values, Value.volume))
            return false;
          break;
        case UpbitField.side:
          if (isText(bytes, at, at + ASK.length, ASK)) m.tradeSide = Side.sell;
          else if (isText(bytes, at, at + BID.length, BID)) m.tradeSide = Side.buy;
          else return false;
          at += ASK.length;
          break;
        case UpbitField.sequential:
          at = readId(bytes, at, m);
          break;
        case UpbitField.stream:
          at = this.#scanStream(bytes, at, m);
          break;
        default:
          at = skipValue(bytes, at, field);
      }
      if (at < 0 || (field >= 0 && (seen & (1 << field)) !== 0)) return false;
      if (field >= 0) seen |= 1 << field;
    }
    if (bytes[at] !== CLOSE_OBJECT || at + 1 !== bytes.length || (seen & TRADE_FIELDS) !== TRADE_FIELDS) return false;
    m.timeMs = values[Value.time] as number;
    m.tradeTimeMs = values[Value.tradeTime] as number;
    m.tradePriceTicks = values[Value.price] as number;
    m.tradeSizeLots = values[Value.volume] as number;
    if (m.timeMs === 0 || m.tradeTimeMs === 0 || m.tradePriceTicks === 0) return false;
    m.kind = UpbitMessageKind.trade;
    return true;
  }
}

/** True when the venue's total is the sum of the sizes, both as wholes and units of 1e-8. */
export function isUpbitTotal(total: Float64Array, sum: Float64Array): boolean {
  const whole = total[0] as number;
  const difference = Math.abs(((sum[0] as number) - whole) * SCALE + (sum[1] as number) - (total[1] as number));
  return difference === 0 || (whole >= EXACT_WHOLE && difference <= whole * SCALE * ROUNDING);
}

/** Position behind a text that must stand at `from`; that of the payload's start, where no number is, when it does not. */
function behind(bytes: Uint8Array, from: number, text: Uint8Array): number {
  return isText(bytes, from, from + text.length, text) ? from + text.length : 0;
}

/** Adds the decimal that was read last; false when it is finer than 1e-8, or the sum too large. */
function addScanned(sum: Float64Array): boolean {
  const digits = scanned[Part.fractionDigits] as number;
  if (digits > DECIMALS) return false;
  const carried = (sum[1] as number) + (scanned[Part.fraction] as number) * (POWERS[DECIMALS - digits] as number);
  const carry = carried >= SCALE ? 1 : 0;
  sum[1] = carried - carry * SCALE;
  const whole = (sum[0] as number) + (scanned[Part.whole] as number) + carry;
  sum[0] = whole;
  return whole <= MAX;
}

function readTotal(bytes: Uint8Array, from: number, total: Float64Array): number {
  const at = readNumber(bytes, from);
  total[0] = total[1] = 0;
  return at < 0 || !addScanned(total) ? -1 : at;
}

/** Appends the unit's level of one side; false when it is not worse than the one before. A side that is shorter has zeros. */
function push(levels: LevelList, unit: Float64Array, index: number, direction: 1 | -1): boolean {
  const ticks = unit[index] as number;
  const lots = unit[index + 2] as number;
  if (ticks === 0) return lots === 0;
  const { count, pairs } = levels;
  if (count > 0 && (ticks - (pairs[2 * count - 2] as number)) * direction <= 0) return false;
  if (2 * count === pairs.length) return levels.push(ticks, lots);
  pairs[2 * count] = ticks;
  pairs[2 * count + 1] = lots;
  levels.count = count + 1;
  return true;
}

/** A whole number of up to 23 digits in two halves; the position behind, or -1. */
function readId(bytes: Uint8Array, from: number, m: UpbitMessage): number {
  let end = from;
  while (((bytes[end] as number) ^ ZERO) <= 9) end++;
  if (end === from || end - from > MAX_ID_DIGITS) return -1;
  const split = Math.max(from, end - LOW_DIGITS);
  let high = 0;
  for (let at = from; at < split; at++) high = high * 10 + ((bytes[at] as number) ^ ZERO);
  let low = 0;
  for (let at = split; at < end; at++) low = (low * 10 + ((bytes[at] as number) ^ ZERO)) | 0;
  m.tradeIdHigh = high;
  m.tradeIdLow = low;
  return end;
}

/** Steps over a value that nobody reads; not over lists, objects, or members that say anew what the message is. */
function skipValue(bytes: Uint8Array, from: number, field: number): number {
  if (field === UpbitField.type || field === UpbitField.code || field === UpbitField.error) return -1;
  if (bytes[from] === QUOTE) {
    const end = endOfText(bytes, from + 1);
    return end < 0 ? -1 : end + 1;
  }
  let at = from;
  while (isPlain(bytes[at] as number)) at++;
  return at === from ? -1 : at;
}

/** Part of a number or literal. */
function isPlain(c: number): boolean {
  return (c >= 48 && c <= 57) || c === 46 || c === 45 || c === 43 || ((c | 32) >= 97 && (c | 32) <= 122);
}
