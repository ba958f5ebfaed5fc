import { Side } from '../../contract/units.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { DecimalReader, DecimalResult } from '../decimal-reader.ts';
import { JsonCursor } from '../json-cursor.ts';
import type { LevelList } from '../level-list.ts';
import { UpbitField, upbitFieldOf } from './upbit-fields.ts';
import { UpbitMessage, UpbitMessageKind } from './upbit-message.ts';
import { UpbitScanner } from './upbit-scanner.ts';
import { isUpbitTotal } from './upbit-total.ts';

/** Fields of a level by their DEFAULT and SIMPLE names; both may come mixed. */
const names = {
  askPrice: [asciiBytes('ask_price'), asciiBytes('ap')],
  bidPrice: [asciiBytes('bid_price'), asciiBytes('bp')],
  askSize: [asciiBytes('ask_size'), asciiBytes('as')],
  bidSize: [asciiBytes('bid_size'), asciiBytes('bs')],
} as const;
type Name = readonly [Uint8Array, Uint8Array];
const FIELDS = Object.keys(UpbitField).length;

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
/**
 * Decodes messages of Upbit's public stream in place, into reused fields, numbers straight from their digits. Formats
 * DEFAULT and SIMPLE, alone or in lists (JSON_LIST, SIMPLE_LIST). Never throws.
 */
export class UpbitDecoder extends UpbitMessage {
  readonly #table: InstrumentTable;
  readonly #list = new JsonCursor();
  readonly #cursor = new JsonCursor();
  readonly #decimal = new DecimalReader();
  readonly #spans = new Int32Array(2 * FIELDS);
  readonly #askSum = new Float64Array(2);
  readonly #bidSum = new Float64Array(2);
  readonly #total = new Float64Array(2);
  #bytes: Uint8Array = new Uint8Array(0);
  #isList = false;
  #isDone = true;

  readonly #scanner: UpbitScanner;
  #isScanned = false;
  #fallbacks = 0;

  constructor(table: InstrumentTable) {
    super();
    this.#table = table;
    this.#scanner = new UpbitScanner(table);
  }

