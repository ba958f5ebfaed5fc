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
 * Repeats are told by the venue's own id, as two numbers, in a direct-mapped table: the newest trades are remembered,
 * an old one may be forgotten.
 */
export class TradeNumbers {
  readonly #high = new Float64Array(REMEMBERED).fill(-1);
  readonly #low = new Float64Array(REMEMBERED);
  #last = 0;

  /** The trade's number, or -1 when this venue id was seen before. */
  next(timeMs: number, idHigh: number, idLow: number): number {
    const slot = (idHigh * 31 + idLow) % REMEMBERED;
    if (this.#high[slot] === idHigh && this.#low[slot] === idLow) return -1;
    this.#high[slot] = idHigh;
    this.#low[slot] = idLow;
    this.#last = Math.max(this.#last + 1, timeMs * PER_MILLISECOND);
    return this.#last;
  }
}
