/** Which part of a window is seen: places on the x axis, one a row. Never beyond what is loaded, so never blank. */
import { CandleColumn, type CandleSeries } from './candle-series.ts';
import type { CandleWindow } from './candle-window.ts';
import { TRADES } from './chart-page.ts';

/** Lengths of candles that zooming goes through, s; trades before them. */
export const INTERVALS_S: readonly number[] = [TRADES, 1, 5, 15, 60, 300, 3600, 86_400];

/** Zoomed in further, the next shorter candles are shown; zoomed out further, the next longer ones. */
export const LEAST_SPAN = 15;
export const MOST_SPAN = 1_000;
const FIRST_SPAN = 150;
const LEAST_LIVE_SPAN = 60;
/** Part of the span that may be empty beside the oldest row. */
const EMPTY_LEFT = 0.1;

/** A stretch of time on screen, s since the epoch. */
export interface TimeSpan {
  fromS: number;
  toS: number;
}

export class ChartViewport {
  #follow = true;
  #span = FIRST_SPAN;
  /** What was zoomed to; {@link span} is less while there are few rows. */
  #wantedSpan = FIRST_SPAN;
  #xMax = 0;

  /** The newest row is kept in sight. */
  get follow(): boolean {
    return this.#follow;
  }

  get span(): number {
    return this.#span;
  }

  get xMin(): number {
    return this.#xMax - this.#span;
  }

  get xMax(): number {
    return this.#xMax;
  }

  setFollow(follow: boolean): void {
    this.#follow = follow;
  }

  /** Before each draw: the newest row may have moved on. */
  update({ candles, attached }: CandleWindow): void {
    if (this.#follow && attached) {
      // Few candles yet: wide ones, rather than an empty chart with a few at its edge.
      const width = candles.lastX - candles.firstX + 1;
      this.#span = Math.min(this.#wantedSpan, Math.max(LEAST_LIVE_SPAN, width * 1.25));
      this.#xMax = this.#liveMax(candles);
    } else this.#xMax = this.#within(candles, this.#xMax);
  }

  /** Moves the right edge to `xMax`, as far as there are rows; at the newest row it follows. */
  moveTo({ candles, attached }: CandleWindow, xMax: number): void {
    this.#xMax = this.#within(candles, xMax);
    this.#follow = attached && this.#xMax >= this.#liveMax(candles) - 0.5;
  }

  /** Zooms by a factor; what is at `fraction` of the width from the left stays there. */
  zoom(factor: number, fraction: number): void {
    const before = this.#follow ? this.#wantedSpan : this.#span;
    // A little beyond the ends: there other candles are asked for, and these stay until they are there.
    const span = Math.max(LEAST_SPAN / 3, Math.min(MOST_SPAN * 1.5, before * factor));
    if (!this.#follow) this.#xMax += (span - this.#span) * (1 - fraction);
    this.#span = this.#wantedSpan = span;
  }

  /** The candles that the zoom asks for instead of those of `intervalS`, where it does. */
  otherInterval(intervalS: number, shortestS: number): number | undefined {
    const at = INTERVALS_S.indexOf(intervalS);
    const wanted = this.#follow ? this.#wantedSpan : this.#span;
    if (wanted > MOST_SPAN) return INTERVALS_S[at + 1];
    const shorter = INTERVALS_S[at - 1];
    return wanted < LEAST_SPAN && shorter !== undefined && shorter >= shortestS ? shorter : undefined;
  }

  /** The times on screen; NaN while there are no rows. */
  times({ candles, intervalS }: CandleWindow): TimeSpan {
    return { fromS: timeAt(candles, this.xMin, intervalS), toS: timeAt(candles, this.#xMax, intervalS) };
  }

  /** Shows a stretch of time of a window that has other rows now. */
  showTimes({ candles, intervalS }: CandleWindow, { fromS, toS }: TimeSpan): void {
    const from = placeOf(candles, fromS, intervalS);
    const to = placeOf(candles, toS, intervalS);
    this.setSpan(to - from);
    this.#xMax = this.#within(candles, (from + to) / 2 + this.#span / 2);
  }

  /** Shows `span` rows with a time at a fraction of the width from the left. */
  showAt({ candles, intervalS }: CandleWindow, timeS: number, fraction: number, span = this.#wantedSpan): void {
    this.setSpan(span);
    this.#xMax = this.#within(candles, placeOf(candles, timeS, intervalS) + (1 - fraction) * this.#span);
  }

  /** As many rows on screen as are asked for, within what can be seen. */
  setSpan(span: number): void {
    this.#span = this.#wantedSpan = Math.max(LEAST_SPAN, Math.min(MOST_SPAN, span));
  }

  #liveMax(candles: CandleSeries): number {
    return candles.lastX + Math.max(3, this.#span * 0.05);
  }

  #within(candles: CandleSeries, xMax: number): number {
    const most = this.#liveMax(candles);
    const least = Math.min(most, candles.firstX + this.#span * (1 - EMPTY_LEFT));
    return Math.max(least, Math.min(most, xMax));
  }
}

/** Time at a place of the x axis, s since the epoch; candles go on at their length beyond the last row. */
export function timeAt(candles: CandleSeries, x: number, intervalS: number): number {
  if (candles.length === 0) return Number.NaN;
  const row = Math.max(0, candles.rowsBefore(x + 1e-9) - 1);
  const timeS = candles.value(CandleColumn.timeS, row);
  const within = Math.max(0, x - candles.value(CandleColumn.x, row));
  const nextS = row + 1 < candles.length ? candles.value(CandleColumn.timeS, row + 1) : Number.POSITIVE_INFINITY;
  return Math.min(nextS, timeS + within * (intervalS || 0.001));
}

/** Place of a time on the x axis: of the row that holds it, and how far into it. */
export function placeOf(candles: CandleSeries, timeS: number, intervalS: number): number {
  if (candles.length === 0) return 0;
  const row = candles.lowerBound(timeS + 1e-6) - 1;
  if (row < 0) return candles.firstX;
  const within = (timeS - candles.value(CandleColumn.timeS, row)) / (intervalS || 0.001);
  const next = row + 1 < candles.length ? candles.value(CandleColumn.x, row + 1) : Number.POSITIVE_INFINITY;
  return Math.min(next, candles.value(CandleColumn.x, row) + within);
}
