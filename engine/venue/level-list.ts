const MAX_LEVELS = 1 << 16;

/** Levels of one side as a message gave them: pairs of priceTicks and sizeLots in one reused array. */
export class LevelList {
  count = 0;
  /** Pairs priceTicks, sizeLots; the first `count` of them count. */
  pairs = new Float64Array(2 * 64);

  /** Appends a level; false at the limit of 65,536. */
  push(priceTicks: number, sizeLots: number): boolean {
    const at = 2 * this.count;
    if (!this.reserve(this.count + 1)) return false;
    this.pairs[at] = priceTicks;
    this.pairs[at + 1] = sizeLots;
    this.count++;
    return true;
  }

  /** Makes room for so many, those that it has stay; false beyond the limit. */
  reserve(levels: number): boolean {
    if (levels > MAX_LEVELS) return false;
    let { length } = this.pairs;
    if (length >= 2 * levels) return true;
    while (length < 2 * levels) length *= 2;
    const grown = new Float64Array(length);
    grown.set(this.pairs);
    this.pairs = grown;
    return true;
  }

  /** Makes it the same as another. */
  copy(other: LevelList): void {
    this.reserve(other.count);
    this.pairs.set(other.pairs.subarray(0, 2 * other.count));
    this.count = other.count;
  }

  priceTicks(index: number): number {
    return this.pairs[2 * index] as number;
  }

  sizeLots(index: number): number {
    return this.pairs[2 * index + 1] as number;
  }
}
