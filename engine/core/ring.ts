/**
 * Bounded first-in-first-out queue of rows of `fields` numbers in one typed array. When full, a push overwrites the
 * oldest row and counts it as dropped. Nothing is allocated after construction.
 */
export class RowRing {
  readonly fields: number;
  readonly capacity: number;
  readonly #rows: Float64Array;
  #head = 0;
  #size = 0;
  #dropped = 0;

  /** @throws RangeError when either number is not a positive integer. */
  constructor(capacity: number, fields: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`Expected a capacity >= 1, was ${capacity}`);
    if (!Number.isInteger(fields) || fields < 1) throw new RangeError(`Expected fields >= 1, was ${fields}`);
    this.capacity = capacity;
    this.fields = fields;
    this.#rows = new Float64Array(capacity * fields);
  }

  get size(): number {
    return this.#size;
  }
  /** Rows overwritten before anyone took them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a row; write its `fields` numbers into {@link rows} from the returned offset. */
  push(): number {
    const slot = (this.#head + this.#size) % this.capacity;
    if (this.#size === this.capacity) {
      this.#head = (this.#head + 1) % this.capacity;
      this.#dropped++;
    } else {
      this.#size++;
    }
    return slot * this.fields;
  }

  /** The storage behind the offsets of {@link push} and {@link offsetAt}. */
  get rows(): Float64Array {
    return this.#rows;
  }

  /** Offset of the i-th oldest row. @throws RangeError outside 0..size-1. */
  offsetAt(i: number): number {
    if (!(i >= 0 && i < this.#size)) throw new RangeError(`Expected a row within 0..${this.#size - 1}, was ${i}`);
    return ((this.#head + i) % this.capacity) * this.fields;
  }

  /** Removes the `count` oldest rows (all when there are fewer). */
  shift(count = 1): void {
    const n = Math.min(count, this.#size);
    this.#head = (this.#head + n) % this.capacity;
    this.#size -= n;
  }

  /** Moves rows, oldest first, as many as fit, to `out` from `at`; returns how many. */
  drainTo(out: Float64Array, at: number, maxRows = this.#size): number {
    const count = Math.min(maxRows, this.#size, Math.floor((out.length - at) / this.fields));
    for (let i = 0; i < count; i++) {
      const from = ((this.#head + i) % this.capacity) * this.fields;
      for (let f = 0; f < this.fields; f++) out[at + i * this.fields + f] = this.#rows[from + f] as number;
    }
    this.shift(count);
    return count;
  }

  clear(): void {
    this.#head = 0;
    this.#size = 0;
    this.#dropped = 0;
  }
}
