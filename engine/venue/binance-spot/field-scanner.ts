import { asciiBytes, isText } from '../byte-text.ts';
import { decodeWithJson } from './json-decoder.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { type MarketMessage, MessageKind, toMicroseconds } from './market-message.ts';

const QUOTE = 34;
const COMMA = 44;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const BACKSLASH = 92;

const POWERS = Float64Array.from({ length: 20 }, (_, i) => 10 ** i);

/** What the value of `e` was. */
const DEPTH_UPDATE = asciiBytes('depthUpdate');
const TRADE = asciiBytes('trade');
const AGG_TRADE = asciiBytes('aggTrade');
const BOOK_TICKER = asciiBytes('bookTicker');
const MARKET = asciiBytes('"MARKET"');
const PREVIOUS_ID = asciiBytes('pu');
const STREAM = asciiBytes('stream');
const DATA = asciiBytes('data');
const LAST_UPDATE_ID = asciiBytes('lastUpdateId');
const BIDS = asciiBytes('bids');
const ASKS = asciiBytes('asks');
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');
const NULL = asciiBytes('null');
const EventName = { none: 0, depth: 1, trade: 2, aggTrade: 3, bookTicker: 4, shutdown: 5, other: 6 } as const;

/** Fields seen, as bits: a message counts only when it has all of its own. */
const Seen = {
  symbol: 1,
  firstId: 2,
  lastId: 4,
  bids: 8,
  asks: 16,
  bidPrice: 32,
  bidSize: 64,
  askPrice: 128,
  askSize: 256,
  price: 512,
  size: 1024,
  tradeId: 2048,
  aggId: 4096,
  maker: 8192,
} as const;
const DEPTH_FIELDS = Seen.symbol | Seen.firstId | Seen.lastId | Seen.bids | Seen.asks;
const TICKER_FIELDS = Seen.symbol | Seen.lastId | Seen.bidPrice | Seen.bidSize | Seen.askPrice | Seen.askSize;
const TRADE_FIELDS = Seen.symbol | Seen.price | Seen.size | Seen.maker;
const SNAPSHOT_FIELDS = Seen.lastId | Seen.bids | Seen.asks;

/**
 * Decodes Binance spot's market messages straight from their bytes: no string, object or float on the way from decimal
 * digits to integer ticks and lots. Anything it does not expect (escapes, keys out of order, an odd shape) is decoded
 * again with JSON.parse, which then decides. Never throws.
 */
export class FieldScanner {
  readonly #table: InstrumentTable;
  readonly #message: MarketMessage;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** The shape is not the expected one: leave it to JSON.parse. */
  #odd = false;
  #seen = 0;
  #event: number = EventName.none;
  #aggId = 0;
  #offBook = false;
  /** Where {@link #integer} leaves its result: handed back as a return value, every id and time would be boxed. */
  readonly #number = new Float64Array(1);
  /** Within the wrapper's `data`: it holds no other. */
  #inData = false;
  #fallbacks = 0;

  constructor(table: InstrumentTable, message: MarketMessage) {
    this.#table = table;
    this.#message = message;
  }

