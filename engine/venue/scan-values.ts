import { asciiBytes, isText } from './byte-text.ts';

/**
 * Reads values of compact JSON in place: each takes the position of the value's first byte and gives the position behind
 * it, or -1 for whatever is not written plainly (white space, escapes, signs, exponents, inexact numbers), which is then
 * somebody else's to judge. Numbers go to `out[index]`: handed back, every one of them would be boxed.
 *
 * The bytes must end with `}`: no number or separator can be read past it, so nothing here looks beyond the end.
 */
export const QUOTE = 34;
export const COMMA = 44;
export const COLON = 58;
export const OPEN_ARRAY = 91;
export const CLOSE_ARRAY = 93;
export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;
/** A byte xor this is at most 9 for digits alone; the other bytes that matter, xor it. */
const ZERO = 48;
const FRACTION = 46 ^ ZERO;
const EXPONENT = 101 ^ ZERO;
const CAPITAL_EXPONENT = 69 ^ ZERO;
const END_OF_TEXT = QUOTE ^ ZERO;
const BACKSLASH = 92;
const MAX = Number.MAX_SAFE_INTEGER;
const MAX_CHARACTERS = 40;
/** Digits that a 32-bit integer always holds. */
const INT_DIGITS = 9;

export const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');
const NULL = asciiBytes('null');
const unread = new Float64Array(1);

/** A whole number from 0 to 2^53 - 1 without a leading zero. */
export function readInteger(bytes: Uint8Array, from: number, out: Float64Array, index: number): number {
  let at = from;
  let digit = (bytes[at] as number) ^ ZERO;
  // In integer arithmetic, several times as quick; what wraps round is read again below.
  let value = 0;
  while (digit <= 9) {
    value = (value * 10 + digit) | 0;
    digit = (bytes[++at] as number) ^ ZERO;
  }
  const digits = at - from;
  if (digits === 0 || (digits > 1 && bytes[from] === ZERO)) return -1;
  if (digits <= INT_DIGITS) out[index] = value;
  else if (!readLong(bytes, from, at, out, index)) return -1;
  return digit === FRACTION || digit === EXPONENT || digit === CAPITAL_EXPONENT ? -1 : at;
}

/** The digits `bytes[from, to)`, more than {@link INT_DIGITS}, into `out[index]`; false above 2^53 - 1. */
export function readLong(bytes: Uint8Array, from: number, to: number, out: Float64Array, index: number): boolean {
  if (to - from > 2 * INT_DIGITS) return false;
  const split = from + INT_DIGITS;
  let high = 0;
  for (let at = from; at < split; at++) high = (high * 10 + ((bytes[at] as number) ^ ZERO)) | 0;
  let low = 0;
  for (let at = split; at < to; at++) low = (low * 10 + ((bytes[at] as number) ^ ZERO)) | 0;
  const value = high * (POWERS[to - split] as number) + low;
  out[index] = value;
  return value <= MAX;
}

/**
 * A decimal in quotes as whole steps; -1 also where it lies between two steps.
 * @param decimals decimals of the step; @param units how many of the smallest such decimal make one step.
 */
export function readQuotedSteps(
  bytes: Uint8Array,
  from: number,
  decimals: number,
  units: number,
  out: Float64Array,
  index: number,
): number {
  if (bytes[from] !== QUOTE) return -1;
  const start = from + 1;
  let at = start;
  let digit = (bytes[at] as number) ^ ZERO;
  let whole = 0;
  while (digit <= 9) {
    whole = (whole * 10 + digit) | 0;
    digit = (bytes[++at] as number) ^ ZERO;
  }
  if (at === start) return -1;
  let value = whole * (POWERS[decimals] as number);
  if (at - start > INT_DIGITS) {
    if (!readLong(bytes, start, at, out, index)) return -1;
    value = (out[index] as number) * (POWERS[decimals] as number);
  }
  if (digit === FRACTION) {
    const first = at + 1;
    const kept = first + decimals;
    // Steps finer than nine decimals have whatever is finer in their text for the slow path.
    const end = decimals > INT_DIGITS ? first + INT_DIGITS : kept;
    let fraction = 0;
    at = first;
    digit = (bytes[at] as number) ^ ZERO;
    while (digit <= 9 && at < end) {
      fraction = (fraction * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    value += fraction * (POWERS[kept - at] as number);
    while (digit === 0) digit = (bytes[++at] as number) ^ ZERO;
    if (at === first) return -1;
  }
  if (digit !== END_OF_TEXT || !(value <= MAX) || at - start > MAX_CHARACTERS) return -1;
  if (units !== 1) {
    value /= units;
    if (!Number.isInteger(value)) return -1;
  }
  out[index] = value;
  return at + 1;
}

/** Position of the closing quote of a text whose first byte is at `from`; -1 when it has escapes or is unfinished. */
export function endOfText(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  for (let at = from; at < length; at++) {
    const c = bytes[at] as number;
    if (c === QUOTE) return at;
    if (c === BACKSLASH || c < 32) return -1;
  }
  return -1;
}

/** Steps over a text, a whole number or a literal. Lists and objects nobody knows are not stepped over. */
export function skipScalar(bytes: Uint8Array, from: number): number {
  if (bytes[from] === QUOTE) {
    const end = endOfText(bytes, from + 1);
    return end < 0 ? -1 : end + 1;
  }
  if (isText(bytes, from, from + 4, TRUE) || isText(bytes, from, from + 4, NULL)) return from + 4;
  if (isText(bytes, from, from + 5, FALSE)) return from + 5;
  return readInteger(bytes, from, unread, 0);
}

/** Steps over a member `"key":scalar` whose quote is at `from`. */
export function skipMember(bytes: Uint8Array, from: number): number {
  const end = endOfText(bytes, from + 1);
  return end < 0 || bytes[end + 1] !== COLON ? -1 : skipScalar(bytes, end + 2);
}
