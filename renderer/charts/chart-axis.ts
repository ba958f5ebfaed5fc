/** Labels of the time axis: candles sit one apart, so labels go where the clock passes a round time. */
import { CandleColumn, type CandleSeries } from './candle-series.ts';

const STEPS_S = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 604_800,
  2_419_200,
];

/** Positions (x) of the labels between xMin and xMax: at most `most`, each the first candle at or after a round local time. */
export function timeSplits(
  candles: CandleSeries,
  xMin: number,
  xMax: number,
  intervalS: number,
  most: number,
  offsetS = 0,
): number[] {
  const first = candles.rowsBefore(xMin);
  const last = candles.rowsBefore(xMax + 1e-9) - 1;
  if (last <= first) return [];
  // Trades come as they come.
  const seenS = candles.value(CandleColumn.timeS, last) - candles.value(CandleColumn.timeS, first);
  const spanS = intervalS > 0 ? (xMax - xMin) * intervalS : seenS;
  const wanted = Math.max(1, most);
  for (const step of STEPS_S) {
    if (
      step < Math.min(intervalS || 0.1, 86_400) ||
      (step < 5 && intervalS > 0) ||
      (spanS / step > wanted && step !== STEPS_S[STEPS_S.length - 1])
    )
      continue;
    const splits: number[] = [];
    const spacing = (xMax - xMin) / wanted / 1.5;
    let before = Number.NEGATIVE_INFINITY;
    for (let i = Math.max(1, first); i <= last; i++) {
      const now = Math.floor((candles.value(CandleColumn.timeS, i) + offsetS) / step);
      const previous = Math.floor((candles.value(CandleColumn.timeS, i - 1) + offsetS) / step);
      const x = candles.value(CandleColumn.x, i);
      if (now !== previous && x - before >= spacing) {
        splits.push(x);
        before = x;
      }
    }
    if (splits.length > 0) return splits;
  }
  return [candles.value(CandleColumn.x, first)];
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/**
 * Local time of a row: seconds only below a minute, tenths for trades (interval 0), the date where the day changes, and at
 * the first label (no previous one) of a day that is not today's.
 */
export function timeLabel(timeS: number, previousS: number, intervalS: number, nowS: number): string {
  const date = new Date(timeS * 1000);
  const before = new Date((Number.isFinite(previousS) ? previousS : nowS) * 1000);
  if (before.toDateString() !== date.toDateString()) {
    const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    return before.getFullYear() === date.getFullYear() ? day : `${date.getFullYear()}-${day}`;
  }
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (intervalS >= 60) return clock;
  const seconds = `${clock}:${two(date.getSeconds())}`;
  return intervalS > 0 ? seconds : `${seconds}.${Math.floor(date.getMilliseconds() / 100)}`;
}

/** New price range: kept while the candles fill it well, so that the scale does not breathe with every tick. */
export function steadyRange(
  low: number,
  high: number,
  currentLow: number,
  currentHigh: number,
): [low: number, high: number] {
  const span = Math.max(high - low, 10);
  const margin = span * 0.12;
  const current = currentHigh - currentLow;
  const fits = low >= currentLow + current * 0.02 && high <= currentHigh - current * 0.02;
  if (fits && span / current > 0.5) return [currentLow, currentHigh];
  const middle = (low + high) / 2;
  return [middle - span / 2 - margin, middle + span / 2 + margin];
}
