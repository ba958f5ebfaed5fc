/** Labels of the time axis: candles sit one apart, so labels go where the clock passes a round time. */
import { CandleColumn, type CandleSeries } from './candle-series.ts';

const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 604_800];

/** Positions (x) of the labels between xMin and xMax: at most `most`, each the first candle at or after a round local time. */
export function timeSplits(
  candles: CandleSeries,
  xMin: number,
  xMax: number,
  intervalS: number,
  most: number,
  offsetS = 0,
): number[] {
  const first = Math.max(0, Math.ceil(xMin) - candles.firstX);
  const last = Math.min(candles.length - 1, Math.floor(xMax) - candles.firstX);
  if (last <= first) return [];
  const spanS = (xMax - xMin) * intervalS;
  const wanted = Math.max(1, most);
  for (const step of STEPS_S) {
    if (step < intervalS || (spanS / step > wanted && step !== STEPS_S[STEPS_S.length - 1])) continue;
    const splits: number[] = [];
    const spacing = (xMax - xMin) / wanted / 1.5;
    let before = Number.NEGATIVE_INFINITY;
    for (let i = Math.max(1, first); i <= last; i++) {
      const now = Math.floor((candles.value(CandleColumn.timeS, i) + offsetS) / step);
      const previous = Math.floor((candles.value(CandleColumn.timeS, i - 1) + offsetS) / step);
      const x = candles.firstX + i;
      if (now !== previous && x - before >= spacing) {
        splits.push(x);
        before = x;
      }
    }
    if (splits.length > 0) return splits;
  }
  return [candles.firstX + first];
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Local time of a candle: seconds only below a minute, the date where the day changes. */
export function timeLabel(timeS: number, previousS: number, intervalS: number): string {
  const date = new Date(timeS * 1000);
  if (Number.isFinite(previousS)) {
    const before = new Date(previousS * 1000);
    if (before.getDate() !== date.getDate() || before.getMonth() !== date.getMonth()) {
      return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    }
  }
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return intervalS < 60 ? `${clock}:${two(date.getSeconds())}` : clock;
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
