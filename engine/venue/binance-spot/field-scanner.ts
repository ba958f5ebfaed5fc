import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_OBJECT, COMMA, endOfText, OPEN_OBJECT, QUOTE } from '../scan-values.ts';
import { scanDepth, scanSnapshot } from './depth-scanner.ts';
import { decodeWithJson } from './json-decoder.ts';
import { LevelScanner } from './level-scanner.ts';
import type { MarketMessage } from './market-message.ts';
import { scanTicker } from './ticker-scanner.ts';
import { scanTrade } from './trade-scanner.ts';

/** Start of the payloads of a combined stream, and what stands between its name and the event. */
const STREAM = asciiBytes('{"stream":"');
const DATA = asciiBytes('","data":');
const EVENT = asciiBytes('"e":"');
const DEPTH_UPDATE = asciiBytes('depthUpdate');
const TRADE = asciiBytes('trade');
const AGG_TRADE = asciiBytes('aggTrade');
const BOOK_TICKER = asciiBytes('bookTicker');

/**
 * Decodes Binance's market messages straight from their bytes, by one scanner a kind: no string, object or float on the
 * way from decimal digits to integer ticks and lots. The scanners take the compact JSON that the venue sends, the event's
 * name first, other members in any order. Whatever else comes (white space, escapes, an unknown shape or symbol, a number
 * that is not exact) is decoded again with JSON.parse, which then decides. Never throws.
 */
export class FieldScanner {
  readonly #table: InstrumentTable;
  readonly #message: MarketMessage;
  readonly #levels = new LevelScanner();
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
    this.#message.reset();
    const last = bytes.length - 1;
    // Every object ends with a brace: with one at the very end no scanner can run past it.
    if (last > 0 && bytes[last] === CLOSE_OBJECT && bytes[0] === OPEN_OBJECT) {
      if (isText(bytes, 0, Math.min(STREAM.length, last), STREAM)) {
        const end = endOfText(bytes, STREAM.length);
        const object = end + DATA.length;
        if (end > 0 && isText(bytes, end, object, DATA) && bytes[object] === OPEN_OBJECT) {
          if (this.#scanEvent(bytes, object + 1) === last) return;
        }
      } else if (this.#scanEvent(bytes, 1) === bytes.length) return;
    }
    this.#fallbacks++;
    decodeWithJson(bytes, this.#table, this.#message, -1);
  }

  /** Decodes the body of a REST depth snapshot of a known instrument. */
  scanSnapshot(bytes: Uint8Array, instrument: number): void {
    const m = this.#message;
    m.reset();
    m.instrument = instrument;
    if (bytes[0] === OPEN_OBJECT && bytes[bytes.length - 1] === CLOSE_OBJECT) {
      if (scanSnapshot(bytes, 1, this.#table, m, this.#levels) === bytes.length) return;
    }
    this.#fallbacks++;
    decodeWithJson(bytes, this.#table, m, instrument);
  }

  /** An event whose first member is at `from`; the position behind it, or -1. */
  #scanEvent(bytes: Uint8Array, from: number): number {
    const m = this.#message;
    const table = this.#table;
    const name = from + EVENT.length;
    // Only tickers do not begin with the name: spot's has none, that of COIN-M comes second.
    if (!isText(bytes, from, name, EVENT)) return scanTicker(bytes, from, table, m);
    const end = endOfText(bytes, name);
    if (end < 0 || bytes[end + 1] !== COMMA || bytes[end + 2] !== QUOTE) return -1;
    const members = end + 2;
    if (isText(bytes, name, end, DEPTH_UPDATE)) return scanDepth(bytes, members, table, m, this.#levels);
    if (isText(bytes, name, end, TRADE)) return scanTrade(bytes, members, table, m, false);
    if (isText(bytes, name, end, AGG_TRADE)) return scanTrade(bytes, members, table, m, true);
    return isText(bytes, name, end, BOOK_TICKER) ? scanTicker(bytes, members, table, m) : -1;
  }
}
