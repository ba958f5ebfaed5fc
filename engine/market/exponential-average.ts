import { expectPeriod } from './period.ts';

/**
 * Exponential moving average with weight 2 / (period + 1) for each new value; starts at the first. Valid once `period`
 * values came; equal, from a few periods on, to averages that start otherwise.
 */
export class ExponentialAverage {
  readonly #period: number;
  readonly #weight: number;
  readonly #value = new Float64Array(1);
  #count = 0;

  /** @throws RangeError when the period is no integer from 1. */
  constructor(period: number) {
    this.#period = expectPeriod(period);
    this.#weight = 2 / (period + 1);
  }

  get valid(): boolean {
    return this.#count === this.#period;
  }
  /** 0 before the first value. */
  get value(): number {
    return this.#value[0] as number;
  }

  add(value: number): void {
    const state = this.#value;
    if (this.#count < this.#period && this.#count++ === 0) {
      state[0] = value;
      return;
    }
    state[0] = value * this.#weight + (state[0] as number) * (1 - this.#weight);
  }

  clear(): void {
    this.#count = 0;
    this.#value[0] = 0;
  }
}
