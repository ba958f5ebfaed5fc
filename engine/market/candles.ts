import { CANDLE_FIELDS } from '../contract/market-frame.ts';
import { Side } from '../contract/units.ts';
import { TradeIdWindow } from './trade-id-window.ts';

/** Contract fields, then the lowest and the highest trade id, which decide open and close. */
const ROW = CANDLE_FIELDS + 2;
const FIRST_ID = CANDLE_FIELDS;
const LAST_ID = CANDLE_FIELDS + 1;

/**
 * One-second candles from trades, by exchange time, in a preallocated ring. The result depends on the set of trades
 * only: neither their order nor repeats change it (open and close go by trade id). Seconds without a trade have no
 * candle. Trades older than the oldest of a full ring are counted in `lateTrades` and left out.
 *
 * Rows are `openTimeS, open, high, low, close, volumeLots, buyVolumeLots` as in contract/market-frame.ts.
 */
export class CandleBuilder {
  readonly #capacity: number;
  readonly #rows: Float64Array;
  readonly #ids = new TradeIdWindow();
  #head = 0;
  #size = 0;
  #lateTrades = 0;
  #repeatedTrades = 0;
  #dirtyFromS = Number.POSITIVE_INFINITY;

  /** @throws RangeError when the capacity is not a positive integer. */
  constructor(capacity = 7200) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`Expected a capacity >= 1, was ${capacity}`);
    this.#capacity = capacity;
    this.#rows = new Float64Array(capacity * ROW);
  }

  /** Number of candles. */
  get size(): number {
    return this.#size;
  }
  /** Open time of the newest candle, seconds since the epoch; 0 when there is none. */
  get newestOpenTimeS(): number {
    return this.#size === 0 ? 0 : (this.#rows[this.#offset(this.#size - 1)] as number);
  }
  get lateTrades(): number {
    return this.#lateTrades;
  }
  get repeatedTrades(): number {
    return this.#repeatedTrades;
  }
  /** Open time of the oldest candle changed since {@link clearDirty}; Infinity when none was. */
  get dirtyFromS(): number {
    return this.#dirtyFromS;
  }
  clearDirty(): void {
    this.#dirtyFromS = Number.POSITIVE_INFINITY;
  }

  /** Adds a trade. @param side the aggressor. */
  addTrade(exchangeTimeUs: number, priceTicks: number, sizeLots: number, side: Side, tradeId: number): void {
    if (!this.#ids.add(tradeId)) {
      this.#repeatedTrades++;
      return;
    }
    const timeS = Math.floor(exchangeTimeUs / 1_000_000);
    let at = this.#size - 1;
    while (at >= 0 && (this.#rows[this.#offset(at)] as number) > timeS) at--;
    if (at < 0 && this.#size === this.#capacity) {
      this.#lateTrades++;
      return;
    }
    if (timeS < this.#dirtyFromS) this.#dirtyFromS = timeS;
    if (at >= 0 && this.#rows[this.#offset(at)] === timeS) {
      this.#mergeTrade(this.#offset(at), priceTicks, sizeLots, side, tradeId);
      return;
    }
    const row = this.#insertAfter(at);
    const rows = this.#rows;
    rows[row] = timeS;
    rows[row + 1] = rows[row + 2] = rows[row + 3] = rows[row + 4] = priceTicks;
    rows[row + 5] = sizeLots;
    rows[row + 6] = side === Side.buy ? sizeLots : 0;
    rows[row + FIRST_ID] = rows[row + LAST_ID] = tradeId;
  }

  /**
   * Copies candles with openTimeS >= `fromS`, oldest first, as many as fit, to `out` from field `at`.
   * @returns rows copied, {@link CANDLE_FIELDS} numbers each.
   */
  copyFrom(fromS: number, out: Float64Array, at = 0, maxRows = Number.POSITIVE_INFINITY): number {
    let first = this.#size;
    while (first > 0 && (this.#rows[this.#offset(first - 1)] as number) >= fromS) first--;
    const count = Math.min(this.#size - first, maxRows, Math.floor((out.length - at) / CANDLE_FIELDS));
    for (let i = 0; i < count; i++) {
      const row = this.#offset(first + i);
      for (let f = 0; f < CANDLE_FIELDS; f++) out[at + i * CANDLE_FIELDS + f] = this.#rows[row + f] as number;
    }
    return count;
  }

  /** All candles as flattened rows, oldest first (for a snapshot; allocates). */
  toRows(): number[] {
    const out = new Float64Array(this.#size * CANDLE_FIELDS);
    this.copyFrom(Number.NEGATIVE_INFINITY, out);
    return Array.from(out);
  }

  clear(): void {
    this.#head = 0;
    this.#size = 0;
    this.#ids.clear();
    this.clearDirty();
  }

  #mergeTrade(row: number, priceTicks: number, sizeLots: number, side: Side, tradeId: number): void {
    const rows = this.#rows;
    if (tradeId < (rows[row + FIRST_ID] as number)) {
      rows[row + FIRST_ID] = tradeId;
      rows[row + 1] = priceTicks;
    }
    if (tradeId > (rows[row + LAST_ID] as number)) {
      rows[row + LAST_ID] = tradeId;
      rows[row + 4] = priceTicks;
    }
    if (priceTicks > (rows[row + 2] as number)) rows[row + 2] = priceTicks;
    if (priceTicks < (rows[row + 3] as number)) rows[row + 3] = priceTicks;
    rows[row + 5] = (rows[row + 5] as number) + sizeLots;
    if (side === Side.buy) rows[row + 6] = (rows[row + 6] as number) + sizeLots;
  }

  /** Makes room behind the `at`-th candle (-1: before all); the oldest leaves a full ring. Returns the row's offset. */
  #insertAfter(at: number): number {
    let position = at + 1;
    if (this.#size === this.#capacity) {
      this.#head = (this.#head + 1) % this.#capacity;
      position--;
    } else {
      this.#size++;
    }
    for (let i = this.#size - 1; i > position; i--) {
      const from = this.#offset(i - 1);
      this.#rows.copyWithin(this.#offset(i), from, from + ROW);
    }
    return this.#offset(position);
  }

  #offset(i: number): number {
    return ((this.#head + i) % this.#capacity) * ROW;
  }
}
