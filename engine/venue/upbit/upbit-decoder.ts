import { Side } from '../../contract/units.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { DecimalReader, DecimalResult } from '../decimal-reader.ts';
import { JsonCursor } from '../json-cursor.ts';
import { LevelList } from '../level-list.ts';

/** What one message turned out to be. */
export const UpbitMessageKind = {
  /** `{"status":"UP"}`, a type that is not wanted. */
  ignored: 0,
  book: 1,
  trade: 2,
  /** Not understood, or not true; `reason` says why. */
  bad: 3,
} as const;
export type UpbitMessageKind = (typeof UpbitMessageKind)[keyof typeof UpbitMessageKind];

/** Fields by their DEFAULT and SIMPLE names; both may come mixed. */
const names = {
  type: [asciiBytes('type'), asciiBytes('ty')],
  code: [asciiBytes('code'), asciiBytes('cd')],
  timestamp: [asciiBytes('timestamp'), asciiBytes('tms')],
  totalAsk: [asciiBytes('total_ask_size'), asciiBytes('tas')],
  totalBid: [asciiBytes('total_bid_size'), asciiBytes('tbs')],
  units: [asciiBytes('orderbook_units'), asciiBytes('obu')],
  level: [asciiBytes('level'), asciiBytes('lv')],
  stream: [asciiBytes('stream_type'), asciiBytes('st')],
  tradeTime: [asciiBytes('trade_timestamp'), asciiBytes('ttms')],
  price: [asciiBytes('trade_price'), asciiBytes('tp')],
  volume: [asciiBytes('trade_volume'), asciiBytes('tv')],
  side: [asciiBytes('ask_bid'), asciiBytes('ab')],
  sequential: [asciiBytes('sequential_id'), asciiBytes('sid')],
  askPrice: [asciiBytes('ask_price'), asciiBytes('ap')],
  bidPrice: [asciiBytes('bid_price'), asciiBytes('bp')],
  askSize: [asciiBytes('ask_size'), asciiBytes('as')],
  bidSize: [asciiBytes('bid_size'), asciiBytes('bs')],
  error: [asciiBytes('error'), asciiBytes('error')],
} as const;
type Name = readonly [Uint8Array, Uint8Array];
/** Names of the outer object whose values are kept as spans, in the order of the spans. */
const OUTER: readonly Name[] = [
  names.type,
  names.code,
  names.timestamp,
  names.totalAsk,
  names.totalBid,
  names.units,
  names.level,
  names.stream,
  names.tradeTime,
  names.price,
  names.volume,
  names.side,
  names.sequential,
  names.error,
];
const TYPE = 0;
const CODE = 1;
const TIMESTAMP = 2;
const TOTAL_ASK = 3;
const TOTAL_BID = 4;
const UNITS = 5;
const LEVEL = 6;
const STREAM = 7;
const TRADE_TIME = 8;
const PRICE = 9;
const VOLUME = 10;
const SIDE = 11;
const SEQUENTIAL = 12;
const ERROR = 13;

const words = {
  orderbook: asciiBytes('orderbook'),
  trade: asciiBytes('trade'),
  snapshot: asciiBytes('SNAPSHOT'),
  ask: asciiBytes('ASK'),
  bid: asciiBytes('BID'),
} as const;
const OPEN_ARRAY = 91;
const ZERO = 48;
/** Digits of a sequential id kept in `tradeIdLow`. */
const LOW_DIGITS = 8;
const LOW_SCALE = 1e8;
const MAX_ID_DIGITS = 23;
/** Beyond 2^53 units of 1e-8 the venue's totals may be rounded: then this fraction is allowed. */
const EXACT_WHOLE = 90_000_000;
const ROUNDING = 2 ** -50;

/**
 * Decodes messages of Upbit's public stream in place, into reused fields, numbers straight from their digits. Formats
 * DEFAULT and SIMPLE, alone or in lists (JSON_LIST, SIMPLE_LIST). Never throws.
 */
