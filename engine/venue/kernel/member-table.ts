import { asciiBytes } from '../byte-text.ts';
import { tableRoom } from './scan-kernel.ts';

/** What the value of a member is, and what the kernel puts at `at` and behind. Numbered as in `assembly/members.ts`. */
export const Part = {
  /** Any text, number or literal; nothing. */
  unread: 0,
  /** Not allowed to be there. */
  refused: 1,
  /** A whole number up to 2^53 - 1. */
  integer: 2,
  quotedInteger: 3,
  /** A whole number that may be negative. */
  signedInteger: 4,
  /** A decimal in quotes: ticks, lots. */
  priceText: 5,
  sizeText: 6,
  /** A decimal without quotes, which may have an exponent: ticks, lots. */
  priceNumber: 7,
  sizeNumber: 8,
  /** A decimal without quotes: wholes, units of 1e-8. */
  sum: 9,
  /** `[["price","size"], ...]`: first level, the one behind the last. `of` is one of {@link LevelRows}. */
  levels: 10,
  /** `[{ask price, bid price, ask size, bid size}, ...]`: count of asks, of bids, sums of both. `of` are the four texts. */
  units: 11,
  /** A word of `of`: its number; -1 for another where that is allowed. */
  word: 12,
  /** A word of `of`, which says by which table this object goes on, and comes first then; no table is the one that it is in. */
  event: 13,
  /** A word of `of`, which says by which table the content is read. */
  choice: 14,
  /** The symbol, in quotes, once. It must come before prices and sizes. */
  symbol: 15,
  /** The same symbol again. */
  sameSymbol: 16,
  /** A text: two hashes of it. */
  hashedText: 17,
  /** A whole number of up to 23 digits: what is above the last eight, those. */
  longInteger: 18,
  /** An object, by table `of` or the one that was chosen: -1. A list of them, into rows: how many. */
  content: 19,
  /** `word.number.SYMBOL` or `word.SYMBOL`, words with their dots: the number. Chooses as a choice. */
  topic: 20,
} as const;
export type Part = (typeof Part)[keyof typeof Part];

/** What the rows of a list of levels have behind price and size. */
export const LevelRows = {
  ofTwo: 0,
  /** More whole numbers, in quotes. */
  withCounts: 1,
  /** A time in seconds, and perhaps `"r"`: sent again. */
  withTime: 2,
} as const;

/** One member of an object. */
export interface Member {
  /** All names that it goes by. */
  names: readonly string[];
  part: Part;
  /** Where among the values (of the message, of the row) the part's numbers begin. */
  at?: number;
  of?: number;
  /** Without it the object is another's to judge. Default: all that are read. */
  optional?: boolean;
}

/** A word that a member may have, as it is written, quotes included. */
export interface Word {
  text: string;
  /** Its number; of a topic's word 1 where a number follows. */
  at: number;
  /** The table that it chooses. */
  of?: number;
}

const TEXT_BYTES = 24;
const HEADER_BYTES = 16;
const ENTRY_BYTES = 2 * TEXT_BYTES + 24;
const bytes = new Uint8Array(tableRoom.buffer);
const view = new DataView(tableRoom.buffer);
let next = tableRoom.from;

interface Entry {
  text: string;
  part: number;
  at: number;
  of: number;
  bit: number;
}

/**
 * A table of an object's members for the kernel, made once when a venue's module is loaded; its address. Members it does
 * not have are stepped over. Each that is read has a bit, by its place in the list.
 * @param seenAt where among the values the bits of those that were there go.
 * @throws RangeError when a name is too long, or there are too many.
 */
export function defineMembers(members: readonly Member[], seenAt = -1): number {
  const entries: Entry[] = [];
  let required = 0;
  members.forEach(({ names, part, at = 0, of = 0, optional = false }, index) => {
    const bit = part === Part.unread ? 0 : bitOf(index);
    if (!optional && part !== Part.refused) required |= bit;
    for (const name of names) entries.push({ text: `${name}":`, part, at, of, bit });
  });
  return write(entries, required, seenAt);
}

/** The bit of the member at that place of its table. */
export function bitOf(index: number): number {
  if (index > 30) throw new RangeError(`Expected at most 31 members in a table, was member ${index + 1}`);
  return 1 << index;
}

/** Words for a member to have one of; others are refused, or -1. */
export function defineWords(words: readonly Word[], areOthersAllowed = false): number {
  const entries = words.map(({ text, at, of = 0 }) => ({ text, part: 0, at, of, bit: 0 }));
  return write(entries, areOthersAllowed ? 0 : 1, -1);
}

/** The four texts before the numbers of a {@link Part.units}. */
export function defineTexts(texts: readonly [string, string, string, string]): number {
  return defineWords(texts.map((text) => ({ text, at: 0 })));
}

function write(entries: readonly Entry[], required: number, seenAt: number): number {
  const table = next;
  next += HEADER_BYTES + entries.length * ENTRY_BYTES;
  if (next > tableRoom.to) throw new RangeError(`Expected room for a table of ${entries.length}, was full`);
  view.setInt32(table, entries.length, true);
  view.setInt32(table + 4, table + HEADER_BYTES, true);
  view.setInt32(table + 8, required, true);
  view.setInt32(table + 12, seenAt, true);
  entries.forEach(({ text, part, at, of, bit }, index) => {
    const entry = table + HEADER_BYTES + index * ENTRY_BYTES;
    const { length } = text;
    if (length > TEXT_BYTES) throw new RangeError(`Expected a text of at most ${TEXT_BYTES} bytes, was ${text}`);
    bytes.set(asciiBytes(text), entry);
    bytes.fill(0xff, entry + TEXT_BYTES, entry + TEXT_BYTES + length);
    const following = index + 1 === entries.length ? table + HEADER_BYTES : entry + ENTRY_BYTES;
    [length, part, at, of, bit, following].forEach((value, field) => {
      view.setInt32(entry + 2 * TEXT_BYTES + 4 * field, value, true);
    });
  });
  return table;
}
