import { SortedTicks } from './sorted-ticks.ts';
import { checkCapacity, DEFAULT_TICK_CAPACITY, type TickCache, type TickKind } from './tick-cache.ts';
import { TickColumns } from './tick-columns.ts';

/** The tick cache without a Redis. */
export class MemoryTickCache implements TickCache {
  readonly kind = 'memory';
  readonly server = '';
  readonly epoch: number = 0;
  readonly capacity: number;
  readonly #sets = new Map<string, SortedTicks>();

  constructor(capacity = DEFAULT_TICK_CAPACITY) {
    this.capacity = checkCapacity(capacity);
  }

  async open(): Promise<void> {
    // Always there.
  }

  async add(seriesName: string, kind: TickKind, ticks: TickColumns): Promise<void> {
    const key = `${kind}:${seriesName}`;
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new SortedTicks(this.capacity);
      this.#sets.set(key, set);
    }
    set.add(ticks);
  }

  async replace(seriesName: string, kind: TickKind, ticks: TickColumns): Promise<void> {
    this.#sets.delete(`${kind}:${seriesName}`);
    if (ticks.length > 0) await this.add(seriesName, kind, ticks);
  }

  async newest(seriesName: string, kind: TickKind, beforeUs: number, limit: number): Promise<TickColumns> {
    return this.#sets.get(`${kind}:${seriesName}`)?.newest(beforeUs, limit) ?? new TickColumns(0);
  }

  async count(seriesName: string, kind: TickKind): Promise<number> {
    return this.#sets.get(`${kind}:${seriesName}`)?.count ?? 0;
  }

  async close(): Promise<void> {
    this.#sets.clear();
  }
}
