import { decimalsOf, toSteps } from '../contract/units.ts';

const DOT = 46;
const ZERO = 48;
const LIMIT = 2 ** 53;

/**
 * Reads decimal texts as whole steps of one size (a tick or a lot) without floats, and keeps how many decimals the text
 * had, so that it can be printed again as the venue sent it. Allocates nothing.
 */
export class DecimalSteps {
  readonly step: string;
  /** Decimals of the step, and how many of the smallest of them make one step: `0.05` has 2 and 5. */
  readonly decimals: number;
  readonly units: number;
  /** Decimals that the last text read had, trailing zeros included. */
  textDecimals = 0;

  /** @throws RangeError when the step is no positive decimal. */
  constructor(step: string) {
    this.step = step;
    this.decimals = decimalsOf(step);
    this.units = toSteps(step, this.decimals === 0 ? '1' : `0.${'0'.repeat(this.decimals - 1)}1`);
    if (this.units <= 0) throw new RangeError(`Expected a positive step, was "${step}"`);
  }

  /**
   * Whole steps of a text `123.450`, below 2^53 smallest units.
   * @throws RangeError naming the field when it is no text, no plain decimal, or lies between two steps.
   */
  read(text: unknown, field: string): number {
    if (typeof text !== 'string') throw new RangeError(`${field}: expected decimal text, was ${typeof text}`);
    const length = text.length;
    let value = 0;
    let dot = -1;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i);
      if (c === DOT && dot < 0 && i > 0 && i < length - 1) {
        dot = i;
        continue;
      }
      const digit = c - ZERO;
      if (digit < 0 || digit > 9 || length > 40) throw notDecimal(text, field);
      if (dot >= 0 && ++kept > this.decimals) {
        if (digit !== 0) throw this.#between(text, field);
        continue;
      }
      value = value * 10 + digit;
      if (value >= LIMIT) throw new RangeError(`${field}: expected less than 2^53 units, was "${text}"`);
    }
    // A leading zero that no venue prints could not be printed again.
    if (length === 0 || (length > 1 && text.charCodeAt(0) === ZERO && dot !== 1)) throw notDecimal(text, field);
    this.textDecimals = dot < 0 ? 0 : length - 1 - dot;
    for (; kept < this.decimals; kept++) value *= 10;
    if (value >= LIMIT) throw new RangeError(`${field}: expected less than 2^53 units, was "${text}"`);
    if (this.units === 1) return value;
    if (value % this.units !== 0) throw this.#between(text, field);
    return value / this.units;
  }

  /** As {@link read}, for sizes that must not be 0. */
  readPositive(text: unknown, field: string): number {
    const steps = this.read(text, field);
    if (steps === 0) throw new RangeError(`${field}: expected more than 0, was "${String(text)}"`);
    return steps;
  }

  #between(text: string, field: string): RangeError {
    return new RangeError(`${field}: expected a multiple of ${this.step}, was "${text}"`);
  }
}

function notDecimal(text: string, field: string): RangeError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return new RangeError(`${field}: expected a plain decimal, was "${shown}"`);
}

const CHUNK = 1e8;
/** Digits of one number, lowest first; filled and read within one call. */
const digits = new Uint8Array(32);

/** Writes a positive whole number below 2^53 in ASCII at `at`; returns the position behind it. */
export function writeDigits(out: Uint8Array, at: number, value: number): number {
  let high = Math.floor(value / CHUNK);
  let low = (value - high * CHUNK) | 0;
  let count = 0;
  while (high > 0) {
    for (let i = 0; i < 8; i++) {
      const next = (low / 10) | 0;
      digits[count++] = ZERO + low - next * 10;
      low = next;
    }
    const next = Math.floor(high / CHUNK);
    low = (high - next * CHUNK) | 0;
    high = next;
  }
  while (low > 0) {
    const next = (low / 10) | 0;
    digits[count++] = ZERO + low - next * 10;
    low = next;
  }
  while (count > 0) out[at++] = digits[--count] as number;
  return at;
}

/**
 * Writes the digits of `steps` as the venue sent them with `textDecimals` decimals, without the dot and without leading
 * zeros: 0.00000500 is `500`.
 */
export function writeWithoutDot(
  out: Uint8Array,
  at: number,
  steps: number,
  scale: DecimalSteps,
  textDecimals: number,
): number {
  let value = steps * scale.units;
  let decimals = scale.decimals;
  for (; decimals > textDecimals; decimals--) value /= 10;
  let end = writeDigits(out, at, value);
  for (; decimals < textDecimals; decimals++) out[end++] = ZERO;
  return end;
}

/** Writes `steps` as the venue sent it: with exactly `textDecimals` decimals and a zero before a leading dot. */
export function writeDecimal(
  out: Uint8Array,
  at: number,
  steps: number,
  scale: DecimalSteps,
  textDecimals: number,
): number {
  let end = writeWithoutDot(out, at, steps, scale, textDecimals);
  if (textDecimals === 0) return end;
  // At least one digit stands before the dot.
  const missing = textDecimals + 1 - (end - at);
  if (missing > 0) {
    out.copyWithin(at + missing, at, end);
    out.fill(ZERO, at, at + missing);
    end += missing;
  }
  const dot = end - textDecimals;
  out.copyWithin(dot + 1, dot, end);
  out[dot] = DOT;
  return end + 1;
}