export class UpbitDecoder {
  kind: UpbitMessageKind = UpbitMessageKind.ignored;
  /** Index of the instrument, -1 while unknown. */
  instrument = -1;
  reason = '';
  /** With `bad`: it was a book of `instrument`, which is lost. */
  wasBook = false;
  /** Book: prices rise strictly in asks and fall strictly in bids. */
  readonly asks = new LevelList();
  readonly bids = new LevelList();
  /** The level sizes do not add up to what the message says they do, side by side. */
  totalsDiffer = false;
  timeMs = 0;
  /** The venue's answer to a subscription, not something that has just happened. */
  isSnapshot = false;
  inexactSizes = 0;

  tradeTimeMs = 0;
  tradeSide: Side = Side.none;
  tradePriceTicks = 0;
  tradeSizeLots = 0;
  /** `sequential_id` is `tradeIdHigh` times 1e8 plus `tradeIdLow`, exactly, up to 23 digits. */
  tradeIdHigh = 0;
  tradeIdLow = 0;

  readonly #table: InstrumentTable;
  readonly #list = new JsonCursor();
  readonly #cursor = new JsonCursor();
  readonly #decimal = new DecimalReader();
  readonly #spans = new Int32Array(2 * OUTER.length);
  readonly #askSum = new Float64Array(2);
  readonly #bidSum = new Float64Array(2);
  readonly #total = new Float64Array(2);
  #bytes: Uint8Array = new Uint8Array(0);
  #isList = false;
  #isDone = true;

  constructor(table: InstrumentTable) {
    this.#table = table;
  }

