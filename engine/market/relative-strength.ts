import { expectPeriod } from './period.ts';

const LAST = 0;
const GAIN = 1;
const LOSS = 2;

/**
 * Relative strength index after Wilder: average gain and loss over the first `period` changes, then smoothed with weight
 * 1 / period. Between 0 and 100; 100 when nothing was lost.
 */
export class RelativeStrength {
  readonly #period: number;
  readonly #state = new Float64Array(3);
  /** Values so far, up to one more than the period. */
  #count = 0;

  /** @throws RangeError when the period is no integer from 1. */
  constructor(period = 14) {
    this.#period = expectPeriod(period);
  }

  get valid(): boolean {
    return this.#count > this.#period;
  }
  /** 0 before `period` changes came. */
  get value(): number {
    if (this.#count <= this.#period) return 0;
    const gain = this.#state[GAIN] as number;
    const loss = this.#state[LOSS] as number;
    return loss === 0 ? 100 : (100 * gain) / (gain + loss);
  }

  add(value: number): void {
    const state = this.#state;
    const period = this.#period;
    const change = value - (state[LAST] as number);
    state[LAST] = value;
    const gain = Math.max(0, change);
    const loss = Math.max(0, -change);
    if (this.#count > period) {
      state[GAIN] = ((state[GAIN] as number) * (period - 1) + gain) / period;
      state[LOSS] = ((state[LOSS] as number) * (period - 1) + loss) / period;
    } else if (this.#count++ > 0) {
      state[GAIN] = (state[GAIN] as number) + gain / period;
      state[LOSS] = (state[LOSS] as number) + loss / period;
    }
  }

  clear(): void {
    this.#count = 0;
    this.#state.fill(0);
  }
}
