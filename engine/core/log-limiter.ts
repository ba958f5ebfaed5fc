/**
 * At most one line an interval for something that may happen a million times: the first at once, then a line that says how
 * many there were since, with the newest text. Pure: the caller gives the time and writes what it is given back.
 */
export class LogLimiter {
  readonly #intervalNs: number;
  #lastNs = Number.NEGATIVE_INFINITY;
  #suppressed = 0;
  #newest = '';

  constructor(intervalNs = 1e9) {
    this.#intervalNs = intervalNs;
  }

  /** The line to write now, or undefined while it is too soon; what is left out is counted. */
  line(text: string, nowNs: number): string | undefined {
    if (nowNs - this.#lastNs < this.#intervalNs) {
      this.#suppressed++;
      this.#newest = text;
      return undefined;
    }
    const more = this.#suppressed === 0 ? '' : ` (and ${this.#suppressed} more before)`;
    this.#lastNs = nowNs;
    this.#suppressed = 0;
    return text + more;
  }

  /** What was held back, once the interval is over: call it now and then, so that the end of a burst is told too. */
  rest(nowNs: number): string | undefined {
    if (this.#suppressed === 0 || nowNs - this.#lastNs < this.#intervalNs) return undefined;
    const count = this.#suppressed;
    this.#lastNs = nowNs;
    this.#suppressed = 0;
    return count === 1 ? this.#newest : `${this.#newest} (${count} such lines)`;
  }
}
