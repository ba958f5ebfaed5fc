/** At most `count` in any `perMs`. */
export interface RateRule {
  count: number;
  perMs: number;
}

/** Sliding windows over what was sent: exact, where a bucket that refills would let twice the count through at once. */
export class RateWindow {
  readonly #rules: readonly RateRule[];
  /** By rule: the newest `count` times, a ring. */
  readonly #times: Float64Array[];
  readonly #next: number[];

  constructor(rules: readonly RateRule[]) {
    this.#rules = rules;
    this.#times = rules.map(({ count }) => new Float64Array(count).fill(Number.NEGATIVE_INFINITY));
    this.#next = rules.map(() => 0);
  }

  /** ms until one more may go; 0: now. */
  waitMs(nowMs: number): number {
    let waitMs = 0;
    for (let i = 0; i < this.#rules.length; i++) {
      const oldest = (this.#times[i] as Float64Array)[this.#next[i] as number] as number;
      waitMs = Math.max(waitMs, oldest + (this.#rules[i] as RateRule).perMs - nowMs);
    }
    return waitMs;
  }

  /** Notes that one went. */
  take(nowMs: number): void {
    for (let i = 0; i < this.#rules.length; i++) {
      const times = this.#times[i] as Float64Array;
      times[this.#next[i] as number] = nowMs;
      this.#next[i] = ((this.#next[i] as number) + 1) % times.length;
    }
  }
}
