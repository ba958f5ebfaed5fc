import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_ARRAY, COMMA, OPEN_ARRAY, QUOTE, readQuotedSteps } from '../scan-values.ts';
import type { MarketMessage } from './market-message.ts';

const ZERO = 48;
const DOT = 46 ^ ZERO;
const FOUR_ZEROS = 0x30303030;
/** Added to bytes below 128 it sets the highest bit of those above 9. */
const ABOVE_NINE = 0x76767676;
const HIGHEST_BITS = 0x80808080 | 0;
const DECIMALS = 8;
const UNITS_OF_ONE = 1e8;
/** With as many digits before the point a number has less than 2^53 units of 1e-8. */
const WHOLE_DIGITS = 7;
const POWERS = Float64Array.from({ length: DECIMALS + 1 }, (_, i) => 10 ** i);

/**
 * Lists of levels `[["price","size"], ...]`, most of what a depth message is, into the pairs of a message. Works on a copy of
 * the payload, because a copy has a view to read four digits at once from: the venue writes all its decimals with eight.
 */
export class LevelScanner {
  #bytes: Uint8Array = new Uint8Array(1 << 14);
  #view: DataView = new DataView(this.#bytes.buffer);

  /** Takes a payload; the copy has it at the same positions. The byte behind its end is 0. */
  load(payload: Uint8Array): Uint8Array {
    if (payload.length >= this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * payload.length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(payload);
    this.#bytes[payload.length] = 0;
    return this.#bytes;
  }

  /** The list at `from`; the position behind it, or -1 for the slow path. The message's instrument must be known. */
  read(from: number, table: InstrumentTable, m: MarketMessage, bids: boolean): number {
    const bytes = this.#bytes;
    const { instrument } = m;
    if (instrument < 0 || bytes[from] !== OPEN_ARRAY) return -1;
    const priceDecimals = table.priceDecimals[instrument] as number;
    const priceUnits = table.priceUnits[instrument] as number;
    const sizeDecimals = table.sizeDecimals[instrument] as number;
    const sizeUnits = table.sizeUnits[instrument] as number;
    const priceScale = smallUnitsPerStep(priceDecimals, priceUnits);
    const sizeScale = smallUnitsPerStep(sizeDecimals, sizeUnits);
    let levels = bids ? m.bids : m.asks;
    let count = 0;
    let at = from + 1;
    if (bytes[at] === CLOSE_ARRAY) {
      at++;
    } else {
      let next = COMMA;
      while (next === COMMA) {
        if (count === levels.length) {
          if (!m.growLevels(bids)) return -1;
          levels = bids ? m.bids : m.asks;
        }
        if (bytes[at] !== OPEN_ARRAY) return -1;
        at = this.#steps(at + 1, priceScale, priceDecimals, priceUnits, levels, count);
        if (at < 0 || bytes[at] !== COMMA) return -1;
        at = this.#steps(at + 1, sizeScale, sizeDecimals, sizeUnits, levels, count + 1);
        if (at < 0 || bytes[at] !== CLOSE_ARRAY) return -1;
        count += 2;
        next = bytes[at + 1] as number;
        at += 2;
      }
      if (next !== CLOSE_ARRAY) return -1;
    }
    if (bids) m.bidCount = count >> 1;
    else m.askCount = count >> 1;
    return at;
  }

  /** As {@link readQuotedSteps}: decimals of eight places here, all others there. */
  #steps(from: number, scale: number, decimals: number, units: number, out: Float64Array, index: number): number {
    const bytes = this.#bytes;
    if (bytes[from] !== QUOTE) return -1;
    let at = from + 1;
    let digit = (bytes[at] as number) ^ ZERO;
    let whole = 0;
    while (digit <= 9) {
      whole = (whole * 10 + digit) | 0;
      digit = (bytes[++at] as number) ^ ZERO;
    }
    const digits = at - from - 1;
    const end = at + 1 + DECIMALS;
    if (digit === DOT && digits > 0 && digits <= WHOLE_DIGITS && bytes[end] === QUOTE && scale > 0) {
      const high = this.#view.getInt32(at + 1, true) ^ FOUR_ZEROS;
      const low = this.#view.getInt32(at + 5, true) ^ FOUR_ZEROS;
      const strange = ((high + ABOVE_NINE) | high | (low + ABOVE_NINE) | low) & HIGHEST_BITS;
      if (strange === 0) {
        const fraction = fourDigits(high) * 10_000 + fourDigits(low);
        // Both below 2^53, so a quotient that is whole is exact, and one that is not does not round to a whole one.
        const steps = (whole * UNITS_OF_ONE + fraction) / scale;
        if (steps !== Math.floor(steps)) return -1;
        out[index] = steps;
        return end + 1;
      }
    }
    return readQuotedSteps(bytes, from, decimals, units, out, index);
  }
}

/** Units of 1e-8 in a step; 0 for a step finer than that. */
function smallUnitsPerStep(decimals: number, units: number): number {
  return decimals > DECIMALS ? 0 : (POWERS[DECIMALS - decimals] as number) * units;
}

/** Four digits, the first in the lowest byte, as a number: two pairs at once, then the pairs. */
function fourDigits(digits: number): number {
  const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}
