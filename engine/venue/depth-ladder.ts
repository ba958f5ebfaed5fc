/** More levels than any venue sends a side: beyond it a message is refused. */
const MAX_LEVELS = 16_384;

/**
 * One side of a book of bounded depth, sorted, with the decimals each price and size was sent with: what a checksum over
 * the venue's own texts needs. Keys are ticks times +1 (bids) or -1 (asks), so the best level is the last; a change
 * near the touch moves few levels. Allocates only while it grows.
 */
export class DepthLadder {
  #keys = new Float64Array(512);
  #lots = new Float64Array(512);
  #priceDecimals = new Uint8Array(512);
  #sizeDecimals = new Uint8Array(512);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Key of the level `rank` places behind the best. */
  key(rank: number): number {
    return this.#keys[this.#count - 1 - rank] as number;
  }
  lots(rank: number): number {
    return this.#lots[this.#count - 1 - rank] as number;
  }
  priceDecimals(rank: number): number {
    return this.#priceDecimals[this.#count - 1 - rank] as number;
  }
  sizeDecimals(rank: number): number {
    return this.#sizeDecimals[this.#count - 1 - rank] as number;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Sets the absolute size at a key; 0 removes, also where there is no level. */
  set(key: number, lots: number, priceDecimals: number, sizeDecimals: number): void {
    const keys = this.#keys;
    let from = 0;
    let to = this.#count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((keys[middle] as number) < key) from = middle + 1;
      else to = middle;
    }
    const found = from < this.#count && keys[from] === key;
    if (lots === 0) {
      if (found) this.#move(from + 1, from);
      if (found) this.#count--;
      return;
    }
    if (!found) {
      if (this.#count === keys.length) this.#grow();
      this.#move(from, from + 1);
      this.#count++;
      this.#keys[from] = key;
    }
    this.#lots[from] = lots;
    this.#priceDecimals[from] = priceDecimals;
    this.#sizeDecimals[from] = sizeDecimals;
  }

  /** Drops the worst level and returns its key. */
  dropWorst(): number {
    const key = this.#keys[0] as number;
    this.#move(1, 0);
    this.#count--;
    return key;
  }

  #move(from: number, target: number): void {
    const to = this.#count;
    if (from === to) return;
    this.#keys.copyWithin(target, from, to);
    this.#lots.copyWithin(target, from, to);
    this.#priceDecimals.copyWithin(target, from, to);
    this.#sizeDecimals.copyWithin(target, from, to);
  }

  #grow(): void {
    const length = this.#keys.length * 2;
    if (length > MAX_LEVELS) throw new RangeError(`Expected at most ${MAX_LEVELS} levels a side, was more`);
    this.#keys = enlarged(this.#keys, new Float64Array(length));
    this.#lots = enlarged(this.#lots, new Float64Array(length));
    this.#priceDecimals = enlarged(this.#priceDecimals, new Uint8Array(length));
    this.#sizeDecimals = enlarged(this.#sizeDecimals, new Uint8Array(length));
  }
}

function enlarged<T extends Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
