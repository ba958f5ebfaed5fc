import { CLOSE_ARRAY, COMMA, CLOSE_OBJECT, OPEN_ARRAY } from './characters';
import { places, readNumberSteps, readSummand, steps, SUM_SCALE, sumUnits } from './decimals';
import { storeLevel } from './levels';
import { HALF_OF_LEVELS, PRICE, SIZE } from './memory';
import { ENTRY_BYTES, isText, LENGTH } from './texts';

/** Numbers that {@link readUnits} gives. */
const ASKS: usize = 0;
const BIDS: usize = 8;
const ASK_SUM: usize = 16;
const BID_SUM: usize = 32;
/** A sum that may not grow further: the next number could wrap it round. */
const MOST_SUM: u64 = 1 << 62;
/** Where a number is expected behind a text that is not there: there is none. */
const NOWHERE: usize = 0;

/**
 * Reads a list of objects that hold an ask and a bid each, from the best on, a side that has ended with price and size 0.
 * Asks become the levels from 0 on, bids those from half of all; their counts, and the sums of their sizes as wholes and
 * units of 1e-8, go to `out`.
 * @param texts what stands before the four numbers: price of the ask, of the bid, size of the ask, of the bid.
 */
export function readUnits(from: usize, texts: usize, out: usize): usize {
  if (<u32>load<u8>(from) !== OPEN_ARRAY) return 0;
  let at = from;
  let asks = 0;
  let bids = 0;
  let lastAsk: u64 = 0;
  let lastBid: u64 = u64.MAX_VALUE;
  let askSum: u64 = 0;
  let bidSum: u64 = 0;
  do {
    at = readNumberSteps(behind(at + 1, texts), PRICE);
    const askTicks = steps;
    const askPlaces = places;
    if (at === 0) return 0;
    at = readNumberSteps(behind(at, texts + ENTRY_BYTES), PRICE);
    const bidTicks = steps;
    const bidPlaces = places;
    if (at === 0) return 0;
    at = readSummand(behind(at, texts + 2 * ENTRY_BYTES), SIZE);
    const askLots = steps;
    const askSizePlaces = places;
    if (at === 0) return 0;
    askSum += sumUnits;
    at = readSummand(behind(at, texts + 3 * ENTRY_BYTES), SIZE);
    const bidLots = steps;
    if (at === 0 || <u32>load<u8>(at) !== CLOSE_OBJECT) return 0;
    bidSum += sumUnits;
    if ((askSum | bidSum) >= MOST_SUM) return 0;
    if (askTicks !== 0) {
      if (askTicks <= lastAsk || asks === HALF_OF_LEVELS) return 0;
      lastAsk = askTicks;
      storeLevel(asks++, askTicks, askLots, askPlaces, askSizePlaces);
    } else if (askLots !== 0) return 0;
    if (bidTicks !== 0) {
      if (bidTicks >= lastBid || bids === HALF_OF_LEVELS) return 0;
      lastBid = bidTicks;
      storeLevel(HALF_OF_LEVELS + bids++, bidTicks, bidLots, bidPlaces, places);
    } else if (bidLots !== 0) return 0;
    at++;
  } while (<u32>load<u8>(at) === COMMA);
  if (<u32>load<u8>(at) !== CLOSE_ARRAY) return 0;
  store<f64>(out, <f64>asks, ASKS);
  store<f64>(out, <f64>bids, BIDS);
  storeSum(out + ASK_SUM, askSum);
  storeSum(out + BID_SUM, bidSum);
  return at + 1;
}

/** Wholes and units of 1e-8. */
export function storeSum(out: usize, sum: u64): void {
  const whole = sum / SUM_SCALE;
  store<f64>(out, <f64>(<i64>whole));
  store<f64>(out, <f64>(<i64>(sum - whole * SUM_SCALE)), 8);
}

function behind(at: usize, text: usize): usize {
  const length = load<i32>(text, LENGTH);
  return isText(at, text, length) ? at + length : NOWHERE;
}
