import { TickColumns } from './tick-columns.ts';

/** The newest distinct ticks of one series and kind in their order; trimmed when twice as many as wanted. */
export class SortedTicks {
  readonly #capacity: number;
  readonly #ticks = new TickColumns();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return Math.min(this.#capacity, this.#ticks.length);
  }

  add(added: TickColumns): void {
    for (let i = 0; i < added.length; i++) this.#addOne(added, i);
  }

  /** Newest `limit` with timeUs < `beforeUs`, oldest first. */
  newest(beforeUs: number, limit: number): TickColumns {
    const ticks = this.#ticks;
    const oldest = ticks.length - this.count;
    let low = oldest;
    let high = ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ticks.timeUs[middle] as number) < beforeUs) low = middle + 1;
      else high = middle;
    }
    return ticks.slice(Math.max(oldest, low - limit), low);
  }

  #addOne(added: TickColumns, i: number): void {
    const ticks = this.#ticks;
    let at = ticks.length;
    // Nearly always newer than all.
    if (at > 0 && compareAt(added, i, ticks, at - 1) <= 0) {
      at = this.#place(added, i);
      if (compareAt(added, i, ticks, at) === 0) return;
    }
    if (at === ticks.length) {
      ticks.push(
        added.timeUs[i] as number,
        added.id[i] as number,
        added.side[i] as number,
        added.priceTicks[i] as number,
        added.sizeLots[i] as number,
      );
    } else {
      ticks.move(at, at + 1);
      ticks.timeUs[at] = added.timeUs[i] as number;
      ticks.id[at] = added.id[i] as number;
      ticks.side[at] = added.side[i] as number;
      ticks.priceTicks[at] = added.priceTicks[i] as number;
      ticks.sizeLots[at] = added.sizeLots[i] as number;
    }
    // Trimming one by one would move the whole set each time.
    if (ticks.length > this.#capacity * 2) ticks.move(ticks.length - this.#capacity, 0);
  }

  /** First place whose tick does not come before tick `i` of `added`. */
  #place(added: TickColumns, i: number): number {
    let low = 0;
    let high = this.#ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareAt(this.#ticks, middle, added, i) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** As compareTicks. */
function compareAt(a: TickColumns, i: number, b: TickColumns, j: number): number {
  return (
    (a.timeUs[i] as number) - (b.timeUs[j] as number) ||
    (a.id[i] as number) - (b.id[j] as number) ||
    (a.side[i] as number) - (b.side[j] as number) ||
    (a.priceTicks[i] as number) - (b.priceTicks[j] as number) ||
    (a.sizeLots[i] as number) - (b.sizeLots[j] as number)
  );
}
