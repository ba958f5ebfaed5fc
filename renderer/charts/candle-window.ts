/**
 * What a chart has of one instrument: a moving window over an unlimited history, as candles of one length or as trades.
 * Pages of storage extend it at both ends, and far rows on the other side are dropped. While its newest row is the newest
 * that there is (`attached`), live 1 s candles, folded together, extend it as well. The same second may arrive many times
 * (it grows while it is current), and history may overlap what is live.
 */
import { CANDLE_FIELDS } from '../../engine/contract/market-frame.ts';
import { CandleColumn, CandleSeries, ROW_FIELDS } from './candle-series.ts';
import { type ChartPage, TRADES } from './chart-page.ts';

/** Live 1 s candles kept in memory (14 h); the oldest eighth goes at once when full. */
export const MAX_BASE_CANDLES = 50_000;
/** Rows of the window: what is beyond goes at the end that is farther from what is looked at. */
export const MAX_ROWS = 8_000;
/** Dropped at once, so that it is not done for every candle. */
const DROPPED_ROWS = 1_000;
/** Shortest time without a trade that is seen as a gap, s. */
const LEAST_GAP_S = 120;

/** Open time of the candle of `intervalS` that holds `timeS`. */
export function candleOpenS(timeS: number, intervalS: number): number {
  return Math.floor(timeS / intervalS) * intervalS;
}

export class CandleWindow {
  readonly #base = new CandleSeries();
  #view = newView(1);
  #intervalS = 1;
  #attached = true;
  #complete = false;
  /** It holds what storage has from its oldest row on, not live candles alone. */
  #paged = false;
  #lookedAt: [fromX: number, toX: number] | undefined;
  readonly #row = new Float64Array(CANDLE_FIELDS);

  /** Length of the candles, s; {@link TRADES} for trades. */
  get intervalS(): number {
    return this.#intervalS;
  }

  get candles(): CandleSeries {
    return this.#view;
  }

  /** The newest row is the newest that there is. */
  get attached(): boolean {
    return this.#attached;
  }

  /** The oldest row is the oldest that is stored. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Open time of the newest live 1 s candle, s since the epoch; NaN when there is none. */
  get baseLastS(): number {
    return this.#base.lastTimeS;
  }

