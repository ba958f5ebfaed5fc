import { LOWER_E, MINUS, POINT, QUOTE } from './characters';
import {
  countDigits,
  eightDigits,
  firstDigits,
  MOST_DIGITS,
  MOST_STEPS,
  mostWhole,
  number,
  powerOfTen,
  readDigits,
  strangers,
  ZEROS,
} from './digits';

/** Whole steps of the decimal that was read last, and how many decimals its text had. */
export let steps: u64 = 0;
export let places: i32 = 0;
/** Its parts, where {@link readParts} read it: `12.3400` is 12 and 3400. */
let whole: u64 = 0;
let fraction: u64 = 0;

/**
 * Reads a decimal without sign or exponent as whole steps of the scale into {@link steps}; the position behind its digits,
 * or 0 for whatever is not written plainly, lies between two steps or above 2^53 - 1.
 */
export function readSteps(at: usize, scale: usize): usize {
  const digits = load<u64>(at) ^ ZEROS;
  const strange = strangers(digits);
  const count = <i32>(ctz(strange) >> 3);
  // One zero, or one of nine other digits first.
  if (count === 0 || (count > 1 && (digits & 0xff) === 0)) return 0;
  if (count === 8) return readLongSteps(at, scale);
  const decimals = load<i32>(scale);
  // Below 10^7 times 10^10 nothing wraps round.
  if (decimals > 10) return readLongSteps(at, scale);
  let end = at + count;
  let value: u64;
  if (<u32>load<u8>(end) !== POINT) {
    places = 0;
    value = firstDigits(digits, count) * powerOfTen(decimals);
  } else {
    // The point carries nothing into the bytes behind it: the next stranger is right as well.
    const second = strange & (strange - 1);
    if (second !== 0) {
      // All of it in eight bytes: what is behind the point moves into its place.
      const before = count << 3;
      const length = <i32>(ctz(second) >> 3);
      const found = length - count - 1;
      if (found === 0) return 0;
      const joined = (digits & ((<u64>1 << before) - 1)) | ((digits >> (before + 8)) << before);
      const all = joined << (72 - (length << 3));
      places = found;
      end = at + length;
      if (found <= decimals) {
        value = eightDigits(all) * powerOfTen(decimals - found);
      } else {
        // What is finer than a step must be zeros.
        const finer = (found - decimals) << 3;
        if (all >> (64 - finer) !== 0) return 0;
        value = eightDigits(all << finer);
      }
    } else {
      const behind = load<u64>(++end) ^ ZEROS;
      const found = countDigits(behind);
      if (found === 0) return 0;
      end += found;
      if (found === 8 && <u32>load<u8>(end) - 48 < 10) return readLongSteps(at, scale);
      places = found;
      value = firstDigits(digits, count) * powerOfTen(decimals);
      const all = behind << (64 - (found << 3));
      if (found <= decimals) {
        value += eightDigits(all) * powerOfTen(decimals - found);
      } else {
        const finer = (found - decimals) << 3;
        if (all >> (64 - finer) !== 0) return 0;
        value += eightDigits(finer === 64 ? 0 : all << finer);
      }
    }
  }
  return settle(value, scale) ? end : 0;
}

/** Takes smallest units as steps of the scale; false between two steps, or above 2^53 - 1. */
function settle(value: u64, scale: usize): bool {
  if (value > MOST_STEPS) return false;
  const units = load<f64>(scale, 8);
  if (units !== 1) {
    const divisor = <u64>units;
    if (value % divisor !== 0) return false;
    value /= divisor;
  }
  steps = value;
  return true;
}

function readLongSteps(at: usize, scale: usize): usize {
  const end = readParts(at);
  return end !== 0 && settleParts(scale) ? end : 0;
}

/** Reads a decimal of up to 18 digits on each side of the point, without sign or exponent; the position behind, or 0. */
function readParts(at: usize): usize {
  let end = readDigits(at);
  const count = <i32>(end - at);
  if (count <= 0 || (count > 1 && load<u8>(at) === 48)) return 0;
  whole = number;
  fraction = 0;
  places = 0;
  if (<u32>load<u8>(end) !== POINT) return end;
  const from = end + 1;
  end = readDigits(from);
  places = <i32>(end - from);
  fraction = number;
  return places <= 0 ? 0 : end;
}

/** As {@link readParts}, a number as JSON has it but for signs: also `1.13E-6`, below 1 and of up to 18 decimals. */
function readNumberParts(at: usize): usize {
  const end = readParts(at);
  if (end === 0 || (<u32>load<u8>(end) | 32) !== LOWER_E) return end;
  const exponent = <i32>load<u8>(end, 2) - 48;
  if (<u32>load<u8>(end, 1) !== MINUS || exponent < 1 || exponent > 9 || <u32>load<u8>(end, 3) - 48 < 10) return 0;
  const digits = places + exponent;
  if (digits > MOST_DIGITS || whole > mostWhole(places)) return 0;
  const value = whole * powerOfTen(places) + fraction;
  if (value > MOST_STEPS || value >= powerOfTen(digits)) return 0;
  whole = 0;
  fraction = value;
  places = digits;
  return end + 3;
}

function settleParts(scale: usize): bool {
  const decimals = load<i32>(scale);
  if (whole > mostWhole(decimals)) return false;
  let value = whole * powerOfTen(decimals);
  if (places <= decimals) {
    // Below 10^places, so that this is below 10^decimals.
    value += fraction * powerOfTen(decimals - places);
  } else if (fraction !== 0) {
    const finer = powerOfTen(places - decimals);
    if (fraction % finer !== 0) return false;
    value += fraction / finer;
  }
  return settle(value, scale);
}

/** As {@link readSteps}, of a number that may have an exponent. */
export function readNumberSteps(at: usize, scale: usize): usize {
  const end = readSteps(at, scale);
  if (end !== 0 && (<u32>load<u8>(end) | 32) !== LOWER_E) return end;
  const number = readNumberParts(at);
  return number !== 0 && settleParts(scale) ? number : 0;
}

/** As {@link readSteps}, in quotes. */
export function readQuotedSteps(at: usize, scale: usize): usize {
  if (<u32>load<u8>(at) !== QUOTE) return 0;
  const end = readSteps(at + 1, scale);
  return end !== 0 && <u32>load<u8>(end) === QUOTE ? end + 1 : 0;
}

/** Most wholes in a number of a sum. */
const MOST_WHOLE: u64 = 10000000000;
const SUM_PLACES: i32 = 8;
export const SUM_SCALE: u64 = 100000000;
/** Units of 1e-8 in the number that was read for a sum last. */
export let sumUnits: u64 = 0;

/** Reads a number into units of 1e-8, {@link sumUnits}; the position behind, or 0 where it is finer, or too large. */
export function readSum(at: usize): usize {
  const end = readNumberParts(at);
  if (end === 0 || places > SUM_PLACES || whole > MOST_WHOLE) return 0;
  sumUnits = whole * SUM_SCALE + fraction * powerOfTen(SUM_PLACES - places);
  return end;
}

/** As {@link readNumberSteps}, and as {@link readSum}. */
export function readSummand(at: usize, scale: usize): usize {
  if (load<i32>(scale) !== SUM_PLACES || load<f64>(scale, 8) !== 1) {
    if (readSum(at) === 0) return 0;
    return readNumberSteps(at, scale);
  }
  const end = readNumberSteps(at, scale);
  // What is finer, but for zeros, is no whole step; zeros that many are another's to judge.
  sumUnits = steps;
  return end !== 0 && places <= SUM_PLACES ? end : 0;
}
