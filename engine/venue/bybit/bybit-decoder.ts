import { Side } from '../../contract/units.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { DecimalReader, DecimalResult } from '../decimal-reader.ts';
import { JsonCursor } from '../json-cursor.ts';
import type { LevelList } from '../level-list.ts';
import { BybitMessage, BybitMessageKind } from './bybit-message.ts';
import { BybitScanner } from './bybit-scanner.ts';
import { hashTradeId } from './trade-id-hash.ts';

const names = {
  topic: asciiBytes('topic'),
  type: asciiBytes('type'),
  ts: asciiBytes('ts'),
  cts: asciiBytes('cts'),
  data: asciiBytes('data'),
  success: asciiBytes('success'),
  retMsg: asciiBytes('ret_msg'),
  symbol: asciiBytes('s'),
  bids: asciiBytes('b'),
  asks: asciiBytes('a'),
  update: asciiBytes('u'),
  sequence: asciiBytes('seq'),
  time: asciiBytes('T'),
  side: asciiBytes('S'),
  size: asciiBytes('v'),
  price: asciiBytes('p'),
  id: asciiBytes('i'),
} as const;
const words = {
  false: asciiBytes('false'),
  snapshot: asciiBytes('snapshot'),
  delta: asciiBytes('delta'),
  orderbook: asciiBytes('orderbook'),
  publicTrade: asciiBytes('publicTrade'),
  buy: asciiBytes('Buy'),
  sell: asciiBytes('Sell'),
} as const;
const DOT = 46;
const OPEN_OBJECT = 123;

/**
 * Decodes payloads of Bybit's v5 public streams in place, into reused fields. The order of the fields does not matter
 * (it differs between spot and futures): the outer object is looked through first, then `data`. Never throws.
 */
export class BybitDecoder extends BybitMessage {
  readonly #table: InstrumentTable;
  readonly #cursor = new JsonCursor();
  readonly #decimal = new DecimalReader();
  #symbolFrom = 0;
  #symbolTo = 0;
  #atEnd = false;
  readonly #hashes = new Uint32Array(2);

  readonly #scanner: BybitScanner;
  /** Trades of the scanner that have been given out; -1 when the cursor has them. */
  #given = -1;
  #fallbacks = 0;

  constructor(table: InstrumentTable) {
    super();
    this.#table = table;
    this.#scanner = new BybitScanner(table);
  }

  /** Payloads that the scanner left to the cursor. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  decode(bytes: Uint8Array): void {
    this.#given = 0;
    if (this.#scanner.scan(bytes, this)) return;
    this.#fallbacks++;
    this.decodeSlowly(bytes);
  }

  /** As {@link decode}, field by field: what the scanner does not expect, so it also decides what a bad message is. */
  decodeSlowly(bytes: Uint8Array): void {
    this.#given = -1;
    this.reset();
    this.#readMessage(bytes);
  }

