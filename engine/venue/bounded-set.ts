/** Set that forgets the oldest beyond its bound. Of numbers, `BoundedNumberSet` is quicker. */
export class BoundedSet<T> {
  readonly #limit: number;
  readonly #values = new Set<T>();
  /** In the order of their coming; the next place is that of the oldest. Asking the set for it would step over holes. */
  readonly #ring: T[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when the value was not there. */
  add(value: T): boolean {
    if (this.#values.has(value)) return false;
    if (this.#values.size === this.#limit) this.#values.delete(this.#ring[this.#next] as T);
    this.#values.add(value);
    this.#ring[this.#next] = value;
    this.#next = (this.#next + 1) % this.#limit;
    return true;
  }
}
