import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import { skipScalar } from '../scan-values.ts';
import { readLevels } from './level-scanner.ts';
import { type MarketMessage, MessageKind } from './market-message.ts';
import type { PayloadBytes } from './payload-bytes.ts';

/** What stands at a place that is not the same in every message of a stream. */
export const PartType = {
  integer: 0,
  price: 1,
  size: 2,
  bids: 3,
  asks: 4,
  /** The buyer was the maker: true or false. */
  maker: 5,
  /** A number that nobody reads. */
  unread: 6,
} as const;
export type PartType = (typeof PartType)[keyof typeof PartType];

const MAX_PARTS = 24;
/** Bytes between two such places, at most. */
const MAX_LITERAL = 512;
const TRUE = wordOf('true');
const FALSE = wordOf('fals');
const LOWER_E = 101;

/** Where the changing parts of a message are; noted by the scanner that read it. */
export class ShapeDraft {
  count = 0;
  readonly types = new Uint8Array(MAX_PARTS);
  /** Of a number: where in the message's values it goes. */
  readonly indices = new Uint8Array(MAX_PARTS);
  readonly starts = new Int32Array(MAX_PARTS);
  readonly ends = new Int32Array(MAX_PARTS);

  clear(): void {
    this.count = 0;
  }

  /** The part `[from, to)`, in the order of the message. More than there is room for are no shape. */
  add(type: PartType, from: number, to: number, index = 0): void {
    const at = this.count++;
    if (at >= MAX_PARTS) return;
    this.types[at] = type;
    this.indices[at] = index;
    this.starts[at] = from;
    this.ends[at] = to;
  }
}

/**
 * What the messages of one stream have in common: a venue writes them with the same names in the same order, so all but
 * the numbers is compared with the message before, four bytes at once, in place of being understood anew. What differs in
 * one byte is not this shape's, and read by the scanners.
 */
export class MessageShape {
  #parts = 0;
  #instrument = -1;
  #kind: MessageKind = MessageKind.ignored;
  readonly #types = new Uint8Array(MAX_PARTS);
  readonly #indices = new Uint8Array(MAX_PARTS);
  /** Literals, one before each part and one behind the last, in words; the last word of each may be a part of one. */
  #words = new Int32Array(64);
  /** Position in the words behind the whole ones of each literal. */
  readonly #wholeEnds = new Int32Array(MAX_PARTS + 1);
  /** Mask of the word behind them, 0 for none, and the bytes it holds. */
  readonly #restMasks = new Int32Array(MAX_PARTS + 1);
  readonly #restBytes = new Uint8Array(MAX_PARTS + 1);

  /** Takes the shape of a message that the scanners read; false, and no shape, where it is not a usual one. */
  learn(payload: PayloadBytes, draft: ShapeDraft, m: MarketMessage): boolean {
    this.#parts = 0;
    this.#instrument = -1;
    const { count } = draft;
    if (count === 0 || count > MAX_PARTS || m.instrument < 0) return false;
    let words = 0;
    let from = 0;
    for (let i = 0; i <= count; i++) {
      const to = i === count ? payload.length : (draft.starts[i] as number);
      const length = to - from;
      if (length < 0 || length > MAX_LITERAL) return false;
      words = this.#addLiteral(payload, from, length, words, i);
      if (i === count) break;
      this.#types[i] = draft.types[i] as number;
      this.#indices[i] = draft.indices[i] as number;
      from = draft.ends[i] as number;
    }
    this.#parts = count;
    this.#instrument = m.instrument;
    this.#kind = m.kind;
    return true;
  }

  /** Reads a message of this shape as the scanners would; false where it is of another, with anything in the message. */
  read(payload: PayloadBytes, table: InstrumentTable, m: MarketMessage): boolean {
    const instrument = this.#instrument;
    if (instrument < 0) return false;
    m.instrument = instrument;
    const { view, length } = payload;
    const parts = this.#parts;
    const words = this.#words;
    let at = 0;
    let word = 0;
    for (let i = 0; ; i++) {
      for (const end = this.#wholeEnds[i] as number; word < end; word++, at += 4) {
        if (view.getInt32(at, true) !== words[word]) return false;
      }
      const mask = this.#restMasks[i] as number;
      if (mask !== 0) {
        if ((view.getInt32(at, true) & mask) !== words[word++]) return false;
        at += this.#restBytes[i] as number;
      }
      if (i === parts) break;
      at = this.#readPart(payload, at, i, table, m);
      // Behind the end are bytes of messages before.
      if (at < 0 || at > length) return false;
    }
    if (at !== length) return false;
    m.kind = this.#kind;
    return true;
  }

  #readPart(payload: PayloadBytes, at: number, part: number, table: InstrumentTable, m: MarketMessage): number {
    const index = this.#indices[part] as number;
    switch (this.#types[part]) {
      case PartType.integer:
        return payload.readInteger(at, m.values, index);
      case PartType.price:
        return payload.readSteps(at, table.priceScales[this.#instrument] as StepScale, m.values, index);
      case PartType.size:
        return payload.readSteps(at, table.sizeScales[this.#instrument] as StepScale, m.values, index);
      case PartType.bids:
        return readLevels(payload, at, table, m, true);
      case PartType.asks:
        return readLevels(payload, at, table, m, false);
      case PartType.maker: {
        const text = payload.view.getInt32(at, true);
        m.buyerIsMaker = text === TRUE;
        if (text === TRUE) return at + 4;
        return text === FALSE && payload.bytes[at + 4] === LOWER_E ? at + 5 : -1;
      }
      default:
        return skipScalar(payload.bytes, at);
    }
  }

  /** Appends a literal; the number of words then. */
  #addLiteral(payload: PayloadBytes, from: number, length: number, words: number, literal: number): number {
    const whole = length >> 2;
    const rest = length & 3;
    if (words + whole + 1 > this.#words.length) {
      const grown = new Int32Array(2 * (words + whole + 1));
      grown.set(this.#words);
      this.#words = grown;
    }
    const mask = rest === 0 ? 0 : (1 << (8 * rest)) - 1;
    let end = words;
    for (let i = 0; i < whole; i++) this.#words[end++] = payload.view.getInt32(from + 4 * i, true);
    this.#wholeEnds[literal] = end;
    this.#restMasks[literal] = mask;
    this.#restBytes[literal] = rest;
    if (mask !== 0) this.#words[end++] = payload.view.getInt32(from + 4 * whole, true) & mask;
    return end;
  }
}

function wordOf(text: string): number {
  return new DataView(new TextEncoder().encode(text).buffer).getInt32(0, true);
}
