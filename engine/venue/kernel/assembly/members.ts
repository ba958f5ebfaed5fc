import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, MINUS, OPEN_ARRAY, OPEN_OBJECT, POINT, QUOTE } from './characters';
import { readNumberSteps, readQuotedSteps, readSum, steps, sumUnits } from './decimals';
import { countDigits, firstDigits, number, readDigits, readInteger, ZEROS } from './digits';
import { clearLevels, levelCount, readLevels } from './levels';
import { MOST_ROWS, PRICE, ROW_VALUES, ROWS, SIZE } from './memory';
import { instrument, readSameSymbol, readSymbol, startSymbol } from './symbols';
import { ENTRY_BYTES, endOfText, isText, LENGTH, skipScalar, WORD_NUMBER } from './texts';
import { readUnits, storeSum } from './units';

/** A table: entries, the one expected first, bits of those required, where the bits of those seen go (-1 nowhere). */
const COUNT: usize = 0;
const FIRST: usize = 4;
const REQUIRED: usize = 8;
const SEEN_AT: usize = 12;
const ENTRIES: usize = 16;
/** What the text of a table stands for: the parts of members and the numbers of words alike. */
const PART: usize = LENGTH + 4;
const OUT: usize = WORD_NUMBER;
const ARGUMENT: usize = LENGTH + 12;
const BIT: usize = LENGTH + 16;
/** The entry that came behind this one last time. */
const NEXT: usize = LENGTH + 20;

/** What a member's value is, numbered as in the host's table of parts. */
export const UNREAD: i32 = 0;
export const REFUSED: i32 = 1;
export const INTEGER: i32 = 2;
export const QUOTED_INTEGER: i32 = 3;
export const SIGNED_INTEGER: i32 = 4;
export const PRICE_TEXT: i32 = 5;
export const SIZE_TEXT: i32 = 6;
export const PRICE_NUMBER: i32 = 7;
export const SIZE_NUMBER: i32 = 8;
export const SUM: i32 = 9;
export const LEVEL_LIST: i32 = 10;
export const UNIT_LIST: i32 = 11;
export const WORD: i32 = 12;
export const EVENT: i32 = 13;
export const CHOICE: i32 = 14;
export const SYMBOL: i32 = 15;
export const SAME_SYMBOL: i32 = 16;
export const HASHED_TEXT: i32 = 17;
export const LONG_INTEGER: i32 = 18;
export const CONTENT: i32 = 19;
export const TOPIC: i32 = 20;

/** The table that a {@link CHOICE} or an {@link EVENT} chose. */
let chosen: usize = 0;

/** Begins a message: see {@link startSymbol}. */
export function startMessage(list: i32, given: i32): void {
  clearLevels();
  startSymbol(list, given);
  chosen = 0;
}

/**
 * Reads the members of a compact JSON object by a table, from the one at `from` to its end; the position behind, or 0 where
 * something is not as the table has it. The order does not matter, but is expected to be that of last time.
 * @param base where the numbers go.
 */
export function readMembers(from: usize, start: usize, base: usize): usize {
  let table = start;
  let at = from;
  let seen: i32 = 0;
  let place = table + FIRST;
  for (;;) {
    if (<u32>load<u8>(at) !== QUOTE) return 0;
    let entry = <usize>load<u32>(place);
    if (!isText(++at, entry, load<i32>(entry, LENGTH))) {
      entry = entryAt(table, at);
      if (entry !== 0) store<u32>(place, <u32>entry);
    }
    if (entry === 0) {
      at = endOfText(at);
      if (at === 0 || <u32>load<u8>(at, 1) !== COLON) return 0;
      at = skipScalar(at + 2);
      if (at === 0) return 0;
    } else {
      const bit = load<i32>(entry, BIT);
      // What comes twice is not the kernel's to choose from.
      if ((seen & bit) !== 0) return 0;
      at += load<i32>(entry, LENGTH);
      const part = load<i32>(entry, PART);
      at = readPart(part, entry, at, base);
      if (at === 0) return 0;
      place = entry + NEXT;
      // Without a table of its own a word is that of the table where it stands.
      if (part === EVENT && chosen !== 0) {
        if (seen !== 0) return 0;
        table = chosen;
        place = table + FIRST;
      } else seen |= bit;
    }
    const next = <u32>load<u8>(at++);
    if (next === COMMA) continue;
    if (next !== CLOSE_OBJECT) return 0;
    const required = load<i32>(table, REQUIRED);
    if ((seen & required) !== required) return 0;
    const seenAt = load<i32>(table, SEEN_AT);
    if (seenAt >= 0) store<f64>(base + ((<usize>seenAt) << 3), <f64>seen);
    return at;
  }
}