  /** Messages that had to be decoded with JSON.parse. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /** Decodes one WebSocket payload, bare or wrapped by a combined stream, into the message. */
  scan(bytes: Uint8Array): void {
    const m = this.#message;
    this.#begin(bytes);
    this.#scanOuter();
    if (this.#odd) {
      this.#fallbacks++;
      decodeWithJson(bytes, this.#table, m, -1);
    } else if (m.kind !== MessageKind.bad) this.#conclude();
  }

  /** Decodes the body of a REST depth snapshot of a known instrument. */
  scanSnapshot(bytes: Uint8Array, instrument: number): void {
    const m = this.#message;
    this.#begin(bytes);
    m.instrument = instrument;
    this.#scanSnapshotObject();
    if (!this.#odd && m.kind !== MessageKind.bad && (this.#seen & SNAPSHOT_FIELDS) === SNAPSHOT_FIELDS) {
      m.kind = MessageKind.snapshot;
    } else if (m.kind !== MessageKind.bad) {
      this.#fallbacks++;
      decodeWithJson(bytes, this.#table, m, instrument);
    }
  }

  #begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#odd = false;
    this.#seen = 0;
    this.#event = EventName.none;
    this.#offBook = false;
    this.#inData = false;
    this.#message.reset();
  }

  /** The object that came: either the wrapper of a combined stream or the event itself. */
  #scanOuter(): void {
    this.#space();
    this.#scanObject();
    this.#space();
    if (this.#at !== this.#bytes.length) this.#odd = true;
  }

  /** Whether there is anything left to decode after an early decision. */
  #settled(): boolean {
    return this.#odd || this.#message.kind === MessageKind.bad;
  }

