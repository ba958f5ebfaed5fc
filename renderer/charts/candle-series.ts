/** Candles in time order in growable typed columns, cheap to extend at both ends; uPlot gets subarrays, no copies. */

/** Columns of a candle, in the order of CANDLE_FIELDS. Prices in ticks, volumes in lots. */
export const CandleColumn = { timeS: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, buyVolume: 6, x: 7 } as const;
const COLUMNS = 8;
const FIELDS = 7;

export class CandleSeries {
  #columns: Float64Array[] = [];
  #capacity: number;
  #head: number;
  length = 0;
  /**
   * Horizontal position of the first candle. Candles sit one apart, whatever the time between them, so quiet seconds and
   * nights leave no holes; older pages get negative positions, so that what is on screen does not move.
   */
  firstX = 0;

  constructor(capacity = 4096) {
    this.#capacity = capacity;
    this.#head = capacity >> 1;
    for (let c = 0; c < COLUMNS; c++) this.#columns.push(new Float64Array(capacity));
  }

  clear(): void {
    this.length = 0;
    this.firstX = 0;
    this.#head = this.#capacity >> 1;
  }

  /** View of a column over all candles; valid until the next change. */
  column(column: number): Float64Array {
    return this.#column(column).subarray(this.#head, this.#head + this.length);
  }

  #column(column: number): Float64Array {
    return this.#columns[column] as Float64Array;
  }

  value(column: number, row: number): number {
    return this.#column(column)[this.#head + row] as number;
  }

  get firstTimeS(): number {
    return this.length > 0 ? this.value(CandleColumn.timeS, 0) : Number.NaN;
  }

  get lastTimeS(): number {
    return this.length > 0 ? this.value(CandleColumn.timeS, this.length - 1) : Number.NaN;
  }

  /** Number of candles that open before `timeS`. */
  lowerBound(timeS: number): number {
    const times = this.#column(CandleColumn.timeS);
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[this.#head + middle] as number) < timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Inserts or replaces the candle in `row[offset..]` (CANDLE_FIELDS numbers). Appending is the cheap case. */
  upsert(row: ArrayLike<number>, offset = 0): void {
    const timeS = row[offset] as number;
    if (this.length === 0 || timeS > this.lastTimeS) {
      this.#reserve(0, 1);
      this.length++;
      this.#write(this.length - 1, row, offset);
      return;
    }
    const at = this.lowerBound(timeS);
    if (this.value(CandleColumn.timeS, at) !== timeS) this.#insertGap(at);
    this.#write(at, row, offset);
  }

  #write(at: number, row: ArrayLike<number>, offset: number): void {
    for (let field = 0; field < FIELDS; field++) {
      this.#column(field)[this.#head + at] = row[offset + field] as number;
    }
    this.#column(CandleColumn.x)[this.#head + at] = this.firstX + at;
  }

  #insertGap(at: number): void {
    if (at === 0) {
      this.#reserve(1, 0);
      this.#head--;
      this.length++;
      this.firstX--;
      return;
    }
    this.#reserve(0, 1);
    for (const column of this.#columns) {
      column.copyWithin(this.#head + at + 1, this.#head + at, this.#head + this.length);
    }
    this.length++;
    const xs = this.#column(CandleColumn.x);
    for (let i = at; i < this.length; i++) xs[this.#head + i] = this.firstX + i;
  }

  /** Forgets the `count` oldest candles. */
  dropFront(count: number): void {
    const dropped = Math.min(count, this.length);
    this.#head += dropped;
    this.length -= dropped;
    this.firstX += dropped;
  }

  #reserve(front: number, back: number): void {
    if (this.#head >= front && this.#head + this.length + back <= this.#capacity) return;
    const needed = this.length + front + back;
    const capacity = needed * 2 > this.#capacity ? needed * 2 + 1024 : this.#capacity;
    // What is left over goes half to each end: pages come in front, live candles behind.
    const head = (capacity - needed) >> 1;
    this.#columns = this.#columns.map((column) => {
      const grown = new Float64Array(capacity);
      grown.set(column.subarray(this.#head, this.#head + this.length), head + front);
      return grown;
    });
    this.#capacity = capacity;
    this.#head = head + front;
  }
}