  clear(): void {
    this.#base.clear();
    this.setInterval(this.#intervalS);
  }

  /** Starts over with what is known live, as candles of a length; history has to be asked for. */
  setInterval(intervalS: number): void {
    this.#begin(intervalS, true, false);
    if (intervalS === TRADES) return;
    for (let i = 0; i < this.#base.length; ) {
      i = this.#fold(candleOpenS(this.#base.value(CandleColumn.timeS, i), intervalS), i);
      this.#view.append(this.#row);
    }
    this.#trim();
  }

  /** Starts over with a page. `attached`, `complete`: what there is no more of behind and before it. */
  replace(intervalS: number, page: ChartPage, attached: boolean, complete: boolean): void {
    this.#begin(intervalS, attached, complete);
    this.#paged = true;
    for (let i = 0; i < page.length; i++) this.#view.append(page.rows, i * ROW_FIELDS, page.id(i));
    if (attached) this.#addBase();
    this.#trim();
  }

  /** What is seen, in places of the x axis: it is never dropped. */
  lookAt(fromX: number, toX: number): void {
    this.#lookedAt = [fromX, toX];
  }

  /** Storage may have older rows after all: it was behind when it was asked. */
  doubtBeginning(): void {
    this.#complete = false;
  }

  /** Takes the page before the oldest row. `complete`: there is nothing before it. */
  addOlder(page: ChartPage, complete: boolean): void {
    const view = this.#view;
    for (let i = page.length - 1; i >= 0; i--) {
      const isOlder =
        view.length === 0 || isBefore(page.timeS(i), page.id(i), view.firstTimeS, view.value(CandleColumn.id, 0));
      if (isOlder) view.prepend(page.rows, i * ROW_FIELDS, page.id(i));
    }
    this.#paged = true;
    this.#complete = complete;
    this.#trim();
  }

  /** Takes the page from the newest row on, which may be in it again. `attached`: there is nothing behind it. */
  addNewer(page: ChartPage, attached: boolean): void {
    const view = this.#view;
    for (let i = 0; i < page.length; i++) {
      const isNewer =
        view.length === 0 ||
        isBefore(view.lastTimeS, view.value(CandleColumn.id, view.length - 1), page.timeS(i), page.id(i));
      if (isNewer) view.append(page.rows, i * ROW_FIELDS, page.id(i));
      else if (this.#intervalS !== TRADES && page.timeS(i) === view.lastTimeS)
        this.#keepFuller(page.rows, i * ROW_FIELDS);
    }
    this.#attached = attached;
    if (attached) this.#addBase();
    this.#trim();
  }

  /** Takes 1 s candle rows, of a frame or a snapshot. */
  addLive(rows: ArrayLike<number>, offset: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = offset + i * CANDLE_FIELDS;
      this.#base.upsert(rows, at);
      this.#refold(rows[at] as number);
    }
    if (this.#base.length > MAX_BASE_CANDLES) this.#base.dropFront(MAX_BASE_CANDLES >> 3);
    this.#trim();
  }

  /** Takes 1 s candles of storage that the live ones lack; seconds that are known already stay as they are. */
  addBaseHistory(page: ChartPage): void {
    for (let i = page.length - 1; i >= 0; i--) {
      const timeS = page.timeS(i);
      const at = this.#base.lowerBound(timeS);
      if (at < this.#base.length && this.#base.value(CandleColumn.timeS, at) === timeS) continue;
      this.#base.upsert(page.rows, i * ROW_FIELDS);
      this.#refold(timeS);
    }
  }

  #begin(intervalS: number, attached: boolean, complete: boolean): void {
    this.#intervalS = intervalS;
    this.#view = newView(intervalS);
    this.#attached = attached;
    this.#complete = complete;
    this.#paged = false;
    this.#lookedAt = undefined;
  }

  /** Live candles from the newest row on: storage may lag behind. */
  #addBase(): void {
    if (this.#intervalS === TRADES) return;
    const base = this.#base;
    for (let i = this.#view.length > 0 ? base.lowerBound(this.#view.lastTimeS) : 0; i < base.length; ) {
      i = this.#fold(candleOpenS(base.value(CandleColumn.timeS, i), this.#intervalS), i);
      this.#keepFuller(this.#row, 0);
    }
  }

  #refold(timeS: number): void {
    if (!this.#attached || this.#intervalS === TRADES) return;
    const openS = candleOpenS(timeS, this.#intervalS);
    // Between it and the window storage may have others.
    if (this.#paged && openS < this.#view.firstTimeS) return;
    this.#fold(openS, this.#base.lowerBound(openS));
    this.#keepFuller(this.#row, 0);
  }

  /**
   * Of two candles of one time the one with more volume is the more complete: storage may lag behind, and live data may
   * have begun within the candle.
   */
  #keepFuller(row: ArrayLike<number>, offset: number): void {
    const view = this.#view;
    const timeS = row[offset] as number;
    const at = view.lowerBound(timeS);
    const known = at < view.length && view.value(CandleColumn.timeS, at) === timeS;
    if (known && view.value(CandleColumn.volume, at) > (row[offset + CandleColumn.volume] as number)) return;
    view.upsert(row, offset);
  }

  /** Bounds memory: rows go at the end that is farther from what is looked at, the old end while nobody looks. */
  #trim(): void {
    const view = this.#view;
    if (view.length <= MAX_ROWS) return;
    const [fromX, toX] = this.#lookedAt ?? [view.lastX, view.lastX];
    const older = view.rowsBefore(fromX);
    const newer = view.length - view.rowsBefore(toX);
    const count = view.length - MAX_ROWS + DROPPED_ROWS;
    if (older >= newer) {
      view.dropFront(Math.min(count, older));
      this.#complete = false;
    } else {
      view.dropBack(Math.min(count, newer));
      this.#attached = false;
    }
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

function newView(intervalS: number): CandleSeries {
  return new CandleSeries(Math.max(LEAST_GAP_S, intervalS * 3));
}

function isBefore(timeS: number, id: number, otherTimeS: number, otherId: number): boolean {
  return timeS < otherTimeS || (timeS === otherTimeS && id < otherId);
}