/** The entry of the table whose text stands at `at`, 0 for none. */
export function entryAt(table: usize, at: usize): usize {
  let entry = table + ENTRIES;
  const end = entry + <usize>load<i32>(table, COUNT) * ENTRY_BYTES;
  while (entry < end) {
    if (isText(at, entry, load<i32>(entry, LENGTH))) return entry;
    entry += ENTRY_BYTES;
  }
  return 0;
}

/** Reads the value of an entry's member; the position behind, or 0. */
function readPart(part: i32, entry: usize, at: usize, base: usize): usize {
  const out = base + ((<usize>load<i32>(entry, OUT)) << 3);
  const argument = load<i32>(entry, ARGUMENT);
  let end: usize = 0;
  switch (part) {
    case UNREAD:
      return skipScalar(at);
    case INTEGER:
      end = readInteger(at);
      store<f64>(out, <f64>(<i64>number));
      return end;
    case QUOTED_INTEGER:
      if (<u32>load<u8>(at) !== QUOTE) return 0;
      end = readInteger(at + 1);
      store<f64>(out, <f64>(<i64>number));
      return end !== 0 && <u32>load<u8>(end) === QUOTE ? end + 1 : 0;
    case SIGNED_INTEGER: {
      const isNegative = <u32>load<u8>(at) === MINUS;
      end = readInteger(isNegative ? at + 1 : at);
      store<f64>(out, isNegative ? -(<f64>(<i64>number)) : <f64>(<i64>number));
      return end;
    }
    case PRICE_TEXT:
      if (instrument < 0) return 0;
      end = readQuotedSteps(at, PRICE);
      store<f64>(out, <f64>(<i64>steps));
      return end;
    case SIZE_TEXT:
      if (instrument < 0) return 0;
      end = readQuotedSteps(at, SIZE);
      store<f64>(out, <f64>(<i64>steps));
      return end;
    case PRICE_NUMBER:
      if (instrument < 0) return 0;
      end = readNumberSteps(at, PRICE);
      store<f64>(out, <f64>(<i64>steps));
      return end;
    case SIZE_NUMBER:
      if (instrument < 0) return 0;
      end = readNumberSteps(at, SIZE);
      store<f64>(out, <f64>(<i64>steps));
      return end;
    case SUM:
      end = readSum(at);
      if (end !== 0) storeSum(out, sumUnits);
      return end;
    case LEVEL_LIST:
      if (instrument < 0) return 0;
      store<f64>(out, <f64>levelCount);
      end = readLevels(at, argument);
      store<f64>(out, <f64>levelCount, 8);
      return end;
    case UNIT_LIST:
      return instrument < 0 ? 0 : readUnits(at, <usize>argument + ENTRIES, out);
    case WORD:
    case EVENT:
    case CHOICE:
      return readWord(part, <usize>argument, at, out);
    case SYMBOL:
      if (<u32>load<u8>(at) !== QUOTE) return 0;
      return readSymbol(at + 1);
    case SAME_SYMBOL:
      return <u32>load<u8>(at) === QUOTE ? readSameSymbol(at + 1) : 0;
    case HASHED_TEXT:
      return <u32>load<u8>(at) === QUOTE ? hashText(at + 1, out) : 0;
    case LONG_INTEGER:
      return readLongInteger(at, out);
    case CONTENT:
      return readContent(at, argument === 0 ? chosen : <usize>argument, base, out);
    case TOPIC:
      return readTopic(at, <usize>argument, out);
  }
  return 0;
}

