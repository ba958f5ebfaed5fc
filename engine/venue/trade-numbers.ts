import { BoundedPairSet } from './bounded-pair-set.ts';

/** Trade numbers per millisecond of venue time. */
const PER_MILLISECOND = 1000;
const REMEMBERED = 4096;

/**
 * Numbers for the trades of one instrument, for venues whose own trade ids a record's f64 cannot hold (UUIDs, 19
 * digits), or whose ids come out of order by more than the engine's window of repeats.
 *
 * A number is the trade's venue time in ms times 1,000, or one more than the number before when that is higher: it
 * rises with arrival, stays below 2^53 until the year 2255, goes on rising over sessions, and the same messages give
 * the same numbers. What it does not say is which trade of the venue it was: that is for the adapter to keep beside.
 *
 * Repeats are told by the venue's own id, as two numbers: the newest {@link REMEMBERED} trades are remembered exactly,
 * whatever their ids hash to, and nothing is allocated a trade.
 */
export class TradeNumbers {
  readonly #seen = new BoundedPairSet(REMEMBERED);
  /** In an array: a field of so large a number would be a new object a trade. */
  readonly #last = new Float64Array(1);

  /** The trade's number, or -1 when this venue id was seen before. @throws RangeError when a part of it is not finite */
  next(timeMs: number, idHigh: number, idLow: number): number {
    if (!this.#seen.add(idHigh, idLow)) return -1;
    const number = Math.max((this.#last[0] as number) + 1, timeMs * PER_MILLISECOND);
    this.#last[0] = number;
    return number;
  }
}
