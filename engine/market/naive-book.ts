import { Side } from '../contract/units.ts';

/** The same book as {@link OrderBook} over two Maps, sorted on demand: its oracle in tests and its peer in benches. */
export class NaiveBook {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();

  set(side: Side, priceTicks: number, sizeLots: number): void {
    if (side === Side.none) return;
    const levels = side === Side.buy ? this.#bids : this.#asks;
    if (sizeLots > 0) levels.set(priceTicks, sizeLots);
    else levels.delete(priceTicks);
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
  }

  get bestBidTicks(): number {
    return this.#bids.size === 0 ? 0 : Math.max(...this.#bids.keys());
  }
  get bestAskTicks(): number {
    return this.#asks.size === 0 ? 0 : Math.min(...this.#asks.keys());
  }

  sizeAt(side: Side, priceTicks: number): number {
    return (side === Side.buy ? this.#bids : this.#asks).get(priceTicks) ?? 0;
  }

  levelCount(side: Side): number {
    return side === Side.buy ? this.#bids.size : this.#asks.size;
  }

  /** Levels [priceTicks, sizeLots], best first. */
  levels(side: Side): [number, number][] {
    const sorted = [...(side === Side.buy ? this.#bids : this.#asks)].sort((a, b) => a[0] - b[0]);
    return side === Side.buy ? sorted.reverse() : sorted;
  }

  sumSize(side: Side, n: number): number {
    return this.levels(side)
      .slice(0, n)
      .reduce((sum, [, size]) => sum + size, 0);
  }

  isCrossed(): boolean {
    return this.#bids.size > 0 && this.#asks.size > 0 && this.bestBidTicks >= this.bestAskTicks;
  }
}
