import { expectPeriod } from './period.ts';

const SUM = 0;
const SQUARES = 1;
const BASE = 2;
/** Additions after which the sums are taken anew: often enough for nine digits, seldom enough to cost nothing. */
const RESUM_AFTER = 1024;

/**
 * Mean and standard deviation (of the population) of the last `period` values: Bollinger bands are the mean and so many
 * deviations to both sides. Kept as sums of differences to a base near the values, taken anew every
 * {@link RESUM_AFTER} values against drift.
 */
export class RollingDeviation {
  readonly #period: number;
  readonly #values: Float64Array;
  readonly #state = new Float64Array(3);
  #at = 0;
  #count = 0;
  #untilResum = RESUM_AFTER;

  /** @throws RangeError when the period is no integer from 2. */
  constructor(period = 20) {
    this.#period = expectPeriod(period, 2);
    this.#values = new Float64Array(period);
  }

  get valid(): boolean {
    return this.#count === this.#period;
  }
  /** Of the values so far while they are fewer than the period; 0 without any. */
  get mean(): number {
    return this.#count === 0 ? 0 : (this.#state[BASE] as number) + (this.#state[SUM] as number) / this.#count;
  }
  get deviation(): number {
    const count = this.#count;
    if (count === 0) return 0;
    const mean = (this.#state[SUM] as number) / count;
    return Math.sqrt(Math.max(0, (this.#state[SQUARES] as number) / count - mean * mean));
  }
  /** So many deviations above the mean; below with a negative number. */
  band(deviations: number): number {
    return this.mean + deviations * this.deviation;
  }

  add(value: number): void {
    const state = this.#state;
    const values = this.#values;
    const at = this.#at;
    if (this.#count === 0) state[BASE] = value;
    const base = state[BASE] as number;
    const added = value - base;
    if (this.#count === this.#period) {
      const gone = (values[at] as number) - base;
      state[SUM] = (state[SUM] as number) + added - gone;
      state[SQUARES] = (state[SQUARES] as number) + added * added - gone * gone;
    } else {
      this.#count++;
      state[SUM] = (state[SUM] as number) + added;
      state[SQUARES] = (state[SQUARES] as number) + added * added;
    }
    values[at] = value;
    this.#at = at + 1 === this.#period ? 0 : at + 1;
    if (--this.#untilResum === 0) this.#resum();
  }

  clear(): void {
    this.#at = this.#count = 0;
    this.#state.fill(0);
    this.#untilResum = RESUM_AFTER;
  }

  #resum(): void {
    const state = this.#state;
    const base = this.mean;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < this.#count; i++) {
      const difference = (this.#values[i] as number) - base;
      sum += difference;
      squares += difference * difference;
    }
    state[BASE] = base;
    state[SUM] = sum;
    state[SQUARES] = squares;
    this.#untilResum = RESUM_AFTER;
  }
}
