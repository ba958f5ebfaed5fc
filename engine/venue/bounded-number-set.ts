/** Below this share of the slots is used, whatever the limit: probes stay short. */
const SLOTS_PER_VALUE = 4;

/**
 * Set of finite numbers that forgets the oldest beyond its bound. Preallocated, every call takes a few steps: a `Set` that
 * loses its oldest value steps over the holes in front at each one, and stands still for milliseconds when it is packed
 * anew, in the middle of an order's way.
 */
export class BoundedNumberSet {
  readonly #limit: number;
  /** Open addressing with linear probing; NaN is free. */
  readonly #slots: Float64Array;
  readonly #mask: number;
  /** The values in the order of their coming; the next place is that of the oldest. */
  readonly #ring: Float64Array;
  #next = 0;
  #size = 0;

  /** @throws RangeError unless the limit is a whole number from 1 to 2^24 */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1 || limit > 1 << 24) {
      throw new RangeError(`limit: expected a whole number from 1 to ${1 << 24}, was ${limit}`);
    }
    this.#limit = limit;
    const slots = 2 ** Math.ceil(Math.log2(limit * SLOTS_PER_VALUE));
    this.#slots = new Float64Array(slots).fill(Number.NaN);
    this.#mask = slots - 1;
    this.#ring = new Float64Array(limit);
  }

  get size(): number {
    return this.#size;
  }

  has(value: number): boolean {
    return this.#slots[this.#find(value)] === value;
  }

  /** True when the value was not there. @throws RangeError when it is not finite */
  add(value: number): boolean {
    if (!Number.isFinite(value)) throw new RangeError(`Expected a finite number, was ${value}`);
    if (this.has(value)) return false;
    if (this.#size === this.#limit) this.#remove(this.#ring[this.#next] as number);
    else this.#size++;
    this.#slots[this.#find(value)] = value;
    this.#ring[this.#next] = value;
    this.#next = this.#next + 1 === this.#limit ? 0 : this.#next + 1;
    return true;
  }

  /** Where the value is, or would go. */
  #find(value: number): number {
    const slots = this.#slots;
    let at = this.#home(value);
    for (;;) {
      const there = slots[at] as number;
      if (there === value || Number.isNaN(there)) return at;
      at = (at + 1) & this.#mask;
    }
  }

  /** Frees the slot and moves up those behind it that were pushed past it. */
  #remove(value: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = this.#find(value);
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const there = slots[at] as number;
      if (Number.isNaN(there)) break;
      // It may move where the hole lies on its way from home.
      if (((at - this.#home(there)) & mask) >= ((at - hole) & mask)) {
        slots[hole] = there;
        hole = at;
      }
    }
    slots[hole] = Number.NaN;
  }

  #home(value: number): number {
    // Both halves of the number count: ids of a venue differ in their low bits, or by a large factor.
    const high = Math.floor(value / 4294967296) | 0;
    let hash = Math.imul((value | 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    return (Math.imul(hash, 0xc2b2ae35) >>> 7) & this.#mask;
  }
}
