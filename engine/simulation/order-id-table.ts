/**
 * Order id to pool index: open addressing with linear probing over typed arrays. Ids are mostly consecutive, so the
 * identity hash spreads them perfectly; deletion shifts back instead of leaving tombstones, so the table never decays.
 */
export class OrderIdTable {
  #mask: number;
  /** 0 = empty: order ids are positive. */
  #ids: Float64Array;
  #nodes: Int32Array;
  size = 0;

  constructor(capacity = 4096) {
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#ids = new Float64Array(slots);
    this.#nodes = new Int32Array(slots);
  }

  /** Pool index of an id, -1 where unknown. */
  get(id: number): number {
    const mask = this.#mask;
    const ids = this.#ids;
    for (let at = id & mask; ; at = (at + 1) & mask) {
      const found = ids[at] as number;
      if (found === 0) return -1; // first: 0 itself is no id
      if (found === id) return this.#nodes[at] as number;
    }
  }

  /** False when the id is already there (nothing changes). */
  add(id: number, node: number): boolean {
    if (this.size * 2 > this.#mask) this.#grow();
    const mask = this.#mask;
    const ids = this.#ids;
    let at = id & mask;
    for (let found = ids[at] as number; found !== 0; found = ids[at] as number) {
      if (found === id) return false;
      at = (at + 1) & mask;
    }
    ids[at] = id;
    this.#nodes[at] = node;
    this.size++;
    return true;
  }

  delete(id: number): void {
    const mask = this.#mask;
    const ids = this.#ids;
    const nodes = this.#nodes;
    let hole = id & mask;
    while (ids[hole] !== id) {
      if (ids[hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    for (let at = (hole + 1) & mask; ids[at] !== 0; at = (at + 1) & mask) {
      const home = (ids[at] as number) & mask;
      // Move the entry into the hole unless that would put it before its home slot.
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        ids[hole] = ids[at] as number;
        nodes[hole] = nodes[at] as number;
        hole = at;
      }
    }
    ids[hole] = 0;
    this.size--;
  }

  #grow(): void {
    const ids = this.#ids;
    const nodes = this.#nodes;
    const slots = (this.#mask + 1) * 2;
    this.#mask = slots - 1;
    this.#ids = new Float64Array(slots);
    this.#nodes = new Int32Array(slots);
    this.size = 0;
    for (let i = 0; i < ids.length; i++) if (ids[i] !== 0) this.add(ids[i] as number, nodes[i] as number);
  }
}
