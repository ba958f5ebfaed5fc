import { Side } from '../contract/units.ts';

/**
 * Level updates as a venue's diff stream brings them: 1 000 levels a side at the start, updates near the touch (mean
 * distance 12 ticks), 30 % deletions, the mid moves one tick in 2 % of the updates. The book is never crossed.
 */
export interface BookWorkload {
  count: number;
  sides: Uint8Array;
  priceTicks: Float64Array;
  /** 0 deletes. */
  sizeLots: Float64Array;
  /** The first updates that only fill the book. */
  fillCount: number;
  lowestTicks: number;
  highestTicks: number;
}

export const levelsPerSide = 1_000;
const meanDistanceTicks = 12;

/** The same updates for the same arguments on every machine. */
export function makeBookWorkload(updates: number, seed = 1): BookWorkload {
  const fillCount = levelsPerSide * 2;
  const count = fillCount + updates;
  const sides = new Uint8Array(count);
  const priceTicks = new Float64Array(count);
  const sizeLots = new Float64Array(count);
  const random = randomSource(seed);
  let midTicks = 6_000_000;
  let at = 0;
  const push = (side: Side, price: number, size: number): void => {
    if (at >= count) return;
    sides[at] = side;
    priceTicks[at] = price;
    sizeLots[at++] = size;
  };
  for (let i = 0; i < levelsPerSide; i++) {
    push(Side.buy, midTicks - i, 1 + Math.floor(random() * 1e5));
    push(Side.sell, midTicks + 1 + i, 1 + Math.floor(random() * 1e5));
  }
  while (at < count) {
    if (random() < 0.02) {
      const up = random() < 0.5;
      // The level the mid moves over must go first: a venue never publishes a crossed book.
      if (up) push(Side.sell, ++midTicks, 0);
      else push(Side.buy, midTicks--, 0);
      continue;
    }
    const distance = Math.floor(-Math.log(1 - random()) * meanDistanceTicks);
    const size = random() < 0.3 ? 0 : 1 + Math.floor(random() * 1e5);
    if (random() < 0.5) push(Side.buy, midTicks - distance, size);
    else push(Side.sell, midTicks + 1 + distance, size);
  }
  const [lowestTicks, highestTicks] = range(priceTicks);
  return { count, sides, priceTicks, sizeLots, fillCount, lowestTicks, highestTicks };
}

function range(values: Float64Array): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Mulberry32: uniform in [0, 1). */
function randomSource(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
