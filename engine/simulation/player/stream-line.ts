import { LOCAL_TIME_DIGITS } from './local-time.ts';

/** What a recorded line holds. */
export const StreamLineKind = { other: 0, depth: 1, trade: 2, aggTrade: 3, ticker: 4, snapshot: 5 } as const;
export type StreamLineKind = (typeof StreamLineKind)[keyof typeof StreamLineKind];

const QUOTE = 34;
const COMMA = 44;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const MAX_NESTING = 64;

/** Offset of the JSON in a line `<19 digits> <json>`. */
export const JSON_OFFSET = LOCAL_TIME_DIGITS + 1;

/**
 * Looks through recorded lines `<local ns> <json>` byte by byte, without parsing JSON: checks that each is whole, tells
 * its kind and symbol, and keeps the finest decimals of prices and sizes seen.
 */
export class StreamLineReader {
  kind: StreamLineKind = StreamLineKind.other;
  /** Bytes of the symbol in the last line read; equal when it has none. */
  symbolFrom = 0;
  symbolTo = 0;
  /** The line has the previous-update field of the futures streams. */
  isFutures = false;
  priceDecimals = 0;
  sizeDecimals = 0;
  /** Why the last line was refused. */
  error = '';

  /** Looks at `bytes[from..to)`; false (see `error`) when the line is not whole. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.kind = StreamLineKind.other;
    this.symbolFrom = this.symbolTo = 0;
    this.isFutures = false;
    const start = from + JSON_OFFSET;
    for (let at = from; at < from + LOCAL_TIME_DIGITS; at++) {
      const c = bytes[at] as number;
      if (at >= to || c < ZERO || c > NINE) return this.#refuse('expected 19 digits of local time in ns');
    }
    if (start >= to || bytes[start - 1] !== 32 || bytes[start] !== OPEN_OBJECT) {
      return this.#refuse('expected a space and a JSON object after the local time');
    }
    return this.#readJson(bytes, start, to);
  }

  #readJson(bytes: Uint8Array, start: number, to: number): boolean {
    let objects = 0;
    let arrays = 0;
    let element = 0;
    // First byte and length of the key whose value comes next.
    let key = 0;
    let keyLength = 0;
    let at = start;
    for (; at < to; at++) {
      const c = bytes[at] as number;
      if (c === QUOTE) {
        const first = at + 1;
        let end = first;
        while (end < to && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1;
        if (end >= to) return this.#refuse('the line is cut short within a text');
        at = end;
        if (arrays >= 2) {
          this.#countDecimals(bytes, first, end, element === 0);
        } else if (bytes[end + 1] === 58) {
          key = bytes[first] as number;
          keyLength = end - first;
          if (keyLength > 1) this.#noteLongKey(key, keyLength, bytes[first + 1] as number);
        } else if (keyLength === 1) {
          this.#noteValue(bytes, first, end, key);
        }
      } else if (c === COMMA) {
        element++;
      } else if (c === OPEN_ARRAY) {
        element = 0;
        if (++arrays > MAX_NESTING) return this.#refuse('nested too deep');
      } else if (c === CLOSE_ARRAY) {
        if (--arrays < 0) return this.#refuse('unbalanced brackets');
      } else if (c === OPEN_OBJECT) {
        if (++objects > MAX_NESTING) return this.#refuse('nested too deep');
      } else if (c === CLOSE_OBJECT) {
        if (--objects === 0) break;
      }
    }
    if (objects !== 0 || arrays !== 0 || at >= to) return this.#refuse('the line is cut short');
    for (at++; at < to; at++) if ((bytes[at] as number) > 32) return this.#refuse('expected nothing behind the object');
    return true;
  }

  #noteLongKey(first: number, length: number, second: number): void {
    // lastUpdateId; pu.
    if (length === 12 && first === 108 && second === 97) this.kind = StreamLineKind.snapshot;
    else if (length === 2 && first === 112 && second === 117) this.isFutures = true;
  }

  #noteValue(bytes: Uint8Array, from: number, to: number, key: number): void {
    if (key === 115) {
      this.symbolFrom = from;
      this.symbolTo = to;
    } else if (key === 101) {
      this.kind = eventKind(bytes, from, to - from);
    } else if (key === 112 || key === 98 || key === 97) {
      this.#countDecimals(bytes, from, to, true);
      // A ticker is the one message that does not say what it is.
      if (key !== 112 && this.kind === StreamLineKind.other) this.kind = StreamLineKind.ticker;
    } else if (key === 113 || key === 66 || key === 65) {
      this.#countDecimals(bytes, from, to, false);
    }
  }

  #countDecimals(bytes: Uint8Array, from: number, to: number, price: boolean): void {
    let last = to - 1;
    while (last > from && bytes[last] === ZERO) last--;
    let dot = last;
    while (dot >= from && bytes[dot] !== DOT) dot--;
    if (dot < from) return;
    const decimals = last - dot;
    if (price) {
      if (decimals > this.priceDecimals) this.priceDecimals = decimals;
    } else if (decimals > this.sizeDecimals) this.sizeDecimals = decimals;
  }

  #refuse(reason: string): boolean {
    this.error = reason;
    return false;
  }
}

function eventKind(bytes: Uint8Array, from: number, length: number): StreamLineKind {
  const first = bytes[from];
  if (length === 11 && first === 100) return StreamLineKind.depth;
  if (length === 5 && first === 116) return StreamLineKind.trade;
  if (length === 8 && first === 97) return StreamLineKind.aggTrade;
  return length === 10 && first === 98 ? StreamLineKind.ticker : StreamLineKind.other;
}
