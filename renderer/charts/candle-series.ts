/**
 * Candles or trades in order of time in growable typed columns, cheap to extend and to cut at both ends; uPlot gets
 * subarrays, no copies.
 */

/**
 * Columns of a row, in the order of CANDLE_FIELDS, then the trade's id (0 for candles) and the place on the x axis. Prices
 * in ticks, volumes in lots. Of a trade the four prices are one, and its time has fractions.
 */
export const CandleColumn = {
  timeS: 0,
  open: 1,
  high: 2,
  low: 3,
  close: 4,
  volume: 5,
  buyVolume: 6,
  id: 7,
  x: 8,
} as const;
const COLUMNS = 9;
/** Numbers of a row, the id included. */
export const ROW_FIELDS = 8;

/** Room on the x axis for a time without rows. */
export const GAP_WIDTH = 4;

export class CandleSeries {
  #columns: Float64Array[] = [];
  #capacity: number;
  #head: number;
  readonly #gapS: number;
  length = 0;
  /**
   * Place of the first row. Rows sit one apart, whatever the time between them, so quiet seconds leave no holes and a
   * night without a record takes {@link GAP_WIDTH}; older pages get negative places, so that what is on screen stays.
   */
  firstX = 0;

  /** @param gapS neighbours that are farther apart in time have a gap between them, s */
  constructor(gapS = Number.POSITIVE_INFINITY, capacity = 4096) {
    this.#gapS = gapS;
    this.#capacity = capacity;
    this.#head = capacity >> 1;
    for (let c = 0; c < COLUMNS; c++) this.#columns.push(new Float64Array(capacity));
  }

  clear(): void {
    this.length = 0;
    this.firstX = 0;
    this.#head = this.#capacity >> 1;
  }

  /** View of a column over all rows; valid until the next change. */
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

  get lastX(): number {
    return this.length > 0 ? this.value(CandleColumn.x, this.length - 1) : this.firstX;
  }

  /** Number of rows before `timeS`. */
  lowerBound(timeS: number): number {
    return this.#lowerBound(CandleColumn.timeS, timeS);
  }

  /** Number of rows left of `x`. */
  rowsBefore(x: number): number {
    return this.#lowerBound(CandleColumn.x, x);
  }

  /** Row nearest to `x`; -1 when there are none. */
  nearestRow(x: number): number {
    const at = Math.min(this.length - 1, this.rowsBefore(x));
    return at > 0 && x - this.value(CandleColumn.x, at - 1) < this.value(CandleColumn.x, at) - x ? at - 1 : at;
  }

  /** Whether there is a gap between a row and the one before it. */
  hasGapBefore(row: number): boolean {
    return row > 0 && this.value(CandleColumn.x, row) - this.value(CandleColumn.x, row - 1) > 1;
  }

  #lowerBound(column: number, value: number): number {
    const values = this.#column(column);
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[this.#head + middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Inserts or replaces the candle in `row[offset..]` (CANDLE_FIELDS numbers). Appending is the cheap case. */
  upsert(row: ArrayLike<number>, offset = 0): void {
    const timeS = row[offset] as number;
    if (this.length === 0 || timeS > this.lastTimeS) {
      this.append(row, offset);
      return;
    }
    const at = this.lowerBound(timeS);
    if (this.value(CandleColumn.timeS, at) === timeS) this.#write(at, row, offset);
    else if (at === 0) this.prepend(row, offset);
    else this.#insert(at, row, offset);
  }

  /** A row that comes after all others. */
  append(row: ArrayLike<number>, offset = 0, id = 0): void {
    this.#reserve(0, 1);
    const at = this.length++;
    this.#write(at, row, offset, id);
    const x = at === 0 ? this.firstX : this.value(CandleColumn.x, at - 1) + this.#distance(at);
    this.#column(CandleColumn.x)[this.#head + at] = x;
  }

  /** A row that comes before all others. */
  prepend(row: ArrayLike<number>, offset = 0, id = 0): void {
    this.#reserve(1, 0);
    this.#head--;
    this.length++;
    this.#write(0, row, offset, id);
    if (this.length > 1) this.firstX -= this.#distance(1);
    this.#column(CandleColumn.x)[this.#head] = this.firstX;
  }

  #write(at: number, row: ArrayLike<number>, offset: number, id = 0): void {
    for (let field = 0; field < CandleColumn.id; field++) {
      this.#column(field)[this.#head + at] = row[offset + field] as number;
    }
    this.#column(CandleColumn.id)[this.#head + at] = id;
  }

  #insert(at: number, row: ArrayLike<number>, offset: number): void {
    this.#reserve(0, 1);
    for (const column of this.#columns) {
      column.copyWithin(this.#head + at + 1, this.#head + at, this.#head + this.length);
    }
    this.length++;
    this.#write(at, row, offset);
    const xs = this.#column(CandleColumn.x);
    for (let i = at; i < this.length; i++) {
      xs[this.#head + i] = (xs[this.#head + i - 1] as number) + this.#distance(i);
    }
  }

  /** On the x axis, from the row before. */
  #distance(row: number): number {
    const pauseS = this.value(CandleColumn.timeS, row) - this.value(CandleColumn.timeS, row - 1);
    return pauseS > this.#gapS ? 1 + GAP_WIDTH : 1;
  }

  /** Forgets the `count` oldest rows. */
  dropFront(count: number): void {
    const dropped = Math.min(count, this.length);
    this.#head += dropped;
    this.length -= dropped;
    if (this.length > 0) this.firstX = this.value(CandleColumn.x, 0);
  }

  /** Forgets the `count` newest rows. */
  dropBack(count: number): void {
    this.length -= Math.min(count, this.length);
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
