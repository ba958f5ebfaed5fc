/** Below this share of the slots is used, whatever the limit: probes stay short. */
const SLOTS_PER_PAIR = 4;
const FREE = -1;

/**
 * Set of pairs of finite numbers that forgets the oldest beyond its bound; 0 and -0 are the same number. Preallocated,
 * nothing is allocated a call; as `BoundedNumberSet`, but a slot holds the place in the ring of what lies there, so that
 * both numbers are compared exactly whatever their hashes are.
 */
export class BoundedPairSet {
  readonly #limit: number;
  /** Open addressing with linear probing: places in the ring, or {@link FREE}. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** The pairs in the order of their coming; the next place is that of the oldest. */
  readonly #highs: Float64Array;
  readonly #lows: Float64Array;
  readonly #hashes: Int32Array;
  /** For hashing: the words of both numbers. */
  readonly #pair = new Float64Array(2);
  readonly #words = new Int32Array(this.#pair.buffer);
  #next = 0;
  #size = 0;

  /** @throws RangeError unless the limit is a whole number from 1 to 2^24 */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1 || limit > 1 << 24) {
      throw new RangeError(`limit: expected a whole number from 1 to ${1 << 24}, was ${limit}`);
    }
    this.#limit = limit;
    const slots = 2 ** Math.ceil(Math.log2(limit * SLOTS_PER_PAIR));
    this.#slots = new Int32Array(slots).fill(FREE);
    this.#mask = slots - 1;
    this.#highs = new Float64Array(limit);
    this.#lows = new Float64Array(limit);
    this.#hashes = new Int32Array(limit);
  }

  get size(): number {
    return this.#size;
  }

  /** True when the pair was not there. @throws RangeError when one of them is not finite */
  add(high: number, low: number): boolean {
    if (!Number.isFinite(high) || !Number.isFinite(low)) {
      throw new RangeError(`Expected finite numbers, was ${high} and ${low}`);
    }
    const hash = this.#hash(high, low);
    if (this.#slots[this.#find(hash, high, low)] !== FREE) return false;
    const place = this.#next;
    if (this.#size === this.#limit) this.#remove(place);
    else this.#size++;
    // Anew: the removal may have moved the end of its run.
    this.#slots[this.#find(hash, high, low)] = place;
    this.#highs[place] = high;
    this.#lows[place] = low;
    this.#hashes[place] = hash;
    this.#next = place + 1 === this.#limit ? 0 : place + 1;
    return true;
  }

  /** Slot where the pair is, or would go. */
  #find(hash: number, high: number, low: number): number {
    let at = hash & this.#mask;
    for (;;) {
      const place = this.#slots[at] as number;
      if (place === FREE || (this.#highs[place] === high && this.#lows[place] === low)) return at;
      at = (at + 1) & this.#mask;
    }
  }

  /** Frees the slot of a place and moves up those behind it that were pushed past it. */
  #remove(place: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = (this.#hashes[place] as number) & mask;
    while (slots[hole] !== place) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const there = slots[at] as number;
      if (there === FREE) break;
      // It may move where the hole lies on its way from home.
      const home = (this.#hashes[there] as number) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        slots[hole] = there;
        hole = at;
      }
    }
    slots[hole] = FREE;
  }

  #hash(high: number, low: number): number {
    // Plus 0: -0 becomes 0.
    this.#pair[0] = high + 0;
    this.#pair[1] = low + 0;
    const words = this.#words;
    let hash = 0;
    for (let i = 0; i < 4; i++) {
      hash = Math.imul(hash ^ (words[i] as number), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return hash ^ (hash >>> 13);
  }
}
