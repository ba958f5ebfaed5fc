import { CLOSE_ARRAY, COMMA, OPEN_ARRAY, POINT, QUOTE } from './characters';
import { places, readSteps, steps } from './decimals';
import { countDigits, eightDigits, ZEROS } from './digits';
import { LEVELS, MOST_LEVELS, PLACES, PRICE, SIZE } from './memory';

/** What the rows of a list of levels have behind price and size. */
export const ROWS_OF_TWO: i32 = 0;
/** More whole numbers, of up to seven digits, in quotes. */
export const ROWS_WITH_COUNTS: i32 = 1;
/** A time in seconds, and `"r"` where the level was sent again. */
export const ROWS_WITH_TIME: i32 = 2;

/** Levels of the message so far. */
export let levelCount: i32 = 0;
/** us since the epoch: the newest time of a level, and the oldest of those not sent again; 0 without any. */
export let newestUs: i64 = 0;
export let oldestUs: i64 = 0;
/** The time that {@link readTime} read last. */
export let timeUs: i64 = 0;

export function clearLevels(): void {
  levelCount = 0;
  newestUs = 0;
  oldestUs = 0;
}

/** Keeps a level at an index. */
export function storeLevel(index: i32, ticks: u64, lots: u64, pricePlaces: i32, sizePlaces: i32): void {
  const pair = LEVELS + ((<usize>index) << 4);
  store<f64>(pair, <f64>(<i64>ticks));
  store<f64>(pair, <f64>(<i64>lots), 8);
  store<u16>(PLACES + ((<usize>index) << 1), <u16>(pricePlaces | (sizePlaces << 8)));
}

/** Appends the levels of the list `[["price","size", ...], ...]`; the position behind it, or 0. Prices are above 0. */
export function readLevels(from: usize, form: i32): usize {
  if (<u32>load<u8>(from) !== OPEN_ARRAY) return 0;
  let at = from + 1;
  if (<u32>load<u8>(at) === CLOSE_ARRAY) return at + 1;
  let count = levelCount;
  for (;;) {
    // ["
    if (load<u16>(at) !== 0x225b || count === MOST_LEVELS) return 0;
    at = readSteps(at + 2, PRICE);
    const ticks = steps;
    const pricePlaces = places;
    // ","
    if (at === 0 || ticks === 0 || (load<u32>(at) & 0xffffff) !== 0x222c22) return 0;
    at = readSteps(at + 3, SIZE);
    if (at === 0 || <u32>load<u8>(at) !== QUOTE) return 0;
    storeLevel(count++, ticks, steps, pricePlaces, places);
    at++;
    if (form !== ROWS_OF_TWO) {
      at = form === ROWS_WITH_COUNTS ? skipCounts(at) : readLevelTime(at);
      if (at === 0) return 0;
    }
    // ],
    const next = load<u16>(at);
    at += 2;
    if (next === 0x2c5d) continue;
    levelCount = count;
    return next === 0x5d5d ? at : 0;
  }
}

function skipCounts(from: usize): usize {
  let at = from;
  while (load<u16>(at) === 0x222c) {
    at += 2;
    at += countDigits(load<u64>(at) ^ ZEROS);
    if (<u32>load<u8>(at++) !== QUOTE) return 0;
  }
  return at;
}

function readLevelTime(from: usize): usize {
  if (<u32>load<u8>(from) !== COMMA) return 0;
  const at = readTime(from + 1);
  if (at === 0) return 0;
  if (timeUs > newestUs) newestUs = timeUs;
  // ,"r"
  if (load<u32>(at) === 0x2272222c) return at + 4;
  if (oldestUs === 0 || timeUs < oldestUs) oldestUs = timeUs;
  return at;
}

/** us of `"1618678133.365913"` into {@link timeUs}; the position behind, or 0. */
export function readTime(at: usize): usize {
  const high = load<u64>(at, 1) ^ ZEROS;
  // The last two digits of the seconds, and six behind the point.
  const seconds = <u64>load<u16>(at, 9);
  const low = ((load<u64>(at, 12) << 16) | seconds) ^ ZEROS;
  const isTime =
    <u32>load<u8>(at) === QUOTE &&
    <u32>load<u8>(at, 11) === POINT &&
    <u32>load<u8>(at, 18) === QUOTE &&
    countDigits(high) === 8 &&
    countDigits(low) === 8;
  if (!isTime) return 0;
  timeUs = <i64>(eightDigits(high) * 100000000 + eightDigits(low));
  return at + 19;
}
