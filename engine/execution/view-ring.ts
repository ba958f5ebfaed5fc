/** The newest `capacity` entries of a log kept for the screen. */
export class ViewRing<T> {
  readonly #entries: T[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(entry: T): void {
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#next = 0;
  }

  /** Oldest first. */
  toArray(): T[] {
    if (this.#entries.length < this.#capacity) return [...this.#entries];
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }

  /** Keeps only the entries that match, in their order. */
  filter(matches: (entry: T) => boolean): void {
    const kept = this.toArray().filter(matches);
    this.clear();
    for (const entry of kept) this.push(entry);
  }

  some(matches: (entry: T) => boolean): boolean {
    return this.#entries.some(matches);
  }
}
