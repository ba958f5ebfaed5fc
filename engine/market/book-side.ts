/**
 * One side of a book, addressed by key: a tick times +1 for bids and -1 for asks, so that the best level of either side
 * is the one with the highest key.
 *
 * Levels near the touch live in a dense window of sizes addressed modulo its width (0: no level there), with a two-level
 * bitmap to find the next level; sliding the window moves no sizes, and changing a level's size touches nothing else. Everything below the window is the tail: a key-sorted array pair
 * with free room at both ends. Nothing is ever above the window, so levels that leave it at the bottom are appended to
 * the tail's top end and come back from there: a slide costs the levels it moves, not the levels there are.
 */
export class BookSide {
  readonly #width: number;
  readonly #mask: number;
  readonly #sizes: Float64Array;
  /** Bit per window slot, and bit per word of those. */
  readonly #bits: Int32Array;
  readonly #wordBits: Int32Array;
  /** Lowest key of the window; meaningful while the side is not empty. */
  #low = 0;
  #windowCount = 0;
  #bestKey = 0;

  #tailKeys: Float64Array;
  #tailSizes: Float64Array;
  #tailStart: number;
  #tailEnd: number;
  readonly #maxTailLevels: number;
  #droppedLevels = 0;
  #movedLevels = 0;

  /** @param width window in ticks: a power of two, at least 64. */
  constructor(width: number, maxTailLevels: number) {
    if (!Number.isInteger(width) || width < 64 || width > 1 << 24 || (width & (width - 1)) !== 0) {
      throw new RangeError(`Expected a window of a power of two within 64..2^24 ticks, was ${width}`);
    }
    this.#width = width;
    this.#mask = width - 1;
    this.#sizes = new Float64Array(width);
    this.#bits = new Int32Array(width >> 5);
    this.#wordBits = new Int32Array(Math.max(1, width >> 10));
    this.#tailKeys = new Float64Array(256);
    this.#tailSizes = new Float64Array(256);
    this.#tailStart = 128;
    this.#tailEnd = 128;
    this.#maxTailLevels = maxTailLevels;
  }

  get count(): number {
    return this.#windowCount + this.#tailEnd - this.#tailStart;
  }
  /** No level at all: the tail is pulled in when the last window level goes. */
  get isEmpty(): boolean {
    return this.#windowCount === 0;
  }
  /** Key of the best level; meaningless while empty. */
  get bestKey(): number {
    return this.#bestKey;
  }
  get bestSize(): number {
    return this.#windowCount === 0 ? 0 : (this.#sizes[this.#bestKey & this.#mask] as number);
  }
  /** Farthest levels forgotten because the tail was full. */
  get droppedLevels(): number {
    return this.#droppedLevels;
  }

  /** Levels that slides of the window have carried between window and tail. */
  get movedLevels(): number {
    return this.#movedLevels;
  }

  /** Costs the levels there are, hardly the width of the window. */
  clear(): void {
    for (let group = 0; this.#windowCount > 0; group++) {
      for (let words = this.#wordBits[group] as number; words !== 0; words &= words - 1) {
        const word = (group << 5) | lowestBit(words);
        for (let bits = this.#bits[word] as number; bits !== 0; bits &= bits - 1) {
          this.#sizes[(word << 5) | lowestBit(bits)] = 0;
          this.#windowCount--;
        }
        this.#bits[word] = 0;
      }
      this.#wordBits[group] = 0;
    }
    this.#tailStart = this.#tailEnd = this.#tailKeys.length >> 1;
  }

