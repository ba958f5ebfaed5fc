/** What became of reading a decimal. */
export const DecimalResult = {
  exact: 0,
  /** Lies between two steps; `steps` holds the nearest (half up). */
  betweenSteps: 1,
  /** No number, or a negative one. */
  malformed: 2,
  /** More steps than a double counts exactly. */
  tooLarge: 3,
} as const;
export type DecimalResult = (typeof DecimalResult)[keyof typeof DecimalResult];

const MAX = Number.MAX_SAFE_INTEGER;
const MAX_CHARACTERS = 60;
const MAX_EXPONENT = 40;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
/** Decimals that {@link DecimalReader.addTo} keeps. */
export const TOTAL_DECIMALS = 8;
const TOTAL_SCALE = 1e8;

/**
 * Decimal text to whole steps by integer arithmetic on the digits, never through a floating-point fraction:
 * `6727000.0`, `0.1234`, `1E-8`. Takes what JSON takes as a number, without a sign, and plain decimal text.
 */
export class DecimalReader {
  steps = 0;
  // The digits of the newest number: first and last byte, position of the point in digits, exponent.
  #digitsFrom = 0;
  #digitsTo = 0;
  #wholeDigits = 0;

  /**
   * Steps of `bytes[from..to)` into `steps`.
   * @param decimals decimals of the step; @param units how many of the smallest such decimal make one step
   *   (a step of 0.05 has 2 and 5, one of 1000 has 0 and 1000).
   */
  read(bytes: Uint8Array, from: number, to: number, decimals: number, units: number): DecimalResult {
    if (!this.#split(bytes, from, to)) return DecimalResult.malformed;
    // Digits that count; the first of them weighs 10^(kept - 1) of the smallest decimal.
    let kept = this.#wholeDigits + decimals;
    let value = 0;
    let droppedDigit = -1;
    let droppedAny = false;
    for (let at = this.#digitsFrom; at < this.#digitsTo; at++) {
      const c = bytes[at] as number;
      if (c === 46) continue;
      const digit = c - 48;
      if (kept > 0) {
        value = value * 10 + digit;
        if (value > MAX) return DecimalResult.tooLarge;
      } else {
        // Zeros between the last kept place and this digit make it count for less than a half.
        if (droppedDigit < 0) droppedDigit = kept === 0 ? digit : 0;
        if (digit !== 0) droppedAny = true;
      }
      kept--;
    }
    if (value > 0 && kept > 0) {
      if (kept >= POWERS.length) return DecimalResult.tooLarge;
      value *= POWERS[kept] as number;
      if (value > MAX) return DecimalResult.tooLarge;
    }
    const rest = value % units;
    const floor = (value - rest) / units;
    if (rest === 0 && !droppedAny) {
      this.steps = floor;
      return DecimalResult.exact;
    }
    this.steps = 2 * rest + (droppedDigit >= 5 ? 1 : 0) >= units ? floor + 1 : floor;
    return DecimalResult.betweenSteps;
  }

  /**
   * Adds a decimal to an exact sum: `sum[0]` whole numbers, `sum[1]` of 1e-8 below one whole.
   * @returns false when it is no number, too large or finer than 1e-8.
   */
  addTo(bytes: Uint8Array, from: number, to: number, sum: Float64Array): boolean {
    if (!this.#split(bytes, from, to)) return false;
    let left = this.#wholeDigits;
    let whole = 0;
    let fraction = 0;
    for (let at = this.#digitsFrom; at < this.#digitsTo; at++) {
      const c = bytes[at] as number;
      if (c === 46) continue;
      const digit = c - 48;
      left--;
      if (left >= 0) whole = whole * 10 + digit;
      else if (left >= -TOTAL_DECIMALS) fraction += digit * (POWERS[TOTAL_DECIMALS + left] as number);
      else if (digit !== 0) return false;
    }
    if (whole > 0 && left > 0) {
      if (left >= POWERS.length) return false;
      whole *= POWERS[left] as number;
    }
    const carried = (sum[1] as number) + fraction;
    const carry = carried >= TOTAL_SCALE ? 1 : 0;
    sum[1] = carried - carry * TOTAL_SCALE;
    sum[0] = (sum[0] as number) + whole + carry;
    return whole <= MAX && (sum[0] as number) <= MAX;
  }

  /** A whole number from 0 (id, time) into `steps`. */
  readInteger(bytes: Uint8Array, from: number, to: number): boolean {
    return this.read(bytes, from, to, 0, 1) === DecimalResult.exact;
  }

  /** Checks the form and finds digits, point and exponent. */
  #split(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from > MAX_CHARACTERS) return false;
    let at = from;
    let digits = 0;
    let point = -1;
    for (; at < to; at++) {
      const c = bytes[at] as number;
      if (c >= 48 && c <= 57) digits++;
      else if (c === 46 && point < 0 && digits > 0) point = digits;
      else break;
    }
    if (digits === 0 || bytes[at - 1] === 46) return false;
    this.#digitsFrom = from;
    this.#digitsTo = at;
    let exponent = 0;
    if (at < to) {
      if (((bytes[at] as number) | 32) !== 101) return false;
      at++;
      const sign = bytes[at] as number;
      const negative = sign === 45;
      if (at < to && (negative || sign === 43)) at++;
      if (at >= to) return false;
      for (; at < to; at++) {
        const c = bytes[at] as number;
        if (c < 48 || c > 57) return false;
        exponent = exponent * 10 + c - 48;
        if (exponent > MAX_EXPONENT) return false;
      }
      if (negative) exponent = -exponent;
    }
    this.#wholeDigits = (point < 0 ? digits : point) + exponent;
    return true;
  }
}
