import { compareTicks, type Tick, type TickCache, type TickKind } from './tick-cache.ts';

export const DEFAULT_TICK_CAPACITY = 10_000;

/** The tick cache without a Redis: sorted arrays that are trimmed from the front when twice as long as wanted. */
export class MemoryTickCache implements TickCache {
  readonly #capacity: number;
  readonly #sets = new Map<string, Tick[]>();

  constructor(capacity = DEFAULT_TICK_CAPACITY) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`Expected a capacity >= 1, was ${capacity}`);
    this.#capacity = capacity;
  }

  async add(seriesName: string, kind: TickKind, ticks: readonly Tick[]): Promise<void> {
    const key = `${kind}:${seriesName}`;
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = [];
      this.#sets.set(key, set);
    }
    for (const tick of ticks) {
      const newest = set.at(-1);
      if (newest === undefined || compareTicks(tick, newest) > 0) set.push(tick);
      else {
        const at = lowerBound(set, (other) => compareTicks(other, tick));
        if (compareTicks(set[at] as Tick, tick) !== 0) set.splice(at, 0, tick);
      }
      // Trimming one by one would move the whole array each time.
      if (set.length > this.#capacity * 2) set.splice(0, set.length - this.#capacity);
    }
  }

  async newest(seriesName: string, kind: TickKind, beforeUs: number, limit: number): Promise<Tick[]> {
    const set = this.#sets.get(`${kind}:${seriesName}`) ?? [];
    const oldest = Math.max(0, set.length - this.#capacity);
    const end = lowerBound(set, (other) => (other.timeUs < beforeUs ? -1 : 1));
    return set.slice(Math.max(oldest, end - limit), Math.max(oldest, end));
  }

  async count(seriesName: string, kind: TickKind): Promise<number> {
    return Math.min(this.#capacity, this.#sets.get(`${kind}:${seriesName}`)?.length ?? 0);
  }

  async clear(): Promise<void> {
    this.#sets.clear();
  }

  async close(): Promise<void> {
    this.#sets.clear();
  }
}

/** First index whose tick does not come before what `compare` looks for. */
function lowerBound(set: readonly Tick[], compare: (tick: Tick) => number): number {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(set[middle] as Tick) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