  /** Takes a payload; {@link next} gives its messages. */
  start(bytes: Uint8Array): void {
    const list = this.#list;
    this.#bytes = bytes;
    this.#isDone = false;
    list.start(bytes, 0, bytes.length);
    this.#isList = list.peek() === OPEN_ARRAY;
    if (this.#isList) list.enterArray();
  }

  /** Decodes the payload's next message; false when there is none left. */
  next(): boolean {
    if (this.#isDone) return false;
    const list = this.#list;
    this.#reset();
    if (this.#isList) {
      if (!list.nextElement()) {
        this.#isDone = true;
        if (list.isAtEnd()) return false;
        this.#fail('Expected a whole list of messages');
        return true;
      }
      list.skipValue();
    } else {
      this.#isDone = true;
      list.skipValue();
      if (!list.isAtEnd()) list.failed = true;
    }
    if (list.failed) {
      this.#isDone = true;
      this.#fail('Expected a whole JSON object');
      return true;
    }
    this.#readMessage(list.from, list.to);
    return true;
  }

  #reset(): void {
    this.kind = UpbitMessageKind.ignored;
    this.instrument = -1;
    this.reason = '';
    this.wasBook = this.totalsDiffer = this.isSnapshot = false;
    this.asks.count = this.bids.count = 0;
    this.timeMs = this.inexactSizes = 0;
  }

  #readMessage(from: number, to: number): boolean {
    const cursor = this.#cursor;
    const spans = this.#spans;
    spans.fill(0);
    cursor.start(this.#bytes, from, to);
    if (!cursor.enterObject()) return this.#fail('Expected an object');
    while (cursor.nextKey()) {
      let field = 0;
      while (field < OUTER.length && !this.#keyIs(OUTER[field] as Name)) field++;
      cursor.skipValue();
      if (field < OUTER.length) {
        spans[2 * field] = cursor.from;
        spans[2 * field + 1] = cursor.to;
      }
    }
    const isWhole = cursor.isAtEnd();
    if (this.#has(ERROR)) return this.#fail(`The venue refused a request: ${this.#text(ERROR)}`);
    const isBook = this.#is(TYPE, words.orderbook);
    if (!isBook && !this.#is(TYPE, words.trade)) return isWhole || this.#fail('Expected a whole JSON object');
    this.wasBook = isBook;
    if (this.#has(CODE)) {
      this.instrument = this.#table.find(this.#bytes, spans[2 * CODE] as number, spans[2 * CODE + 1] as number);
    }
    if (this.instrument < 0) return this.#fail(`code: expected a subscribed market, was "${this.#text(CODE)}"`);
    if (!isWhole) return this.#fail('Expected a whole JSON object');
    this.isSnapshot = this.#is(STREAM, words.snapshot);
    if (!this.#integer(TIMESTAMP)) return this.#fail('timestamp: expected a time in ms, was another value');
    this.timeMs = this.#decimal.steps;
    return isBook ? this.#readBook() : this.#readTrade();
  }

  #readTrade(): boolean {
    if (!this.#integer(TRADE_TIME)) return this.#fail('trade_timestamp: expected a time in ms, was another value');
    this.tradeTimeMs = this.#decimal.steps;
    const spans = this.#spans;
    this.tradePriceTicks = this.#price(spans[2 * PRICE] as number, spans[2 * PRICE + 1] as number);
    if (this.tradePriceTicks <= 0) return this.#fail(this.reason || 'trade_price: expected a price above 0');
    this.tradeSizeLots = this.#size(spans[2 * VOLUME] as number, spans[2 * VOLUME + 1] as number);
    if (this.tradeSizeLots < 0) return this.#fail(this.reason);
    this.tradeSide = this.#is(SIDE, words.bid) ? Side.buy : this.#is(SIDE, words.ask) ? Side.sell : Side.none;
    if (this.tradeSide === Side.none) return this.#fail(`ask_bid: expected ASK or BID, was "${this.#text(SIDE)}"`);
    if (!this.#readId()) return this.#fail(`sequential_id: expected an integer, was "${this.#text(SEQUENTIAL)}"`);
    this.kind = UpbitMessageKind.trade;
    return true;
  }

  #readId(): boolean {
    const from = this.#spans[2 * SEQUENTIAL] as number;
    const to = this.#spans[2 * SEQUENTIAL + 1] as number;
    if (to <= from || to - from > MAX_ID_DIGITS) return false;
    let high = 0;
    let low = 0;
    for (let at = from; at < to; at++) {
      const digit = (this.#bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return false;
      if (to - at > LOW_DIGITS) high = high * 10 + digit;
      else low = low * 10 + digit;
    }
    this.tradeIdHigh = high;
    this.tradeIdLow = low;
    return low < LOW_SCALE;
  }

  #readBook(): boolean {
    // Sizes grouped by a coarser price step are another book than the one orders meet.
    if (this.#has(LEVEL)) {
      const spans = this.#spans;
      const result = this.#decimal.read(this.#bytes, spans[2 * LEVEL] as number, spans[2 * LEVEL + 1] as number, 8, 1);
      if (result !== DecimalResult.exact || this.#decimal.steps !== 0) {
        return this.#fail(`level: expected 0 (ungrouped prices), was "${this.#text(LEVEL)}"`);
      }
    }
    if (!this.#has(UNITS)) return this.#fail('orderbook_units: expected a list, was absent');
    const cursor = this.#cursor;
    cursor.start(this.#bytes, this.#spans[2 * UNITS] as number, this.#spans[2 * UNITS + 1] as number);
    if (!cursor.enterArray()) return this.#fail('orderbook_units: expected a list, was another value');
    this.#askSum.fill(0);
    this.#bidSum.fill(0);
    while (cursor.nextElement()) if (!this.#readUnit()) return this.#fail(this.reason);
    if (!cursor.isAtEnd()) return this.#fail('orderbook_units: expected a whole list');
    if (!this.#isTotal(TOTAL_ASK, this.#askSum) || !this.#isTotal(TOTAL_BID, this.#bidSum)) this.totalsDiffer = true;
    this.kind = UpbitMessageKind.book;
    return true;
  }

  #readUnit(): boolean {
    const cursor = this.#cursor;
    let askTicks = -1;
    let bidTicks = -1;
    let askLots = -1;
    let bidLots = -1;
    this.reason = '';
    if (!cursor.enterObject()) return this.#refuse('orderbook_units: expected objects, was another value');
    while (cursor.nextKey()) {
      const isSize = this.#keyIs(names.askSize) || this.#keyIs(names.bidSize);
      const isAsk = this.#keyIs(names.askPrice) || this.#keyIs(names.askSize);
      if (!isSize && !isAsk && !this.#keyIs(names.bidPrice)) {
        cursor.skipValue();
        continue;
      }
      if (!cursor.readScalar()) break;
      const { from, to } = cursor;
      if (isSize) {
        const lots = this.#size(from, to);
        if (lots < 0) return false;
        if (!this.#decimal.addTo(this.#bytes, from, to, isAsk ? this.#askSum : this.#bidSum)) {
          return this.#refuse('size: expected at most 8 decimals');
        }
        if (isAsk) askLots = lots;
        else bidLots = lots;
      } else {
        const ticks = this.#price(from, to);
        if (ticks < 0) return false;
        if (isAsk) askTicks = ticks;
        else bidTicks = ticks;
      }
    }
    if (cursor.failed) return this.#refuse('orderbook_units: expected whole objects');
    if (askTicks < 0 || bidTicks < 0 || askLots < 0 || bidLots < 0) {
      return this.#refuse('orderbook_units: expected both prices and both sizes, was less');
    }
    return (
      this.#append(this.asks, askTicks, askLots, 1, 'ask_price') &&
      this.#append(this.bids, bidTicks, bidLots, -1, 'bid_price')
    );
  }

  /** A side with fewer levels than the other is filled up with price 0, size 0. */
  #append(side: LevelList, ticks: number, lots: number, direction: 1 | -1, name: string): boolean {
    if (ticks === 0 && lots === 0) return true;
    if (ticks === 0) return this.#refuse(`${name}: expected a price above 0, was 0`);
    if (side.count > 0 && (ticks - side.priceTicks(side.count - 1)) * direction <= 0) {
      return this.#refuse(`${name}: expected levels from best to worst, was out of order`);
    }
    return side.push(ticks, lots) || this.#refuse('orderbook_units: expected fewer levels');
  }

  #isTotal(field: number, sum: Float64Array): boolean {
    const total = this.#total;
    total.fill(0);
    const from = this.#spans[2 * field] as number;
    if (!this.#decimal.addTo(this.#bytes, from, this.#spans[2 * field + 1] as number, total)) return false;
    const whole = total[0] as number;
    const difference = Math.abs(((sum[0] as number) - whole) * 1e8 + (sum[1] as number) - (total[1] as number));
    return difference === 0 || (whole >= EXACT_WHOLE && difference <= whole * 1e8 * ROUNDING);
  }

  /** Ticks from 0; -1 with a reason when it is no price or lies between two ticks. */
  #price(from: number, to: number): number {
    const decimals = this.#table.priceDecimals[this.instrument] as number;
    const units = this.#table.priceUnits[this.instrument] as number;
    if (this.#decimal.read(this.#bytes, from, to, decimals, units) === DecimalResult.exact) return this.#decimal.steps;
    const { tickSize } = this.#table.specs[this.instrument] ?? { tickSize: '' };
    this.#refuse(`price: expected a multiple of ${tickSize}, was "${this.#shown(from, to)}"`);
    return -1;
  }

  #size(from: number, to: number): number {
    const decimals = this.#table.sizeDecimals[this.instrument] as number;
    const units = this.#table.sizeUnits[this.instrument] as number;
    const result = this.#decimal.read(this.#bytes, from, to, decimals, units);
    if (result === DecimalResult.exact) return this.#decimal.steps;
    if (result === DecimalResult.betweenSteps) {
      this.inexactSizes++;
      return Math.max(1, this.#decimal.steps);
    }
    this.#refuse(`size: expected a decimal below 2^53 lots, was "${this.#shown(from, to)}"`);
    return -1;
  }

  #integer(field: number): boolean {
    const from = this.#spans[2 * field] as number;
    return (
      this.#decimal.readInteger(this.#bytes, from, this.#spans[2 * field + 1] as number) && this.#decimal.steps > 0
    );
  }

  #has(field: number): boolean {
    return (this.#spans[2 * field + 1] as number) > 0;
  }

  #is(field: number, word: Uint8Array): boolean {
    return isText(this.#bytes, this.#spans[2 * field] as number, this.#spans[2 * field + 1] as number, word);
  }

  #keyIs(name: Name): boolean {
    const { keyFrom, keyTo } = this.#cursor;
    return isText(this.#bytes, keyFrom, keyTo, name[0]) || isText(this.#bytes, keyFrom, keyTo, name[1]);
  }

  #text(field: number): string {
    return this.#shown(this.#spans[2 * field] as number, this.#spans[2 * field + 1] as number);
  }

  #shown(from: number, to: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(from, Math.min(to, from + 200)));
  }

  /** Keeps the first reason. */
  #refuse(reason: string): false {
    if (this.reason === '') this.reason = reason;
    return false;
  }

  #fail(reason: string): false {
    this.kind = UpbitMessageKind.bad;
    this.reason = reason;
    return false;
  }
}
