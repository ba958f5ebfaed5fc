const MAX_LEVELS = 1 << 16;

/** Levels of one side as a message gave them: pairs of priceTicks and sizeLots in one reused array. */
export class LevelList {
  count = 0;
  /** Pairs priceTicks, sizeLots; the first `count` of them count. */
  pairs = new Float64Array(2 * 64);

  /** Appends a level; false at the limit of 65,536. */
  push(priceTicks: number, sizeLots: number): boolean {
    const at = 2 * this.count;
    if (at === this.pairs.length && !this.grow()) return false;
    this.pairs[at] = priceTicks;
    this.pairs[at + 1] = sizeLots;
    this.count++;
    return true;
  }

  /** Doubles the room; false at the limit. */
  grow(): boolean {
    if (this.pairs.length >= 2 * MAX_LEVELS) return false;
    const grown = new Float64Array(2 * this.pairs.length);
    grown.set(this.pairs);
    this.pairs = grown;
    return true;
  }

  priceTicks(index: number): number {
    return this.pairs[2 * index] as number;
  }

  sizeLots(index: number): number {
    return this.pairs[2 * index + 1] as number;
  }
}
