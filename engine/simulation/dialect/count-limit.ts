/** At most so many events within any span of time. Those refused do not count. */
export class CountLimit {
  readonly #limit: number;
  readonly #spanMs: number;
  readonly #times: number[] = [];

  constructor(limit: number, spanMs: number) {
    this.#limit = limit;
    this.#spanMs = spanMs;
  }

  /** False when this one is too many. */
  take(nowMs: number): boolean {
    this.#forget(nowMs);
    if (this.#times.length >= this.#limit) return false;
    this.#times.push(nowMs);
    return true;
  }

  left(nowMs: number): number {
    this.#forget(nowMs);
    return this.#limit - this.#times.length;
  }

  #forget(nowMs: number): void {
    let old = 0;
    // A clock that was set back must not lock anybody out.
    while (old < this.#times.length && Math.abs(nowMs - (this.#times[old] as number)) >= this.#spanMs) old++;
    if (old > 0) this.#times.splice(0, old);
  }
}
