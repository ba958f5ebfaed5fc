/** Fields of an order in {@link OrderPool.links}, `LINKS` of them an order; 0 stands for "none" in all but the key. */
export const LINKS = 4;
export const NEXT = 0;
export const PREVIOUS = 1;
/** Level of the order: the key of an ask, the complement (negative) of the key of a bid. */
export const LEVEL = 2;
const CHAIN = 3;
/** Fields in {@link OrderPool.values}. */
export const VALUES = 2;
export const ID = 0;
export const LOTS = 1;

/**
 * Resting orders in two typed arrays, found by id. Order `n` (from 1) has its links at `n * LINKS` and its values at
 * `n * VALUES`: whatever is done to an order touches two cache lines. Ids are mostly consecutive, so their low bits
 * spread them perfectly over the buckets; orders of one bucket are chained, which makes removal cost the same as finding.
 */
export class OrderPool {
  links: Int32Array;
  values: Float64Array;
  #buckets: Int32Array;
  #mask: number;
  /** Orders from here on were never used. */
  #unused = 1;
  #free = 0;
  size = 0;

  /** @param capacity orders it holds before it first grows. */
  constructor(capacity: number) {
    let room = 16;
    while (room < capacity + 1) room *= 2;
    this.links = new Int32Array(room * LINKS);
    this.values = new Float64Array(room * VALUES);
    this.#buckets = new Int32Array(room);
    this.#mask = room - 1;
  }

  /** Order with an id, 0 where unknown. */
  find(id: number): number {
    const { links, values } = this;
    let order = this.#buckets[id & this.#mask] as number;
    while (order !== 0 && values[order * VALUES + ID] !== id) order = links[order * LINKS + CHAIN] as number;
    return order;
  }

  /** A new order, its links all 0; 0 when the id is already there (nothing changes). Replaces the arrays when it grows. */
  add(id: number, level: number, lots: number): number {
    if (this.find(id) !== 0) return 0;
    let order = this.#free;
    if (order !== 0) {
      this.#free = this.links[order * LINKS + NEXT] as number;
    } else {
      if (this.#unused > this.#mask) this.#grow();
      order = this.#unused++;
    }
    const { links, values } = this;
    const bucket = id & this.#mask;
    const at = order * LINKS;
    links[at + NEXT] = 0;
    links[at + PREVIOUS] = 0;
    links[at + LEVEL] = level;
    links[at + CHAIN] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = order;
    values[order * VALUES + ID] = id;
    values[order * VALUES + LOTS] = lots;
    this.size++;
    return order;
  }

  remove(order: number): void {
    const { links, values } = this;
    const bucket = (values[order * VALUES + ID] as number) & this.#mask;
    const chain = links[order * LINKS + CHAIN] as number;
    let before = this.#buckets[bucket] as number;
    if (before === order) {
      this.#buckets[bucket] = chain;
    } else {
      while (links[before * LINKS + CHAIN] !== order) before = links[before * LINKS + CHAIN] as number;
      links[before * LINKS + CHAIN] = chain;
    }
    values[order * VALUES + ID] = 0;
    links[order * LINKS + NEXT] = this.#free;
    this.#free = order;
    this.size--;
  }

  /** Only when no order is free: every one is in its bucket. */
  #grow(): void {
    // By four: room that is never used costs no memory, copying does.
    const room = (this.#mask + 1) * 4;
    const links = new Int32Array(room * LINKS);
    links.set(this.links);
    const values = new Float64Array(room * VALUES);
    values.set(this.values);
    const buckets = new Int32Array(room);
    this.#mask = room - 1;
    for (let order = 1; order < this.#unused; order++) {
      const bucket = (values[order * VALUES + ID] as number) & this.#mask;
      links[order * LINKS + CHAIN] = buckets[bucket] as number;
      buckets[bucket] = order;
    }
    this.links = links;
    this.values = values;
    this.#buckets = buckets;
  }
}
