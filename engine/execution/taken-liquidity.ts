import type { Side } from '../contract/units.ts';

const CAPACITY = 512;

/**
 * Displayed lots that paper orders have taken already and the feed has not updated since: what is shown at such a level
 * is not there twice. The feed's next word on a level clears its entry. Bounded; the oldest entry gives way.
 */
export class TakenLiquidity {
  readonly #prices = new Float64Array(CAPACITY);
  readonly #sides = new Uint8Array(CAPACITY);
  readonly #lots = new Float64Array(CAPACITY);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  takenAt(side: Side, priceTicks: number): number {
    const at = this.#find(side, priceTicks);
    return at < 0 ? 0 : (this.#lots[at] as number);
  }

  take(side: Side, priceTicks: number, lots: number): void {
    let at = this.#find(side, priceTicks);
    if (at < 0) {
      if (this.#count === CAPACITY) this.#remove(0);
      at = this.#count++;
      this.#sides[at] = side;
      this.#prices[at] = priceTicks;
      this.#lots[at] = 0;
    }
    this.#lots[at] = (this.#lots[at] as number) + lots;
  }

  /** The feed has spoken about this level. */
  updated(side: Side, priceTicks: number): void {
    if (this.#count === 0) return;
    const at = this.#find(side, priceTicks);
    if (at >= 0) this.#remove(at);
  }

  clear(): void {
    this.#count = 0;
  }

  #find(side: Side, priceTicks: number): number {
    for (let i = 0; i < this.#count; i++) {
      if (this.#prices[i] === priceTicks && this.#sides[i] === side) return i;
    }
    return -1;
  }

  #remove(at: number): void {
    this.#prices.copyWithin(at, at + 1, this.#count);
    this.#sides.copyWithin(at, at + 1, this.#count);
    this.#lots.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }
}
