/** Set that forgets the oldest beyond its bound. */
export class BoundedSet<T> {
  readonly #limit: number;
  readonly #values = new Set<T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when the value was not there. */
  add(value: T): boolean {
    if (this.#values.has(value)) return false;
    this.#values.add(value);
    if (this.#values.size > this.#limit) {
      for (const oldest of this.#values) {
        this.#values.delete(oldest);
        break;
      }
    }
    return true;
  }
}
