/** Orders whose time of sending is remembered. */
const SLOTS = 16_384;

/** Engine time at which orders left, by order number; the newest are kept. Numbers rise by one, so each has its place. */
export class SentTimes {
  readonly #numbers = new Float64Array(SLOTS);
  readonly #timesNs = new Float64Array(SLOTS);

  remember(orderNumber: number, timeNs: number): void {
    const at = orderNumber % SLOTS;
    this.#numbers[at] = orderNumber;
    this.#timesNs[at] = timeNs;
  }

  /** Undefined when it is not known (any more). */
  of(orderNumber: number): number | undefined {
    const at = orderNumber % SLOTS;
    return this.#numbers[at] === orderNumber ? this.#timesNs[at] : undefined;
  }

  forget(orderNumber: number): void {
    const at = orderNumber % SLOTS;
    if (this.#numbers[at] === orderNumber) this.#numbers[at] = 0;
  }
}