  /** False when the message is bad or not wanted. */
  #readMessage(bytes: Uint8Array): boolean {
    const cursor = this.#cursor;
    cursor.start(bytes, 0, bytes.length);
    if (!cursor.enterObject()) return this.#fail('Expected an object');
    let topicFrom = 0;
    let topicTo = 0;
    let dataFrom = 0;
    let dataTo = 0;
    let type: BybitMessageKind = BybitMessageKind.ignored;
    let pushMs = 0;
    let engineMs = 0;
    let refused = false;
    let messageFrom = 0;
    let messageTo = 0;
    while (cursor.nextKey()) {
      if (this.#keyIs(names.data)) {
        cursor.skipValue();
        dataFrom = cursor.from;
        dataTo = cursor.to;
      } else if (this.#keyIs(names.topic)) {
        cursor.readScalar();
        topicFrom = cursor.from;
        topicTo = cursor.to;
      } else if (this.#keyIs(names.type)) {
        cursor.readScalar();
        if (this.#valueIs(words.snapshot)) type = BybitMessageKind.snapshot;
        else if (this.#valueIs(words.delta)) type = BybitMessageKind.delta;
      } else if (this.#keyIs(names.ts)) {
        pushMs = this.#integer();
      } else if (this.#keyIs(names.cts)) {
        engineMs = this.#integer();
      } else if (this.#keyIs(names.success)) {
        cursor.readScalar();
        refused = this.#valueIs(words.false);
      } else if (this.#keyIs(names.retMsg)) {
        cursor.readScalar();
        messageFrom = cursor.from;
        messageTo = cursor.to;
      } else {
        cursor.skipValue();
      }
    }
    const isWhole = cursor.isAtEnd();
    const isWanted = topicTo > topicFrom && this.#readTopic(topicFrom, topicTo);
    if (!isWhole) return this.#fail('Expected one whole JSON object');
    if (topicTo === topicFrom) {
      if (refused) {
        const text = new TextDecoder().decode(bytes.subarray(messageFrom, Math.min(messageTo, messageFrom + 200)));
        this.#fail(`The venue refused a request: ${text}`);
      }
      return false;
    }
    if (!isWanted) return false;
    if (dataTo === dataFrom) return this.#fail('data: expected a value, was absent');
    if (pushMs <= 0) return this.#fail('ts: expected a time in ms, was another value');
    this.timeUs = 1000 * (engineMs > 0 ? engineMs : pushMs);
    cursor.start(bytes, dataFrom, dataTo);
    if (this.wasBook) {
      if (type === BybitMessageKind.ignored) return this.#fail('type: expected snapshot or delta, was another value');
      return this.#readBook(type);
    }
    if (!cursor.enterArray()) return this.#fail('data: expected a list of trades, was another value');
    this.kind = BybitMessageKind.trades;
    return true;
  }

  /**
   * Moves to the next trade of the message.
   * @returns 1 a trade stands in the trade fields, 0 the end, -1 a bad one (`reason`; the next may be good).
   */
  nextTrade(): -1 | 0 | 1 {
    if (this.#given >= 0) return this.#scanner.readTrade(this.#given++, this) ? 1 : 0;
    const cursor = this.#cursor;
    if (!cursor.nextElement()) {
      if (cursor.failed) this.reason = 'data: expected a list of trades, was cut or damaged';
      return cursor.failed ? this.#endTrades() : 0;
    }
    if (cursor.peek() !== OPEN_OBJECT) {
      this.reason = 'data: expected trades, was another value';
      cursor.skipValue();
      return -1;
    }
    this.reason = '';
    this.tradeTimeMs = this.tradeSequence = 0;
    this.tradeSide = Side.none;
    this.tradePriceTicks = this.tradeSizeLots = -1;
    let hasId = false;
    let hasSequence = false;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (this.#keyIs(names.time)) {
        this.tradeTimeMs = this.#integer();
      } else if (this.#keyIs(names.price)) {
        this.tradePriceTicks = this.#price();
      } else if (this.#keyIs(names.size)) {
        this.tradeSizeLots = this.#size();
      } else if (this.#keyIs(names.side)) {
        cursor.readScalar();
        if (this.#valueIs(words.buy)) this.tradeSide = Side.buy;
        else if (this.#valueIs(words.sell)) this.tradeSide = Side.sell;
      } else if (this.#keyIs(names.sequence)) {
        this.tradeSequence = this.#integer();
        hasSequence = this.tradeSequence >= 0;
      } else if (this.#keyIs(names.id)) {
        hasId = cursor.readScalar() && cursor.to > cursor.from;
        this.#hashId();
      } else if (this.#keyIs(names.symbol)) {
        cursor.readScalar();
        if (!this.#isSymbol()) this.reason = 's: expected the symbol of the topic, was another';
      } else {
        cursor.skipValue();
      }
    }
    if (cursor.failed) this.reason = 'data: expected a list of trades, was cut or damaged';
    if (this.reason === '') {
      if (this.tradeTimeMs <= 0) this.reason = 'T: expected a time in ms, was another value';
      else if (this.tradeSide === Side.none) this.reason = 'S: expected Buy or Sell, was another value';
      else if (this.tradePriceTicks < 0) this.reason = 'p: expected a price, was absent';
      else if (this.tradeSizeLots < 0) this.reason = 'v: expected a size, was absent';
      else if (!hasId) this.reason = 'i: expected an id, was absent';
      else if (!hasSequence) this.tradeSequence = 0;
    }
    return this.reason === '' ? 1 : -1;
  }

  /** A damaged list is reported once, then it ends. */
  #endTrades(): -1 | 0 {
    this.#atEnd = !this.#atEnd;
    return this.#atEnd ? -1 : 0;
  }

  /** `orderbook.50.BTCUSDT` or `publicTrade.BTCUSDT`; false for other topics, which are left alone, and bad ones. */
  #readTopic(from: number, to: number): boolean {
    const { bytes } = this.#cursor;
    this.#atEnd = false;
    let dot = from;
    while (dot < to && bytes[dot] !== DOT) dot++;
    let symbolFrom = dot + 1;
    if (isText(bytes, from, dot, words.orderbook)) {
      while (symbolFrom < to && bytes[symbolFrom] !== DOT) symbolFrom++;
      if (!this.#decimal.readInteger(bytes, dot + 1, symbolFrom)) {
        return this.#fail('topic: expected orderbook.<depth>.<symbol>, was another');
      }
      this.depth = this.#decimal.steps;
      symbolFrom++;
      this.wasBook = true;
    } else if (!isText(bytes, from, dot, words.publicTrade)) {
      return false;
    }
    if (symbolFrom < to) this.instrument = this.#table.find(bytes, symbolFrom, to);
    if (this.instrument < 0) return this.#fail('topic: expected a subscribed symbol, was another');
    this.#symbolFrom = symbolFrom;
    this.#symbolTo = to;
    return true;
  }

  #readBook(type: BybitMessageKind): boolean {
    const cursor = this.#cursor;
    if (!cursor.enterObject()) return this.#fail('data: expected an object, was another value');
    let seen = 0;
    this.updateId = this.sequence = -1;
    while (cursor.nextKey()) {
      if (this.#keyIs(names.bids)) {
        if (!this.#readLevels(this.bids)) return this.#fail(this.reason);
        seen |= 1;
      } else if (this.#keyIs(names.asks)) {
        if (!this.#readLevels(this.asks)) return this.#fail(this.reason);
        seen |= 2;
      } else if (this.#keyIs(names.update)) {
        this.updateId = this.#integer();
      } else if (this.#keyIs(names.sequence)) {
        this.sequence = this.#integer();
      } else if (this.#keyIs(names.symbol)) {
        cursor.readScalar();
        if (!this.#isSymbol()) return this.#fail('s: expected the symbol of the topic, was another');
        seen |= 4;
      } else {
        cursor.skipValue();
      }
    }
    if (!cursor.isAtEnd()) return this.#fail('data: expected one whole object');
    if (seen !== 7) return this.#fail('data: expected s, b and a, was less');
    if (this.updateId <= 0) return this.#fail('u: expected a positive integer, was another value');
    if (this.sequence < 0) return this.#fail('seq: expected an integer from 0, was another value');
    this.kind = type;
    return true;
  }

  #readLevels(list: LevelList): boolean {
    const cursor = this.#cursor;
    list.count = 0;
    this.reason = '';
    if (!cursor.enterArray()) return this.#refuse('levels: expected a list, was another value');
    while (cursor.nextElement()) {
      if (!cursor.enterArray() || !cursor.nextElement()) return this.#refuse('level: expected [price, size]');
      const ticks = this.#price();
      if (ticks < 0) return this.#refuse('price: expected a decimal');
      if (!cursor.nextElement()) return this.#refuse('level: expected [price, size]');
      const lots = this.#size();
      if (lots < 0) return this.#refuse('size: expected a decimal');
      if (cursor.nextElement() || cursor.failed) return this.#refuse('level: expected [price, size]');
      if (!list.push(ticks, lots)) return this.#refuse('levels: expected fewer');
    }
    return !cursor.failed || this.#refuse('levels: expected a whole list');
  }

  /** Ticks of the price that comes next; -1 with a reason when it is none or lies between two ticks. */
  #price(): number {
    const cursor = this.#cursor;
    if (!cursor.readScalar()) return -1;
    const { bytes, from, to } = cursor;
    const decimals = this.#table.priceDecimals[this.instrument] as number;
    const units = this.#table.priceUnits[this.instrument] as number;
    const result = this.#decimal.read(bytes, from, to, decimals, units);
    if (result === DecimalResult.exact && this.#decimal.steps > 0) return this.#decimal.steps;
    const text = new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + 40)));
    const { tickSize } = this.#table.specs[this.instrument] ?? { tickSize: '' };
    this.#refuse(`price: expected a positive multiple of ${tickSize}, was "${text}"`);
    return -1;
  }

