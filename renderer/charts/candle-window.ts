/**
 * Candles of one instrument at one interval: live 1 s candles folded together, with pages of history in front. The same
 * second may arrive many times (it grows while it is current), and history may overlap what is live.
 */
import { CANDLE_FIELDS } from '../../engine/contract/market-frame.ts';
import type { CandleColumns } from '../../engine/contract/storage-messages.ts';
import { CandleColumn, CandleSeries } from './candle-series.ts';

/** 1 s candles kept in memory (14 h); the oldest eighth goes at once when full. */
export const MAX_BASE_CANDLES = 50_000;

/** Open time of the candle of `intervalS` that holds `timeS`. */
export function candleOpenS(timeS: number, intervalS: number): number {
  return Math.floor(timeS / intervalS) * intervalS;
}

export class CandleWindow {
  readonly #base = new CandleSeries();
  #view: CandleSeries = this.#base;
  #intervalS = 1;
  readonly #row = new Float64Array(CANDLE_FIELDS);

  get intervalS(): number {
    return this.#intervalS;
  }

  /** Candles at the current interval. */
  get candles(): CandleSeries {
    return this.#view;
  }

  /** Open time of the oldest 1 s candle known, NaN when there is none. */
  get liveFromS(): number {
    return this.#base.firstTimeS;
  }

  clear(): void {
    this.#base.clear();
    this.#view.clear();
  }

  /** Changes the interval; what is known as 1 s candles is there at once, history has to be asked for again. */
  setInterval(intervalS: number): void {
    if (intervalS === this.#intervalS) return;
    this.#intervalS = intervalS;
    if (intervalS === 1) {
      this.#view = this.#base;
      return;
    }
    this.#view = new CandleSeries();
    for (let i = 0; i < this.#base.length; ) {
      const openS = candleOpenS(this.#base.value(CandleColumn.timeS, i), intervalS);
      i = this.#fold(openS, i);
      this.#view.upsert(this.#row);
    }
  }

  /** Takes 1 s candle rows, of a frame or a snapshot. */
  addLive(rows: ArrayLike<number>, offset: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = offset + i * CANDLE_FIELDS;
      this.#base.upsert(rows, at);
      if (this.#intervalS > 1) this.#refold(rows[at] as number);
    }
    if (this.#base.length > MAX_BASE_CANDLES) this.#base.dropFront(MAX_BASE_CANDLES >> 3);
  }

  /** Takes 1 s candles from storage; seconds that are known already stay as they are. */
  addBaseHistory(columns: CandleColumns): void {
    for (let i = columns.openTimeS.length - 1; i >= 0; i--) {
      const timeS = columns.openTimeS[i] as number;
      const at = this.#base.lowerBound(timeS);
      if (at < this.#base.length && this.#base.value(CandleColumn.timeS, at) === timeS) continue;
      this.#base.upsert(rowOf(columns, i));
      if (this.#intervalS > 1) this.#refold(timeS);
    }
  }

  /**
   * Takes candles of the current interval from storage. Where one is known already, the one with more volume is the more
   * complete one: storage may lag behind, and live data may have begun within the candle.
   * @returns how many candles were new
   */
  addHistory(columns: CandleColumns): number {
    let added = 0;
    for (let i = columns.openTimeS.length - 1; i >= 0; i--) {
      const timeS = columns.openTimeS[i] as number;
      const at = this.#view.lowerBound(timeS);
      const known = at < this.#view.length && this.#view.value(CandleColumn.timeS, at) === timeS;
      if (known && this.#view.value(CandleColumn.volume, at) >= (columns.volumeLots[i] as number)) continue;
      this.#view.upsert(rowOf(columns, i));
      if (!known) added++;
    }
    return added;
  }

  #refold(timeS: number): void {
    const openS = candleOpenS(timeS, this.#intervalS);
    this.#fold(openS, this.#base.lowerBound(openS));
    const at = this.#view.lowerBound(openS);
    const known = at < this.#view.length && this.#view.value(CandleColumn.timeS, at) === openS;
    // History may hold seconds of this candle that the page never saw: never replace it by less.
    if (known && this.#view.value(CandleColumn.volume, at) > (this.#row[CandleColumn.volume] as number)) return;
    this.#view.upsert(this.#row);
  }

  /** Folds the 1 s candles from index `from` that belong to the candle `openS` into the row; returns the index after them. */
  #fold(openS: number, from: number): number {
    const base = this.#base;
    const row = this.#row;
    const endS = openS + this.#intervalS;
    row.fill(0);
    row[CandleColumn.timeS] = openS;
    let i = from;
    for (; i < base.length && base.value(CandleColumn.timeS, i) < endS; i++) {
      const high = base.value(CandleColumn.high, i);
      const low = base.value(CandleColumn.low, i);
      if (i === from) {
        row[CandleColumn.open] = base.value(CandleColumn.open, i);
        row[CandleColumn.high] = high;
        row[CandleColumn.low] = low;
      } else {
        if (high > (row[CandleColumn.high] as number)) row[CandleColumn.high] = high;
        if (low < (row[CandleColumn.low] as number)) row[CandleColumn.low] = low;
      }
      row[CandleColumn.close] = base.value(CandleColumn.close, i);
      row[CandleColumn.volume] = (row[CandleColumn.volume] as number) + base.value(CandleColumn.volume, i);
      row[CandleColumn.buyVolume] = (row[CandleColumn.buyVolume] as number) + base.value(CandleColumn.buyVolume, i);
    }
    return i;
  }
}

function rowOf(columns: CandleColumns, i: number): number[] {
  return [
    columns.openTimeS[i] as number,
    columns.open[i] as number,
    columns.high[i] as number,
    columns.low[i] as number,
    columns.close[i] as number,
    columns.volumeLots[i] as number,
    columns.buyVolumeLots[i] as number,
  ];
}