/** One of the words of a table, its number into `out`; what none of them is gives -1, where the table lets others through. */
function readWord(part: i32, words: usize, at: usize, out: usize): usize {
  const entry = entryAt(words, at);
  if (entry === 0) {
    if (load<i32>(words, REQUIRED) !== 0) return 0;
    store<f64>(out, -1);
    return skipScalar(at);
  }
  store<f64>(out, <f64>load<i32>(entry, OUT));
  if (part !== WORD) chosen = <usize>load<i32>(entry, ARGUMENT);
  return at + load<i32>(entry, LENGTH);
}

/** `orderbook.500.XRPUSDT` in quotes: a word, a number where the word says so, the symbol. The number goes to `out`. */
function readTopic(from: usize, words: usize, out: usize): usize {
  const word = entryAt(words, from);
  if (word === 0) return 0;
  let at = from + load<i32>(word, LENGTH);
  chosen = <usize>load<i32>(word, ARGUMENT);
  number = 0;
  if (load<i32>(word, OUT) !== 0) {
    const digits = load<u64>(at) ^ ZEROS;
    const count = countDigits(digits);
    if (count < 1 || count > 4 || <u32>load<u8>(at + count) !== POINT) return 0;
    store<f64>(out, <f64>(<i64>firstDigits(digits, count)));
    at += count + 1;
  } else store<f64>(out, 0);
  return readSymbol(at);
}

/** Two independent 32-bit hashes of a text that is not empty. */
function hashText(from: usize, out: usize): usize {
  const to = endOfText(from);
  if (to <= from) return 0;
  let a: u32 = 0x811c9dc5;
  let b: u32 = 5381;
  for (let at = from; at < to; at++) {
    const c = <u32>load<u8>(at);
    a = (a ^ c) * 0x01000193;
    b = b * 33 + c;
  }
  store<f64>(out, <f64>a);
  store<f64>(out, <f64>b, 8);
  return to + 1;
}

/** A whole number of up to 23 digits: what is above its last eight, and those. */
function readLongInteger(from: usize, out: usize): usize {
  let at = from;
  let count = 8;
  while (count === 8 && at - from < 24) {
    count = countDigits(load<u64>(at) ^ ZEROS);
    at += count;
  }
  const length = <i32>(at - from);
  if (length < 1 || length > 23) return 0;
  if (length <= 8) {
    store<f64>(out, 0);
    store<f64>(out, <f64>(<i64>firstDigits(load<u64>(from) ^ ZEROS, length)), 8);
    return at;
  }
  let high = firstDigits(load<u64>(from) ^ ZEROS, min(8, length - 8));
  if (length > 16) {
    // Up to 15 digits above: the last eight of them, and what is before.
    const before = length - 16;
    high =
      firstDigits(load<u64>(from) ^ ZEROS, before) * 100000000 + firstDigits(load<u64>(from + before) ^ ZEROS, 8);
  }
  store<f64>(out, <f64>(<i64>high));
  store<f64>(out, <f64>(<i64>firstDigits(load<u64>(at - 8) ^ ZEROS, 8)), 8);
  return at;
}

/** An object into the message's own numbers, or a list of objects into rows, how many into `out`. */
function readContent(from: usize, table: usize, base: usize, out: usize): usize {
  if (table === 0) return 0;
  const first = <u32>load<u8>(from);
  if (first === OPEN_OBJECT) {
    store<f64>(out, -1);
    return readMembers(from + 1, table, base);
  }
  if (first !== OPEN_ARRAY) return 0;
  let at = from;
  let rows = 0;
  do {
    if (rows === MOST_ROWS || <u32>load<u8>(at, 1) !== OPEN_OBJECT) return 0;
    at = readMembers(at + 2, table, ROWS + <usize>(rows * ROW_VALUES * 8));
    if (at === 0) return 0;
    rows++;
  } while (<u32>load<u8>(at) === COMMA);
  store<f64>(out, <f64>rows);
  return <u32>load<u8>(at) === CLOSE_ARRAY ? at + 1 : 0;
}
