/**
 * First in, first out, each entry due a constant delay after it was put in, so the order of due times is the order of
 * entry. Entries are pooled objects: `push` hands out one to fill, `shift` returns one that is valid until it is handed
 * out again.
 */
export class DelayQueue<T extends { dueNs: number }> {
  readonly #entries: T[];
  readonly #make: () => T;
  readonly #max: number;
  #head = 0;
  #size = 0;

  /** @param max bound; a full queue throws, because dropping an order or its report would be worse. */
  constructor(make: () => T, max = 65_536) {
    this.#make = make;
    this.#max = max;
    this.#entries = Array.from({ length: 64 }, make);
  }

  get size(): number {
    return this.#size;
  }

  /** Infinity when empty. */
  get nextDueNs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#entries[this.#head] as T).dueNs;
  }

  /** The entry to fill. @throws RangeError when the queue is full. */
  push(dueNs: number): T {
    if (this.#size === this.#entries.length) this.#grow();
    const entry = this.#entries[(this.#head + this.#size) % this.#entries.length] as T;
    this.#size++;
    entry.dueNs = dueNs;
    return entry;
  }

  /** The oldest entry; call only while `size` is above 0. */
  shift(): T {
    const entry = this.#entries[this.#head] as T;
    this.#head = (this.#head + 1) % this.#entries.length;
    this.#size--;
    return entry;
  }

  #grow(): void {
    const length = this.#entries.length;
    if (length >= this.#max) throw new RangeError(`Expected at most ${this.#max} waiting entries, was ${length + 1}`);
    const rotated = [...this.#entries.slice(this.#head), ...this.#entries.slice(0, this.#head)];
    for (let i = 0; i < length; i++) this.#entries[i] = rotated[i] as T;
    for (let i = 0; i < length; i++) this.#entries.push(this.#make());
    this.#head = 0;
  }
}
