/** Eight bytes xor this are below ten where they were digits. */
export const ZEROS: u64 = 0x3030303030303030;
const POWERS_OF_TEN = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
]);
/** The most digits of a number, and decimals of a step. */
export const MOST_DIGITS: i32 = 18;
export const MOST_STEPS: u64 = 0x1fffffffffffff;

const MOST_WHOLE = memory.data<u64>([
  9007199254740991, 900719925474099, 90071992547409, 9007199254740, 900719925474, 90071992547, 9007199254, 900719925,
  90071992, 9007199, 900719, 90071, 9007, 900, 90, 9, 0, 0, 0,
]);

/** The number that {@link readDigits} read last. */
export let number: u64 = 0;

/** 10^exponent, up to 18. */
export function powerOfTen(exponent: i32): u64 {
  return load<u64>(POWERS_OF_TEN + ((<usize>exponent) << 3));
}

/** The most wholes that are less than 2^53 of so many decimals. */
export function mostWhole(decimals: i32): u64 {
  return load<u64>(MOST_WHOLE + ((<usize>decimals) << 3));
}

/** How many of eight bytes, each xor `0`, are digits before the first that is none. */
export function countDigits(bytes: u64): i32 {
  return <i32>(ctz(strangers(bytes)) >> 3);
}

/** The highest bits of those of eight bytes, each xor `0`, that are no digits. Behind one that is no ASCII they may be wrong. */
export function strangers(bytes: u64): u64 {
  return ((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080;
}

/** Eight digits, the first in the lowest byte, as a number: pairs, then pairs of pairs, then both halves at once. */
export function eightDigits(digits: u64): u64 {
  const pairs = digits * 10 + (digits >> 8);
  return ((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/** The first `count` of eight digits as a number; `count` from 1. */
export function firstDigits(digits: u64, count: i32): u64 {
  return eightDigits(digits << (64 - (count << 3)));
}

/** Reads digits into {@link number}; the position behind them: `at` where there are none, 0 where they are too many. */
export function readDigits(at: usize): usize {
  let digits = load<u64>(at) ^ ZEROS;
  let count = countDigits(digits);
  if (count < 8) {
    number = count === 0 ? 0 : firstDigits(digits, count);
    return at + count;
  }
  const high = eightDigits(digits);
  digits = load<u64>(at, 8) ^ ZEROS;
  count = countDigits(digits);
  if (count < 8) {
    number = count === 0 ? high : high * powerOfTen(count) + firstDigits(digits, count);
    return at + 8 + count;
  }
  const both = high * 100000000 + eightDigits(digits);
  digits = load<u64>(at, 16) ^ ZEROS;
  count = countDigits(digits);
  if (count > MOST_DIGITS - 16) return 0;
  number = count === 0 ? both : both * powerOfTen(count) + firstDigits(digits, count);
  return at + 16 + count;
}

/** As {@link readDigits}: a whole number from 0 to 2^53 - 1 without a leading zero; else 0. */
export function readInteger(at: usize): usize {
  const end = readDigits(at);
  const count = <i32>(end - at);
  if (count <= 0 || number > MOST_STEPS || (count > 1 && load<u8>(at) === 48)) return 0;
  return end;
}
