import { SMALL_DECIMALS, type StepScale } from '../instrument-table.ts';
import { QUOTE, readInteger, readQuotedSteps } from '../scan-values.ts';

const ZERO = 48;
const DOT = 46 ^ ZERO;
const END_OF_TEXT = QUOTE ^ ZERO;
const FOUR_ZEROS = 0x30303030;
/** Added to bytes below 128 it sets the highest bit of those above 9. */
const ABOVE_NINE = 0x76767676;
const HIGHEST_BITS = 0x80808080 | 0;
/** Digits that a 32-bit integer always holds. With as many, and steps of so many decimals, there are less than 2^53 steps. */
const SHORT_DIGITS = 9;
const SHORT_DECIMALS = 6;
/** With as many digits before the point a number has less than 2^53 units of 1e-8. */
const WHOLE_DIGITS = 7;
/** More digits than that behind the first eight, and a whole number may be above 2^53. */
const MORE_DIGITS = 7;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
/** Bytes that may be read past the end of a payload. */
export const READ_AHEAD = 1024;

/**
 * A copy of one payload, at the same positions: a copy in memory of our own has a view to read four bytes at once from.
 * Behind its end is a byte 0, which ends every number.
 */
export class PayloadBytes {
  bytes: Uint8Array = new Uint8Array(1 << 14);
  view: DataView = new DataView(this.bytes.buffer);
  length = 0;

  load(payload: Uint8Array): void {
    const { length } = payload;
    if (length + READ_AHEAD > this.bytes.length) {
      this.bytes = new Uint8Array(2 * length + READ_AHEAD);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(payload);
    this.bytes[length] = 0;
    this.length = length;
  }

  /** As `readInteger`: long numbers (times, ids) here, eight digits and then four at once; short ones there. */
  readInteger(from: number, out: Float64Array, index: number): number {
    const { bytes, view } = this;
    const high = view.getInt32(from, true) ^ FOUR_ZEROS;
    const low = view.getInt32(from + 4, true) ^ FOUR_ZEROS;
    if (haveStranger(high, low) || bytes[from] === ZERO) return readInteger(bytes, from, out, index);
    const first = fourDigits(high) * 10_000 + fourDigits(low);
    let at = from + 8;
    let more = 0;
    const next = view.getInt32(at, true) ^ FOUR_ZEROS;
    if ((((next + ABOVE_NINE) | next) & HIGHEST_BITS) === 0) {
      more = fourDigits(next);
      at += 4;
    }
    let digit = (bytes[at] as number) ^ ZERO;
    while (digit <= 9) {
      more = (more * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    const digits = at - from - 8;
    // A point or an exponent behind it makes it no whole number.
    if (digits > MORE_DIGITS || digit === DOT || isExponent(digit)) return readInteger(bytes, from, out, index);
    out[index] = first * (POWERS[digits] as number) + more;
    return at;
  }

  /** As `readQuotedSteps`: decimals of eight places and short ones here, all others there. */
  readSteps(from: number, scale: StepScale, out: Float64Array, index: number): number {
    const { bytes } = this;
    if (bytes[from] !== QUOTE) return -1;
    let at = from + 1;
    let digit = (bytes[at] as number) ^ ZERO;
    // Digits on both sides of the point.
    let number = 0;
    while (digit <= 9) {
      number = (number * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    const { decimals } = scale;
    const point = at;
    if (point > from + 1 && scale.units === 1) {
      if (digit === END_OF_TEXT) {
        if (point - from <= SHORT_DIGITS + 1 && decimals <= SHORT_DECIMALS) {
          out[index] = number * (POWERS[decimals] as number);
          return point + 1;
        }
      } else if (digit === DOT) {
        if (bytes[point + 1 + SMALL_DECIMALS] === QUOTE) {
          const end = this.#readSmallDecimals(point, number, decimals, point - from - 1, out, index);
          if (end > 0) return end;
        } else {
          digit = (bytes[++at] as number) ^ ZERO;
          while (digit <= 9) {
            number = (number * 10 + digit) | 0;
            digit = (bytes[++at] as number) ^ ZERO;
          }
          let places = at - point - 1;
          if (digit === END_OF_TEXT && places > 0 && at - from <= SHORT_DIGITS + 2 && decimals <= SHORT_DECIMALS) {
            while (places > decimals && number % 10 === 0) {
              number = (number / 10) | 0;
              places--;
            }
            if (places <= decimals) {
              out[index] = number * (POWERS[decimals - places] as number);
              return at + 1;
            }
          }
        }
      }
    }
    return readQuotedSteps(bytes, from, decimals, scale.units, out, index);
  }

  /** The number with eight decimals at the point; the position behind its quote, or -1 where another has to judge it. */
  #readSmallDecimals(
    point: number,
    whole: number,
    decimals: number,
    digits: number,
    out: Float64Array,
    index: number,
  ): number {
    if (digits > WHOLE_DIGITS) return -1;
    const high = this.view.getInt32(point + 1, true) ^ FOUR_ZEROS;
    const low = this.view.getInt32(point + 5, true) ^ FOUR_ZEROS;
    if (haveStranger(high, low)) return -1;
    // The decimals that count are moved to the end of their four; what is left over must be zeros.
    let fraction = 0;
    if (decimals <= 4) {
      if (low !== 0 || (decimals < 4 && high >>> (8 * decimals) !== 0)) return -1;
      if (decimals > 0) fraction = fourDigits(high << (32 - 8 * decimals));
    } else {
      if (decimals > SMALL_DECIMALS || (decimals < 8 && low >>> (8 * decimals - 32) !== 0)) return -1;
      fraction = fourDigits(high) * (POWERS[decimals - 4] as number) + fourDigits(low << (64 - 8 * decimals));
    }
    out[index] = whole * (POWERS[decimals] as number) + fraction;
    return point + 2 + SMALL_DECIMALS;
  }
}

/** Among eight bytes, each xor `0`, is one that is no digit. */
function haveStranger(high: number, low: number): boolean {
  return (((high + ABOVE_NINE) | high | (low + ABOVE_NINE) | low) & HIGHEST_BITS) !== 0;
}

/** Four digits, the first in the lowest byte, as a number: two pairs at once, then the pairs. */
function fourDigits(digits: number): number {
  const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}

/** `e` or `E`, xor `0`. */
function isExponent(digit: number): boolean {
  return ((digit ^ ZERO) | 32) === 101;
}