  /** Sets the absolute size at a key; 0 removes. */
  set(key: number, size: number): void {
    if (this.#windowCount > 0) {
      const depth = key - this.#low;
      if (depth >= 0) {
        if (depth >= this.#width) {
          if (!(size > 0)) return;
          this.#slideUpTo(key);
        }
        const slot = key & this.#mask;
        const sizes = this.#sizes;
        const old = sizes[slot] as number;
        if (size > 0) {
          sizes[slot] = size;
          if (old === 0) this.#added(key, slot);
        } else if (old > 0) {
          sizes[slot] = 0;
          this.#clearBit(slot);
          if (key === this.#bestKey) this.#bestRemoved();
        }
        return;
      }
      if (size > 0) this.#insertInTail(key, size);
      else this.#removeInTail(key);
      return;
    }
    if (size > 0) {
      this.#low = this.#lowFor(key);
      this.#sizes[key & this.#mask] = size;
      this.#added(key, key & this.#mask);
    }
  }

  sizeAt(key: number): number {
    if (this.#windowCount === 0) return 0;
    const depth = key - this.#low;
    if (depth >= 0) {
      if (depth >= this.#width) return 0;
      return this.#sizes[key & this.#mask] as number;
    }
    const at = this.#searchTail(key);
    return at < this.#tailEnd && this.#tailKeys[at] === key ? (this.#tailSizes[at] as number) : 0;
  }

  /** Copies up to `n` best levels; prices are keys times `sign`. Returns how many. */
  copyTop(n: number, sign: number, outPrices: Float64Array, outSizes: Float64Array): number {
    const wanted = Math.min(n, this.count, outPrices.length, outSizes.length);
    const fromWindow = Math.min(wanted, this.#windowCount);
    let key = this.#bestKey;
    for (let i = 0; i < fromWindow; i++) {
      if (i > 0) key = this.#keyBelow(key);
      outPrices[i] = key * sign;
      outSizes[i] = this.#sizes[key & this.#mask] as number;
    }
    for (let i = fromWindow, at = this.#tailEnd - 1; i < wanted; i++, at--) {
      outPrices[i] = (this.#tailKeys[at] as number) * sign;
      outSizes[i] = this.#tailSizes[at] as number;
    }
    return wanted;
  }

  /** Sum of the sizes of the `n` best levels. */
  sumTop(n: number): number {
    const wanted = Math.min(n, this.count);
    const fromWindow = Math.min(wanted, this.#windowCount);
    const sizes = this.#sizes;
    let sum = 0;
    // Word by word of the bitmap, from the best level's downwards: finding each level anew would take most of the time.
    let slot = this.#bestKey & this.#mask;
    let bits = fromWindow > 0 ? (this.#bits[slot >> 5] as number) & (-1 >>> (31 - (slot & 31))) : 0;
    for (let left = fromWindow; left > 0; left--) {
      if (bits === 0) {
        slot = this.#slotBackFrom(((slot & ~31) - 1) & this.#mask);
        bits = this.#bits[slot >> 5] as number;
      }
      const bit = 31 - Math.clz32(bits);
      sum += sizes[(slot & ~31) | bit] as number;
      bits &= ~(1 << bit);
    }
    for (let i = fromWindow, at = this.#tailEnd - 1; i < wanted; i++, at--) sum += this.#tailSizes[at] as number;
    return sum;
  }

  /** A slot of the window that was free holds a level now. */
  #added(key: number, slot: number): void {
    const word = slot >> 5;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (slot & 31));
    this.#wordBits[word >> 5] = (this.#wordBits[word >> 5] as number) | (1 << (word & 31));
    if (this.#windowCount++ === 0 || key > this.#bestKey) this.#bestKey = key;
  }

  /** The best level is gone from the window: finds the next. */
  #bestRemoved(): void {
    if (this.#windowCount > 0) this.#bestKey = this.#keyBelow(this.#bestKey);
    else if (this.#tailEnd > this.#tailStart) this.#bestKey = this.#tailKeys[this.#tailEnd - 1] as number;
    else return;
    // Few ticks are left below the best: bring tail levels in while it is cheap, with room for the next moves.
    if (this.#bestKey - this.#low < this.#width >> 2 && this.#tailEnd > this.#tailStart) this.#slideDown();
  }

  #clearBit(slot: number): void {
    const word = slot >> 5;
    const left = (this.#bits[word] as number) & ~(1 << (slot & 31));
    this.#bits[word] = left;
    if (left === 0) this.#wordBits[word >> 5] = (this.#wordBits[word >> 5] as number) & ~(1 << (word & 31));
    this.#windowCount--;
  }

  /** Window start that puts `key` at three quarters of the window. */
  #lowFor(key: number): number {
    return key - 3 * (this.#width >> 2);
  }

  /** Makes room for a key above the window; levels that fall out at the bottom go to the tail in rising order. */
  #slideUpTo(key: number): void {
    const low = this.#lowFor(key);
    let moving = this.#lowestKey();
    while (moving < low) {
      const slot = moving & this.#mask;
      const size = this.#sizes[slot] as number;
      this.#sizes[slot] = 0;
      this.#clearBit(slot);
      this.#appendToTail(moving, size);
      this.#movedLevels++;
      if (this.#windowCount === 0) break;
      moving = this.#keyAbove(moving);
    }
    this.#low = low;
  }

  /** Moves the window down below the best key and takes in the tail levels that it now covers. */
  #slideDown(): void {
    this.#low = this.#lowFor(this.#bestKey);
    const best = this.#bestKey;
    while (this.#tailEnd > this.#tailStart) {
      const key = this.#tailKeys[this.#tailEnd - 1] as number;
      if (key < this.#low) break;
      this.#tailEnd--;
      this.#sizes[key & this.#mask] = this.#tailSizes[this.#tailEnd] as number;
      this.#added(key, key & this.#mask);
      this.#movedLevels++;
    }
    this.#bestKey = best;
  }

  #lowestKey(): number {
    const first = this.#low & this.#mask;
    const slot = this.#slotFrom(first);
    return this.#low + ((slot - first) & this.#mask);
  }

  /** Next level above an (already cleared or set) key; the window must hold one above it. */
  #keyAbove(key: number): number {
    const from = (key + 1) & this.#mask;
    return key + 1 + ((this.#slotFrom(from) - from) & this.#mask);
  }

  /** Next level below a key; the window must hold one below it. */
  #keyBelow(key: number): number {
    const from = (key - 1) & this.#mask;
    return key - 1 - ((from - this.#slotBackFrom(from)) & this.#mask);
  }

  /** First set slot at or after `slot`, going round the window. */
  #slotFrom(slot: number): number {
    const word = slot >> 5;
    const here = (this.#bits[word] as number) & (-1 << (slot & 31));
    if (here !== 0) return (word << 5) | lowestBit(here);
    const words = this.#wordBits.length;
    let group = word >> 5;
    // In the group of this word only later words count; `-1 << 32` would be no shift at all.
    let summary = (word & 31) === 31 ? 0 : (this.#wordBits[group] as number) & (-1 << ((word & 31) + 1));
    for (let i = 0; i <= words; i++) {
      if (summary !== 0) {
        const found = (group << 5) | lowestBit(summary);
        return (found << 5) | lowestBit(this.#bits[found] as number);
      }
      group = group + 1 === words ? 0 : group + 1;
      summary = this.#wordBits[group] as number;
    }
    return slot;
  }

  /** First set slot at or before `slot`, going round the window. */
  #slotBackFrom(slot: number): number {
    const word = slot >> 5;
    const here = (this.#bits[word] as number) & (-1 >>> (31 - (slot & 31)));
    if (here !== 0) return (word << 5) | (31 - Math.clz32(here));
    const words = this.#wordBits.length;
    let group = word >> 5;
    let summary = (this.#wordBits[group] as number) & ((1 << (word & 31)) - 1);
    for (let i = 0; i <= words; i++) {
      if (summary !== 0) {
        const found = (group << 5) | (31 - Math.clz32(summary));
        return (found << 5) | (31 - Math.clz32(this.#bits[found] as number));
      }
      group = group === 0 ? words - 1 : group - 1;
      summary = this.#wordBits[group] as number;
    }
    return slot;
  }

  /** First tail position whose key is not below `key`. */
  #searchTail(key: number): number {
    let from = this.#tailStart;
    let to = this.#tailEnd;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#tailKeys[middle] as number) < key) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #appendToTail(key: number, size: number): void {
    if (this.#tailEnd === this.#tailKeys.length) this.#makeTailRoom();
    this.#tailKeys[this.#tailEnd] = key;
    this.#tailSizes[this.#tailEnd] = size;
    this.#tailEnd++;
    this.#limitTail();
  }

  #insertInTail(key: number, size: number): void {
    let at = this.#searchTail(key);
    if (at < this.#tailEnd && this.#tailKeys[at] === key) {
      this.#tailSizes[at] = size;
      return;
    }
    const below = at - this.#tailStart;
    const above = this.#tailEnd - at;
    if (below < above ? this.#tailStart === 0 : this.#tailEnd === this.#tailKeys.length) {
      this.#makeTailRoom();
      at = this.#tailStart + below;
    }
    // Shift whichever part is shorter: a snapshot that comes best level first always shifts none.
    if (below < above) {
      this.#moveTail(this.#tailStart, at, this.#tailStart - 1);
      this.#tailStart--;
      at--;
    } else {
      this.#moveTail(at, this.#tailEnd, at + 1);
      this.#tailEnd++;
    }
    this.#tailKeys[at] = key;
    this.#tailSizes[at] = size;
    this.#limitTail();
  }

  #removeInTail(key: number): void {
    const at = this.#searchTail(key);
    if (at >= this.#tailEnd || this.#tailKeys[at] !== key) return;
    if (at - this.#tailStart < this.#tailEnd - 1 - at) {
      this.#moveTail(this.#tailStart, at, this.#tailStart + 1);
      this.#tailStart++;
    } else {
      this.#moveTail(at + 1, this.#tailEnd, at);
      this.#tailEnd--;
    }
  }

  #moveTail(from: number, to: number, target: number): void {
    if (from >= to) return;
    this.#tailKeys.copyWithin(target, from, to);
    this.#tailSizes.copyWithin(target, from, to);
  }

  /** Centres the tail in arrays with at least a quarter free at either end. The only allocation of the book. */
  #makeTailRoom(): void {
    const count = this.#tailEnd - this.#tailStart;
    const length = count * 2 > this.#tailKeys.length ? this.#tailKeys.length * 2 : this.#tailKeys.length;
    const start = (length - count) >> 1;
    const keys = new Float64Array(length);
    const sizes = new Float64Array(length);
    keys.set(this.#tailKeys.subarray(this.#tailStart, this.#tailEnd), start);
    sizes.set(this.#tailSizes.subarray(this.#tailStart, this.#tailEnd), start);
    this.#tailKeys = keys;
    this.#tailSizes = sizes;
    this.#tailStart = start;
    this.#tailEnd = start + count;
  }

  #limitTail(): void {
    if (this.#tailEnd - this.#tailStart <= this.#maxTailLevels) return;
    this.#tailStart++;
    this.#droppedLevels++;
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
