/**
 * Remembers which of the newest trade ids were seen, so that a trade that comes twice (a reconnect, a replayed page)
 * counts once. A bit per id in a ring; ids older than the window are taken for repeats.
 */
export class TradeIdWindow {
  readonly #width: number;
  readonly #bits: Int32Array;
  #newest = 0;
  #empty = true;

  /** @param width ids remembered: a power of two, at least 32. */
  constructor(width = 65_536) {
    if (!Number.isInteger(width) || width < 32 || width > 1 << 30 || (width & (width - 1)) !== 0) {
      throw new RangeError(`Expected a power of two within 32..2^30, was ${width}`);
    }
    this.#width = width;
    this.#bits = new Int32Array(width >> 5);
  }

  /** True the first time an id is shown. Ids must be non-negative integers. */
  add(id: number): boolean {
    if (this.#empty) {
      this.#empty = false;
      this.#newest = id;
    } else if (id > this.#newest) {
      this.#forgetUpTo(id);
      this.#newest = id;
    } else if (this.#newest - id >= this.#width) {
      return false;
    }
    const slot = id % this.#width;
    const word = slot >> 5;
    const bit = 1 << (slot & 31);
    const bits = this.#bits[word] as number;
    if ((bits & bit) !== 0) return false;
    this.#bits[word] = bits | bit;
    return true;
  }

  clear(): void {
    this.#bits.fill(0);
    this.#empty = true;
  }

  /** Frees the slots of the ids newer than the newest, up to `id`: whole words, for ids made of times leave wide gaps. */
  #forgetUpTo(id: number): void {
    const bits = this.#bits;
    const count = id - this.#newest;
    if (count >= this.#width) {
      bits.fill(0);
      return;
    }
    const from = (this.#newest + 1) % this.#width;
    const end = from + count;
    this.#forget(from, Math.min(end, this.#width));
    if (end > this.#width) this.#forget(0, end - this.#width);
  }

  /** Clears the bits `[from, to)`. */
  #forget(from: number, to: number): void {
    const bits = this.#bits;
    const first = from >> 5;
    const last = to >> 5;
    const below = (1 << (from & 31)) - 1;
    const above = -1 << (to & 31);
    if (first === last) {
      bits[first] = (bits[first] as number) & (below | above);
      return;
    }
    bits[first] = (bits[first] as number) & below;
    bits.fill(0, first + 1, last);
    if ((to & 31) !== 0) bits[last] = (bits[last] as number) & above;
  }
}