  #scanObject(): void {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== OPEN_OBJECT) {
      this.#odd = true;
      return;
    }
    this.#at++;
    this.#space();
    if (bytes[this.#at] === CLOSE_OBJECT) {
      this.#at++;
      return;
    }
    for (;;) {
      if (bytes[this.#at] !== QUOTE) {
        this.#odd = true;
        return;
      }
      const key = this.#at + 1;
      const end = this.#stringEnd(key);
      if (end < 0) return;
      this.#at = end + 1;
      this.#space();
      if (bytes[this.#at] !== COLON) {
        this.#odd = true;
        return;
      }
      this.#at++;
      this.#space();
      if (end - key === 1) this.#scanField(bytes[key] as number);
      else if (end - key === 2) this.#scanPairField(key);
      else if (isText(bytes, key, end, DATA)) this.#scanData();
      else if (isText(bytes, key, end, STREAM)) this.#skipValue();
      // An answer, a refusal, or something new: JSON.parse tells them apart, they are rare.
      else this.#odd = true;
      if (this.#settled()) return;
      this.#space();
      const next = bytes[this.#at];
      this.#at++;
      if (next === CLOSE_OBJECT) return;
      if (next !== COMMA) {
        this.#odd = true;
        return;
      }
      this.#space();
    }
  }

  /** `data` of a combined stream. */
  #scanData(): void {
    if (this.#inData || this.#bytes[this.#at] !== OPEN_OBJECT) {
      this.#odd = true;
      return;
    }
    this.#inData = true;
    this.#scanObject();
  }

  #scanField(key: number): void {
    const m = this.#message;
    switch (key) {
      case 101: // e
        this.#scanEventName();
        return;
      case 69: // E
        this.#integer();
        m.eventTimeUs = toMicroseconds(this.#number[0] as number);
        return;
      case 115: // s
        this.#scanSymbol();
        return;
      case 85: // U
        this.#integer();
        m.firstUpdateId = this.#number[0] as number;
        this.#seen |= Seen.firstId;
        return;
      case 117: // u
        this.#integer();
        m.lastUpdateId = this.#number[0] as number;
        this.#seen |= Seen.lastId;
        return;
      case 98: // b: levels, best bid, or an order id
        this.#scanBidOrAsk(true);
        return;
      case 97: // a: levels, best ask, aggregate id or an order id
        this.#scanBidOrAsk(false);
        return;
      case 66: // B
        this.#scanBestSize(true);
        return;
      case 65: // A
        this.#scanBestSize(false);
        return;
      case 112: // p
        m.priceTicks = this.#quotedSteps(true);
        this.#seen |= Seen.price;
        return;
      case 113: // q
        m.sizeLots = this.#quotedSteps(false);
        this.#seen |= Seen.size;
        return;
      case 84: // T
        this.#integer();
        m.tradeTimeUs = toMicroseconds(this.#number[0] as number);
        return;
      case 116: // t
        this.#integer();
        m.tradeId = this.#number[0] as number;
        this.#seen |= Seen.tradeId;
        return;
      case 109: // m
        this.#scanMaker();
        return;
      case 88: // X: type of a futures trade; MARKET alone met the book
        this.#offBook = !isText(this.#bytes, this.#at, this.#at + MARKET.length, MARKET);
        this.#skipValue();
        return;
      default:
        this.#skipValue();
    }
  }

  /** Of futures: `pu`; the pair `ps` and the like do not count. */
  #scanPairField(key: number): void {
    if (isText(this.#bytes, key, key + 2, PREVIOUS_ID)) {
      this.#integer();
      this.#message.previousUpdateId = this.#number[0] as number;
    } else this.#skipValue();
  }

  #scanEventName(): void {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== QUOTE) {
      this.#odd = true;
      return;
    }
    const from = this.#at + 1;
    const end = this.#stringEnd(from);
    if (end < 0) return;
    this.#at = end + 1;
    if (isText(bytes, from, end, DEPTH_UPDATE)) this.#event = EventName.depth;
    else if (isText(bytes, from, end, TRADE)) this.#event = EventName.trade;
    else if (isText(bytes, from, end, AGG_TRADE)) this.#event = EventName.aggTrade;
    else if (isText(bytes, from, end, BOOK_TICKER)) this.#event = EventName.bookTicker;
    else this.#odd = true;
  }

  #scanSymbol(): void {
    if (this.#bytes[this.#at] !== QUOTE) {
      this.#odd = true;
      return;
    }
    const from = this.#at + 1;
    const end = this.#stringEnd(from);
    if (end < 0) return;
    this.#at = end + 1;
    this.#message.instrument = this.#table.find(this.#bytes, from, end);
    // An unknown symbol is not ours to guess about: the slow path words the reason.
    if (this.#message.instrument < 0) this.#odd = true;
    this.#seen |= Seen.symbol;
  }

  #scanMaker(): void {
    const first = this.#bytes[this.#at];
    this.#message.buyerIsMaker = first === 116;
    if (first !== 116 && first !== 102) this.#odd = true;
    this.#seen |= Seen.maker;
    this.#skipValue();
  }

  #scanBestSize(bid: boolean): void {
    if (this.#bytes[this.#at] !== QUOTE) {
      this.#skipValue();
      return;
    }
    const lots = this.#quotedSteps(false);
    if (bid) this.#message.bidLots = lots;
    else this.#message.askLots = lots;
    this.#seen |= bid ? Seen.bidSize : Seen.askSize;
  }

  #scanBidOrAsk(bids: boolean): void {
    const m = this.#message;
    const first = this.#bytes[this.#at];
    if (first === OPEN_ARRAY) {
      this.#scanLevels(bids);
      this.#seen |= bids ? Seen.bids : Seen.asks;
    } else if (first === QUOTE) {
      const ticks = this.#quotedSteps(true);
      if (bids) m.bidTicks = ticks;
      else m.askTicks = ticks;
      this.#seen |= bids ? Seen.bidPrice : Seen.askPrice;
    } else {
      this.#integer();
      if (bids) return;
      this.#aggId = this.#number[0] as number;
      this.#seen |= Seen.aggId;
    }
  }

  /** `[["price","size"], ...]` into the message's pairs. */
  #scanLevels(bids: boolean): void {
    const m = this.#message;
    const bytes = this.#bytes;
    let levels = bids ? m.bids : m.asks;
    let count = 0;
    this.#at++;
    this.#space();
    if (bytes[this.#at] === CLOSE_ARRAY) {
      this.#at++;
    } else {
      for (;;) {
        if (count * 2 === levels.length) {
          if (!m.growLevels(bids)) {
            m.wasDepth = true;
            m.fail(`Expected at most ${count} levels a side, was more`);
            return;
          }
          levels = bids ? m.bids : m.asks;
        }
        if (bytes[this.#at] !== OPEN_ARRAY) {
          this.#odd = true;
          return;
        }
        this.#at++;
        this.#space();
        levels[count * 2] = this.#quotedSteps(true);
        this.#space();
        if (bytes[this.#at] !== COMMA) this.#odd = true;
        this.#at++;
        this.#space();
        levels[count * 2 + 1] = this.#quotedSteps(false);
        this.#space();
        if (bytes[this.#at] !== CLOSE_ARRAY) this.#odd = true;
        if (this.#settled()) return;
        this.#at++;
        count++;
        this.#space();
        const next = bytes[this.#at];
        this.#at++;
        if (next === CLOSE_ARRAY) break;
        if (next !== COMMA) {
          this.#odd = true;
          return;
        }
        this.#space();
      }
    }
    if (bids) m.bidCount = count;
    else m.askCount = count;
  }

  /**
   * A quoted decimal as ticks or lots of the message's instrument. A price between two ticks makes the message odd (and
   * then bad): rounding would put an order at a price nobody named. A size between two lots does occur in real books
   * (remainders from before a lot size changed), so it is rounded, never to nothing, and counted.
   */
  #quotedSteps(price: boolean): number {
    const bytes = this.#bytes;
    const instrument = this.#message.instrument;
    let at = this.#at;
    if (bytes[at] !== QUOTE || instrument < 0) {
      this.#odd = true;
      return 0;
    }
    at++;
    const table = this.#table;
    const decimals = (price ? table.priceDecimals[instrument] : table.sizeDecimals[instrument]) as number;
    const units = (price ? table.priceUnits[instrument] : table.sizeUnits[instrument]) as number;
    const start = at;
    let value = 0;
    let inexact = false;
    let digit = (bytes[at] as number) - ZERO;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      at++;
      digit = (bytes[at] as number) - ZERO;
    }
    let broken = at === start;
    if (bytes[at] === DOT) {
      at++;
      const fraction = at;
      const kept = at + decimals;
      digit = (bytes[at] as number) - ZERO;
      while (at < kept && digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        at++;
        digit = (bytes[at] as number) - ZERO;
      }
      if (at < kept) value *= POWERS[kept - at] as number;
      while (digit >= 0 && digit <= 9) {
        if (digit !== 0) inexact = true;
        at++;
        digit = (bytes[at] as number) - ZERO;
      }
      if (at === fraction) broken = true;
    } else {
      value *= POWERS[decimals] as number;
    }
    if (bytes[at] !== QUOTE || broken || value > Number.MAX_SAFE_INTEGER) this.#odd = true;
    this.#at = at + 1;
    const steps = units === 1 ? value : value / units;
    if (!inexact && (units === 1 || Number.isInteger(steps))) return steps;
    // The slow path rejects the price or rounds the size exactly; both are rare.
    this.#odd = true;
    return 0;
  }

  /** A plain non-negative integer, left in `#number`. */
  #integer(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let digit = (bytes[at] as number) - ZERO;
    let value = 0;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      at++;
      digit = (bytes[at] as number) - ZERO;
    }
    const length = at - this.#at;
    const next = bytes[at] as number;
    // No digits, a leading zero, beyond 2^53, or a fraction or exponent behind: not one of the venue's integers.
    if (
      length === 0 ||
      (length > 1 && bytes[this.#at] === ZERO) ||
      value > Number.MAX_SAFE_INTEGER ||
      next === DOT ||
      next === 101 ||
      next === 69
    ) {
      this.#odd = true;
    }
    this.#at = at;
    this.#number[0] = value;
  }

  /** Position of the closing quote of a string that starts at `from`; -1 (and odd) when it is escaped or unfinished. */
  #stringEnd(from: number): number {
    const bytes = this.#bytes;
    const length = bytes.length;
    for (let at = from; at < length; at++) {
      const c = bytes[at] as number;
      if (c === QUOTE) return at;
      if (c === BACKSLASH || c < 32) break;
    }
    this.#odd = true;
    return -1;
  }

  #space(): void {
    const bytes = this.#bytes;
    let c = bytes[this.#at];
    while (c === 32 || c === 10 || c === 13 || c === 9) c = bytes[++this.#at];
  }

  /** Steps over any value. Literals and numbers are taken as they come up to the next delimiter. */
  #skipValue(): void {
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    if (first === QUOTE) {
      const end = this.#stringEnd(this.#at + 1);
      if (end >= 0) this.#at = end + 1;
      return;
    }
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      // Nothing the engine reads nests values it does not know: let JSON.parse judge the rest.
      this.#odd = true;
      return;
    }
    this.#skipLiteral();
  }

  #skipLiteral(): void {
    const bytes = this.#bytes;
    const from = this.#at;
    if (isText(bytes, from, from + 4, TRUE) || isText(bytes, from, from + 4, NULL)) {
      this.#at = from + 4;
    } else if (isText(bytes, from, from + 5, FALSE)) {
      this.#at = from + 5;
    } else {
      this.#integer();
    }
  }

  #scanSnapshotObject(): void {
    const m = this.#message;
    const bytes = this.#bytes;
    this.#space();
    if (bytes[this.#at] !== OPEN_OBJECT) {
      this.#odd = true;
      return;
    }
    this.#at++;
    for (;;) {
      this.#space();
      const key = this.#at + 1;
      const end = bytes[this.#at] === QUOTE ? this.#stringEnd(key) : -1;
      if (end < 0) {
        this.#odd = true;
        return;
      }
      this.#at = end + 1;
      this.#space();
      if (bytes[this.#at] !== COLON) this.#odd = true;
      this.#at++;
      this.#space();
      if (isText(bytes, key, end, LAST_UPDATE_ID)) {
        this.#integer();
        m.lastUpdateId = this.#number[0] as number;
        this.#seen |= Seen.lastId;
      } else if (bytes[this.#at] === OPEN_ARRAY && isText(bytes, key, end, BIDS)) {
        this.#scanLevels(true);
        this.#seen |= Seen.bids;
      } else if (bytes[this.#at] === OPEN_ARRAY && isText(bytes, key, end, ASKS)) {
        this.#scanLevels(false);
        this.#seen |= Seen.asks;
      } else {
        this.#skipValue();
      }
      if (this.#settled()) return;
      this.#space();
      const next = bytes[this.#at];
      this.#at++;
      if (next === CLOSE_OBJECT) break;
      if (next !== COMMA) {
        this.#odd = true;
        return;
      }
    }
    this.#space();
    if (this.#at !== bytes.length) this.#odd = true;
  }

  /** All fields are read: decide what the message is, and leave what is incomplete to the slow path's wording. */
  #conclude(): void {
    const m = this.#message;
    const seen = this.#seen;
    let complete = false;
    switch (this.#event) {
      case EventName.depth:
        m.kind = MessageKind.depth;
        complete = (seen & DEPTH_FIELDS) === DEPTH_FIELDS && m.lastUpdateId >= m.firstUpdateId;
        break;
      case EventName.trade:
        m.kind = MessageKind.trade;
        complete = (seen & (TRADE_FIELDS | Seen.tradeId)) === (TRADE_FIELDS | Seen.tradeId);
        if (complete && this.#offBook) m.kind = MessageKind.ignored;
        break;
      case EventName.aggTrade:
        m.kind = MessageKind.trade;
        m.tradeId = this.#aggId;
        complete = (seen & (TRADE_FIELDS | Seen.aggId)) === (TRADE_FIELDS | Seen.aggId);
        break;
      default:
        m.kind = MessageKind.bookTicker;
        complete = (seen & TICKER_FIELDS) === TICKER_FIELDS;
    }
    if (complete) return;
    this.#fallbacks++;
    decodeWithJson(this.#bytes, this.#table, m, -1);
  }
}
