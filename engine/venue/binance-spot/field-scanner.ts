import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_OBJECT, COMMA, endOfText, OPEN_OBJECT, QUOTE } from '../scan-values.ts';
import { scanDepth, scanSnapshot } from './depth-scanner.ts';
import { decodeWithJson } from './json-decoder.ts';
import { type MarketMessage, MessageKind, toMicroseconds, Value } from './market-message.ts';
import { ShapeDraft } from './message-shape.ts';
import { PayloadBytes } from './payload-bytes.ts';
import { MIN_SHAPED_BYTES, ShapeTable } from './shape-table.ts';
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
 * name first, other members in any order, and remember each stream's shape, so that its next message is compared rather
 * than understood. Whatever else comes (white space, escapes, an unknown shape or symbol, a number
 * that is not exact) is decoded again with JSON.parse, which then decides. Never throws.
 */
export class FieldScanner {
  readonly #table: InstrumentTable;
  readonly #message: MarketMessage;
  readonly #payload = new PayloadBytes();
  readonly #shapes = new ShapeTable();
  readonly #draft = new ShapeDraft();
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
    m.reset();
    const last = bytes.length - 1;
    // Every object ends with a brace: with one at the very end no scanner can run past it.
    if (last > 0 && bytes[last] === CLOSE_OBJECT && bytes[0] === OPEN_OBJECT) {
      this.#payload.load(bytes);
      if (last < MIN_SHAPED_BYTES ? this.#scanWhole() : this.#scanShaped()) return;
    }
    this.#fallbacks++;
    decodeWithJson(bytes, this.#table, m, -1);
  }

  /** Decodes the body of a REST depth snapshot of a known instrument. */
  scanSnapshot(bytes: Uint8Array, instrument: number): void {
    const m = this.#message;
    m.reset();
    m.instrument = instrument;
    if (bytes[0] === OPEN_OBJECT && bytes[bytes.length - 1] === CLOSE_OBJECT) {
      this.#payload.load(bytes);
      if (scanSnapshot(this.#payload, 1, this.#table, m) === bytes.length) return;
    }
    this.#fallbacks++;
    decodeWithJson(bytes, this.#table, m, instrument);
  }

  /** The payload by the shape that its stream had before; anew where it has another. */
  #scanShaped(): boolean {
    const m = this.#message;
    const payload = this.#payload;
    const slot = this.#shapes.slotOf(payload);
    const shape = this.#shapes.at(slot);
    if (shape !== undefined) {
      if (shape.read(payload, this.#table, m) && this.#settle()) return true;
      m.reset();
    }
    if (!this.#scanWhole()) return false;
    if (isText(payload.bytes, 0, STREAM.length, STREAM)) this.#shapes.take(slot).learn(payload, this.#draft, m);
    return true;
  }

  /** The payload, member by member; false for the slow path. */
  #scanWhole(): boolean {
    const payload = this.#payload;
    const { bytes, length } = payload;
    this.#draft.clear();
    const last = length - 1;
    if (!isText(bytes, 0, Math.min(STREAM.length, last), STREAM)) {
      return this.#scanEvent(payload, 1) === length && this.#settle();
    }
    const end = endOfText(bytes, STREAM.length);
    const object = end + DATA.length;
    if (end < 0 || !isText(bytes, end, object, DATA) || bytes[object] !== OPEN_OBJECT) return false;
    return this.#scanEvent(payload, object + 1) === last && this.#settle();
  }

  /** An event whose first member is at `from`; the position behind it, or -1. */
  #scanEvent(payload: PayloadBytes, from: number): number {
    const m = this.#message;
    const table = this.#table;
    const draft = this.#draft;
    const { bytes } = payload;
    const name = from + EVENT.length;
    // Only tickers do not begin with the name: spot's has none, that of COIN-M comes second.
    if (!isText(bytes, from, name, EVENT)) return scanTicker(payload, from, table, m, draft);
    const end = endOfText(bytes, name);
    if (end < 0 || bytes[end + 1] !== COMMA || bytes[end + 2] !== QUOTE) return -1;
    const members = end + 2;
    if (isText(bytes, name, end, DEPTH_UPDATE)) return scanDepth(payload, members, table, m, draft);
    if (isText(bytes, name, end, TRADE)) return scanTrade(payload, members, table, m, false, draft);
    if (isText(bytes, name, end, AGG_TRADE)) return scanTrade(payload, members, table, m, true, draft);
    return isText(bytes, name, end, BOOK_TICKER) ? scanTicker(payload, members, table, m, draft) : -1;
  }

  /** The numbers as read, made what the message says; false where they contradict each other. */
  #settle(): boolean {
    const { kind, values } = this.#message;
    if (
      kind === MessageKind.depth &&
      (values[Value.lastUpdateId] as number) < (values[Value.firstUpdateId] as number)
    ) {
      return false;
    }
    values[Value.eventTimeUs] = toMicroseconds(values[Value.eventTimeUs] as number);
    values[Value.tradeTimeUs] = toMicroseconds(values[Value.tradeTimeUs] as number);
    return true;
  }
}
