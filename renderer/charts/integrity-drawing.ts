/** Marks of the times when the book was not right: a band from the first doubt to live again, and what is under a pointer. */
import type uPlot from 'uplot';
import type { ThemeColors } from '../styles/theme-colors.ts';
import { CandleColumn, type CandleSeries } from './candle-series.ts';
import type { IntegrityEpisode } from './integrity-log.ts';

/** Bands drawn at most; the newest ones win. */
const MOST_BANDS = 300;
/** The pointer need not hit a line of one pixel, px. */
const REACH_PX = 5;

/** A band on the chart, canvas pixels from the left of the canvas. */
export interface IntegrityBand {
  episode: IntegrityEpisode;
  left: number;
  right: number;
}

/**
 * Place of a time on the x axis: candles sit one apart, each from half a step before its number to half a step behind.
 * Times between two candles, where nothing was traded, fall on the border of them. NaN before the first candle.
 */
export function positionOfTime(candles: CandleSeries, timeUs: number, intervalS: number): number {
  const timeS = timeUs / 1e6;
  if (candles.length === 0 || timeS < candles.firstTimeS) return Number.NaN;
  const row = candles.lowerBound(timeS + 1e-6) - 1;
  const pauseS = timeS - candles.value(CandleColumn.timeS, row);
  const within = intervalS > 0 ? Math.min(1, Math.max(0, pauseS / intervalS)) : 0;
  return candles.value(CandleColumn.x, row) - 0.5 + within;
}

/** Where the episodes are that can be seen between xMin and xMax; what is under way ends at the newest candle. */
export function integrityBands(
  plot: uPlot,
  episodes: readonly IntegrityEpisode[],
  candles: CandleSeries,
  intervalS: number,
  xMin: number,
  xMax: number,
): IntegrityBand[] {
  const bands: IntegrityBand[] = [];
  if (candles.length === 0) return bands;
  const { left, width } = plot.bbox;
  const pixels = (x: number): number => left + ((x - xMin) / (xMax - xMin)) * width;
  const newestX = candles.lastX + 0.5;
  for (let i = episodes.length - 1; i >= 0 && bands.length < MOST_BANDS; i--) {
    const episode = episodes[i] as IntegrityEpisode;
    const end = Number.isNaN(episode.endUs) ? newestX : positionOfTime(candles, episode.endUs, intervalS);
    // Over before the oldest candle: so are all before it.
    if (Number.isNaN(end)) break;
    const start = positionOfTime(candles, episode.startUs, intervalS);
    const from = Math.max(xMin, Number.isNaN(start) ? candles.firstX - 0.5 : start);
    if (end < xMin || from > xMax) continue;
    bands.push({ episode, left: pixels(from), right: Math.max(pixels(from), pixels(Math.min(xMax, end))) });
  }
  return bands.reverse();
}

/** Bands in the colour of their state: a tint, a line where it began, a line where it was live again, a tab at the top. */
export function drawIntegrity(plot: uPlot, bands: readonly IntegrityBand[], colors: ThemeColors): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const line = Math.max(1, Math.round(ratio));
  ctx.save();
  for (const { episode, left, right } of bands) {
    const color = colors.state[episode.state];
    const x = Math.round(left);
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.13;
    ctx.fillRect(x, bbox.top, Math.max(line, right - left), bbox.height);
    ctx.globalAlpha = 0.85;
    ctx.fillRect(x, bbox.top, line, bbox.height);
    if (!Number.isNaN(episode.endUs) && right - left > 4 * ratio) {
      ctx.fillStyle = colors.state.live;
      ctx.globalAlpha = 0.6;
      ctx.fillRect(Math.round(right), bbox.top, line, bbox.height);
      ctx.fillStyle = color;
    }
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.moveTo(x - 4 * ratio, bbox.top);
    ctx.lineTo(x + 4 * ratio + line, bbox.top);
    ctx.lineTo(x + line / 2, bbox.top + 7 * ratio);
    ctx.closePath();
    ctx.fill();
  }
  ctx.restore();
}

/** The band under a pointer, canvas pixels; the nearest where several are in reach. */
export function bandAt(bands: readonly IntegrityBand[], x: number): IntegrityBand | undefined {
  const reach = REACH_PX * devicePixelRatio;
  let found: IntegrityBand | undefined;
  let nearest = reach;
  for (const band of bands) {
    const distance = x < band.left ? band.left - x : x > band.right ? x - band.right : 0;
    if (distance <= nearest) {
      found = band;
      nearest = distance;
    }
  }
  return found;
}
