import { CLOSE_ARRAY, COMMA, OPEN_ARRAY, QUOTE } from './characters';
import { readQuotedSteps, steps } from './decimals';
import { readTime, timeUs } from './levels';
import { MOST_ROWS, PRICE, ROW_VALUES, ROWS, SIZE } from './memory';
import { skipScalar } from './texts';

const LOWER_B: u32 = 98;
const LOWER_S: u32 = 115;

/** How many trades {@link readTrades} read. */
export let tradeCount: i32 = 0;

/**
 * Reads the list `[["price","size","seconds","b", ...], ...]` into rows of ticks, lots, time in us, and 1 where the buyer
 * took, else 0; the position behind it, or 0. Whatever follows in a row is stepped over.
 */
export function readTrades(from: usize): usize {
  tradeCount = 0;
  if (<u32>load<u8>(from) !== OPEN_ARRAY) return 0;
  let at = from + 1;
  if (<u32>load<u8>(at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    if (tradeCount === MOST_ROWS || <u32>load<u8>(at) !== OPEN_ARRAY) return 0;
    const row = ROWS + <usize>(tradeCount * ROW_VALUES * 8);
    at = readQuotedSteps(at + 1, PRICE);
    if (at === 0 || steps === 0 || <u32>load<u8>(at) !== COMMA) return 0;
    store<f64>(row, <f64>(<i64>steps));
    at = readQuotedSteps(at + 1, SIZE);
    if (at === 0 || steps === 0 || <u32>load<u8>(at) !== COMMA) return 0;
    store<f64>(row, <f64>(<i64>steps), 8);
    at = readTime(at + 1);
    if (at === 0 || <u32>load<u8>(at) !== COMMA) return 0;
    store<f64>(row, <f64>timeUs, 16);
    const side = <u32>load<u8>(at, 2);
    if ((side !== LOWER_B && side !== LOWER_S) || <u32>load<u8>(at, 1) !== QUOTE || <u32>load<u8>(at, 3) !== QUOTE) return 0;
    store<f64>(row, side === LOWER_B ? 1 : 0, 24);
    at += 4;
    while (<u32>load<u8>(at) === COMMA) {
      at = skipScalar(at + 1);
      if (at === 0) return 0;
    }
    if (<u32>load<u8>(at) !== CLOSE_ARRAY) return 0;
    tradeCount++;
    const next = <u32>load<u8>(at, 1);
    at += 2;
    if (next === COMMA) continue;
    return next === CLOSE_ARRAY ? at : 0;
  }
}
