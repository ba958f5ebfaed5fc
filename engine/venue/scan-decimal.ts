import type { StepScale } from './instrument-table.ts';
import { POWERS, QUOTE, readLong } from './scan-values.ts';

const ZERO = 48;
const FRACTION = 46 ^ ZERO;
const LOWER_E = 101;
const MINUS = 45;
const MOST_DIGITS = 18;
const INT_DIGITS = 9;
const END_OF_TEXT = QUOTE ^ ZERO;
const MAX = Number.MAX_SAFE_INTEGER;

type Step = Pick<StepScale, 'decimals' | 'units'>;

/** Where {@link scanned} holds what of the newest decimal. */
export const Part = { whole: 0, fraction: 1, fractionDigits: 2 } as const;

/**
 * The newest decimal that was read: `12.3400` is 12, 3400 and 4. One for all, read right after: in an array no number is
 * boxed, and a scanner needs the parts for several things (steps, the digits of a checksum, exact sums).
 */
export const scanned = new Float64Array(3);

/**
 * Reads a decimal without sign, up to 18 digits on each side of the point, into {@link scanned}; gives the position behind
 * its digits (the caller looks at what follows: it may be an exponent), or -1. The bytes must not end with a digit or point.
 */
export function readDecimal(bytes: Uint8Array, from: number): number {
  let at = from;
  let digit = (bytes[at] as number) ^ ZERO;
  let value = 0;
  while (digit <= 9) {
    value = (value * 10 + digit) | 0;
    digit = (bytes[++at] as number) ^ ZERO;
  }
  const digits = at - from;
  if (digits === 0 || (digits > 1 && bytes[from] === ZERO)) return -1;
  if (digits <= INT_DIGITS) scanned[Part.whole] = value;
  else if (!readLong(bytes, from, at, scanned, Part.whole)) return -1;
  let count = 0;
  value = 0;
  if (digit === FRACTION) {
    const first = ++at;
    digit = (bytes[at] as number) ^ ZERO;
    while (digit <= 9) {
      value = (value * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    count = at - first;
    if (count === 0) return -1;
    if (count > INT_DIGITS) {
      if (!readLong(bytes, first, at, scanned, Part.fraction)) return -1;
      scanned[Part.fractionDigits] = count;
      return at;
    }
  }
  scanned[Part.fraction] = value;
  scanned[Part.fractionDigits] = count;
  return at;
}

/**
 * Reads a number as JSON has it, but for signs, into {@link scanned}: also `1.13E-6`, as far as it is below 1 and has no
 * more than 18 decimals. The position behind it, or -1.
 */
export function readNumber(bytes: Uint8Array, from: number): number {
  const at = readDecimal(bytes, from);
  return at > 0 && ((bytes[at] as number) | 32) === LOWER_E ? readExponent(bytes, at) : at;
}

/** Moves the point of the {@link scanned} decimal by the exponent at `from`. */
function readExponent(bytes: Uint8Array, from: number): number {
  const exponent = ((bytes[from + 2] as number) ^ ZERO) | 0;
  const digits = (scanned[Part.fractionDigits] as number) + exponent;
  const value =
    (scanned[Part.whole] as number) * (POWERS[digits - exponent] as number) + (scanned[Part.fraction] as number);
  if (bytes[from + 1] !== MINUS || exponent === 0 || exponent > 9 || digits > MOST_DIGITS) return -1;
  if (((bytes[from + 3] as number) ^ ZERO) <= 9 || !(value < Math.min(POWERS[digits] as number, MAX))) return -1;
  scanned[Part.whole] = 0;
  scanned[Part.fraction] = value;
  scanned[Part.fractionDigits] = digits;
  return from + 3;
}

/** Decimals that the text had which {@link readText} read last. */
export const textDecimals = new Uint8Array(1);

/**
 * Reads a decimal in quotes as whole steps into `out[index]`; gives the position behind it, or -1 for whatever is not
 * written plainly, or lies between two steps. Leaves its decimals in {@link textDecimals}.
 */
export function readText(bytes: Uint8Array, from: number, step: Step, out: Float64Array, index: number): number {
  if (bytes[from] !== QUOTE) return -1;
  const { decimals, units } = step;
  const start = from + 1;
  let at = start;
  let digit = (bytes[at] as number) ^ ZERO;
  let whole = 0;
  while (digit <= 9) {
    whole = (whole * 10 + digit) | 0;
    digit = (bytes[++at] as number) ^ ZERO;
  }
  const digits = at - start;
  if (digits === 0 || digits > INT_DIGITS || (digits > 1 && bytes[start] === ZERO))
    return readLongText(bytes, from, step, out, index);
  let value = whole * (POWERS[decimals] as number);
  let count = 0;
  if (digit === FRACTION) {
    const first = ++at;
    let fraction = 0;
    digit = (bytes[at] as number) ^ ZERO;
    while (digit <= 9) {
      fraction = (fraction * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    count = at - first;
    if (count === 0 || count > INT_DIGITS) return readLongText(bytes, from, step, out, index);
    if (count <= decimals) {
      value += fraction * (POWERS[decimals - count] as number);
    } else {
      const kept = fraction / (POWERS[count - decimals] as number);
      if (kept !== Math.floor(kept)) return -1;
      value += kept;
    }
  }
  if (digit !== END_OF_TEXT || !(value <= MAX)) return -1;
  if (units !== 1) {
    value /= units;
    if (value !== Math.floor(value)) return -1;
  }
  out[index] = value;
  textDecimals[0] = count;
  return at + 1;
}

/** As {@link readText}, of more digits than an integer holds. */
function readLongText(bytes: Uint8Array, from: number, step: Step, out: Float64Array, index: number): number {
  const end = readDecimal(bytes, from + 1);
  if (end < 0 || bytes[end] !== QUOTE || !writeSteps(step, out, index)) return -1;
  textDecimals[0] = scanned[Part.fractionDigits] as number;
  return end + 1;
}

/**
 * The {@link scanned} decimal as whole steps into `out[index]`; false when it lies between two steps or above 2^53 - 1 of
 * the smallest units.
 */
export function writeSteps(step: Step, out: Float64Array, index: number): boolean {
  const { decimals, units } = step;
  const count = scanned[Part.fractionDigits] as number;
  let value = (scanned[Part.whole] as number) * (POWERS[decimals] as number);
  if (count <= decimals) {
    value += (scanned[Part.fraction] as number) * (POWERS[decimals - count] as number);
  } else {
    // Below 2^53 and a power of ten: a quotient that is whole is exact, one that is not does not round to a whole one.
    const kept = (scanned[Part.fraction] as number) / (POWERS[count - decimals] as number);
    if (kept !== Math.floor(kept)) return false;
    value += kept;
  }
  if (!(value <= MAX)) return false;
  if (units !== 1) {
    value /= units;
    if (value !== Math.floor(value)) return false;
  }
  out[index] = value;
  return true;
}
