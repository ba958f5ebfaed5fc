/**
 * Sum of what happened within the last `windowNs`, kept by adding what comes and taking off what leaves. Summed anew every
 * so often, so that fractions do not drift; whole numbers never do. Nothing is allocated.
 */
export class RollingSum {
  readonly #windowNs: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #mask: number;
  /** Only element: the sum. A field would be a boxed number. */
  readonly #sum = new Float64Array(1);
  #from = 0;
  #count = 0;
  #untilResum: number;

  /**
   * @param capacity values within the window, a power of two; with more of them the oldest leaves early.
   * @throws RangeError naming the option that is no such number.
   */
  constructor(windowNs: number, capacity = 4096) {
    if (!(windowNs > 0)) throw new RangeError(`windowNs: expected more than 0, was ${windowNs}`);
    if (!Number.isInteger(capacity) || capacity < 2 || capacity > 1 << 24 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`capacity: expected a power of two within 2..2^24, was ${capacity}`);
    }
    this.#windowNs = windowNs;
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#mask = capacity - 1;
    this.#untilResum = 4 * capacity;
  }

  /** As of the newest time given. */
  get value(): number {
    return this.#sum[0] as number;
  }
  get count(): number {
    return this.#count;
  }

  /** @param timeNs not before the newest time given. */
  add(timeNs: number, value: number): void {
    this.advance(timeNs);
    if (this.#count > this.#mask) this.#dropOldest();
    const at = (this.#from + this.#count++) & this.#mask;
    this.#times[at] = timeNs;
    this.#values[at] = value;
    this.#sum[0] = (this.#sum[0] as number) + value;
    if (--this.#untilResum === 0) this.#resum();
  }

  /** Lets go what is as old as the window or older. */
  advance(timeNs: number): void {
    const horizonNs = timeNs - this.#windowNs;
    while (this.#count > 0 && (this.#times[this.#from] as number) <= horizonNs) this.#dropOldest();
  }

  clear(): void {
    this.#count = 0;
    this.#sum[0] = 0;
  }

  #dropOldest(): void {
    this.#sum[0] = --this.#count === 0 ? 0 : (this.#sum[0] as number) - (this.#values[this.#from] as number);
    this.#from = (this.#from + 1) & this.#mask;
  }

  #resum(): void {
    let sum = 0;
    for (let i = 0; i < this.#count; i++) sum += this.#values[(this.#from + i) & this.#mask] as number;
    this.#sum[0] = sum;
    this.#untilResum = 4 * (this.#mask + 1);
  }
}