  /** Payloads that the scanner left to the cursor. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /** Takes a payload; {@link next} gives its messages. */
  start(bytes: Uint8Array): void {
    this.#isScanned = this.#scanner.scan(bytes, this);
    if (this.#isScanned) return;
    this.#fallbacks++;
    this.startSlowly(bytes);
  }

  /** As {@link start}, field by field: what the scanner does not expect, so it also decides what a bad message is. */
  startSlowly(bytes: Uint8Array): void {
    this.#isScanned = false;
    const list = this.#list;
    this.#bytes = bytes;
    this.#isDone = false;
    list.start(bytes, 0, bytes.length);
    this.#isList = list.peek() === OPEN_ARRAY;
    if (this.#isList) list.enterArray();
  }

  /** Decodes the payload's next message; false when there is none left. */
  next(): boolean {
    if (this.#isScanned) {
      this.#isScanned = false;
      this.#isDone = true;
      return true;
    }
    if (this.#isDone) return false;
    const list = this.#list;
    this.reset();
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

  #readMessage(from: number, to: number): boolean {
    const cursor = this.#cursor;
    const spans = this.#spans;
    spans.fill(0);
    cursor.start(this.#bytes, from, to);
    if (!cursor.enterObject()) return this.#fail('Expected an object');
    while (cursor.nextKey()) {
      const field = upbitFieldOf(this.#bytes, cursor.keyFrom, cursor.keyTo);
      cursor.skipValue();
      if (field >= 0) {
        spans[2 * field] = cursor.from;
        spans[2 * field + 1] = cursor.to;
      }
    }
    const isWhole = cursor.isAtEnd();
    if (this.#has(UpbitField.error)) return this.#fail(`The venue refused a request: ${this.#text(UpbitField.error)}`);
    const isBook = this.#is(UpbitField.type, words.orderbook);
    if (!isBook && !this.#is(UpbitField.type, words.trade))
      return isWhole || this.#fail('Expected a whole JSON object');
    this.wasBook = isBook;
    if (this.#has(UpbitField.code)) {
      this.instrument = this.#table.find(
        this.#bytes,
        spans[2 * UpbitField.code] as number,
        spans[2 * UpbitField.code + 1] as number,
      );
    }
    if (this.instrument < 0)
      return this.#fail(`code: expected a subscribed market, was "${this.#text(UpbitField.code)}"`);
    if (!isWhole) return this.#fail('Expected a whole JSON object');
    this.isSnapshot = this.#is(UpbitField.stream, words.snapshot);
    if (!this.#integer(UpbitField.timestamp)) return this.#fail('timestamp: expected a time in ms, was another value');
    this.timeMs = this.#decimal.steps;
    return isBook ? this.#readBook() : this.#readTrade();
  }

  #readTrade(): boolean {
    if (!this.#integer(UpbitField.tradeTime))
      return this.#fail('trade_timestamp: expected a time in ms, was another value');
    this.tradeTimeMs = this.#decimal.steps;
    const spans = this.#spans;
    this.tradePriceTicks = this.#price(
      spans[2 * UpbitField.price] as number,
      spans[2 * UpbitField.price + 1] as number,
    );
    if (this.tradePriceTicks <= 0) return this.#fail(this.reason || 'trade_price: expected a price above 0');
    this.tradeSizeLots = this.#size(spans[2 * UpbitField.volume] as number, spans[2 * UpbitField.volume + 1] as number);
    if (this.tradeSizeLots < 0) return this.#fail(this.reason);
    this.tradeSide = this.#is(UpbitField.side, words.bid)
      ? Side.buy
      : this.#is(UpbitField.side, words.ask)
        ? Side.sell
        : Side.none;
    if (this.tradeSide === Side.none)
      return this.#fail(`ask_bid: expected ASK or BID, was "${this.#text(UpbitField.side)}"`);
    if (!this.#readId())
      return this.#fail(`sequential_id: expected an integer, was "${this.#text(UpbitField.sequential)}"`);
    this.kind = UpbitMessageKind.trade;
    return true;
  }

  #readId(): boolean {
    const from = this.#spans[2 * UpbitField.sequential] as number;
    const to = this.#spans[2 * UpbitField.sequential + 1] as number;
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
    if (this.#has(UpbitField.level)) {
      const spans = this.#spans;
      const result = this.#decimal.read(
        this.#bytes,
        spans[2 * UpbitField.level] as number,
        spans[2 * UpbitField.level + 1] as number,
        8,
        1,
      );
      if (result !== DecimalResult.exact || this.#decimal.steps !== 0) {
        return this.#fail(`level: expected 0 (ungrouped prices), was "${this.#text(UpbitField.level)}"`);
      }
    }
    if (!this.#has(UpbitField.units)) return this.#fail('orderbook_units: expected a list, was absent');
    const cursor = this.#cursor;
    cursor.start(
      this.#bytes,
      this.#spans[2 * UpbitField.units] as number,
      this.#spans[2 * UpbitField.units + 1] as number,
    );
    if (!cursor.enterArray()) return this.#fail('orderbook_units: expected a list, was another value');
    this.#askSum.fill(0);
    this.#bidSum.fill(0);
    while (cursor.nextElement()) if (!this.#readUnit()) return this.#fail(this.reason);
    if (!cursor.isAtEnd()) return this.#fail('orderbook_units: expected a whole list');
    if (!this.#isTotal(UpbitField.totalAsk, this.#askSum) || !this.#isTotal(UpbitField.totalBid, this.#bidSum))
      this.totalsDiffer = true;
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
    return (
      this.#decimal.addTo(this.#bytes, from, this.#spans[2 * field + 1] as number, total) &&
      isUpbitTotal(total, 0, sum, 0)
    );
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