  #size(): number {
    const cursor = this.#cursor;
    if (!cursor.readScalar()) return -1;
    const { bytes, from, to } = cursor;
    const decimals = this.#table.sizeDecimals[this.instrument] as number;
    const units = this.#table.sizeUnits[this.instrument] as number;
    const result = this.#decimal.read(bytes, from, to, decimals, units);
    if (result === DecimalResult.exact) return this.#decimal.steps;
    if (result === DecimalResult.betweenSteps) {
      this.inexactSizes++;
      return Math.max(1, this.#decimal.steps);
    }
    const text = new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + 40)));
    this.#refuse(`size: expected a decimal below 2^53 lots, was "${text}"`);
    return -1;
  }

  /** A whole number from 0, or -1. */
  #integer(): number {
    const cursor = this.#cursor;
    if (!cursor.readScalar() || !this.#decimal.readInteger(cursor.bytes, cursor.from, cursor.to)) return -1;
    return this.#decimal.steps;
  }

  #hashId(): void {
    const { bytes, from, to } = this.#cursor;
    hashTradeId(bytes, from, to, this.#hashes);
    this.tradeIdHashA = this.#hashes[0] as number;
    this.tradeIdHashB = this.#hashes[1] as number;
  }

  #keyIs(name: Uint8Array): boolean {
    const { bytes, keyFrom, keyTo } = this.#cursor;
    return isText(bytes, keyFrom, keyTo, name);
  }

  #valueIs(word: Uint8Array): boolean {
    const { bytes, from, to } = this.#cursor;
    return isText(bytes, from, to, word);
  }

  /** The newest text equals the topic's symbol. */
  #isSymbol(): boolean {
    const { bytes, from, to } = this.#cursor;
    return isText(bytes, from, to, bytes.subarray(this.#symbolFrom, this.#symbolTo));
  }

  /** Keeps the first reason. */
  #refuse(reason: string): false {
    if (this.reason === '') this.reason = reason;
    return false;
  }

  #fail(reason: string): false {
    this.kind = BybitMessageKind.bad;
    this.reason = reason;
    return false;
  }
}
