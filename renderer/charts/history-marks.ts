/** Where the record has a gap and where it begins, on the canvas. */
import type uPlot from 'uplot';
import type { ThemeColors } from '../styles/theme-colors.ts';
import { CandleColumn, type CandleSeries } from './candle-series.ts';

const STRIPE_PX = 7;

/** Stripes between two rows that are far apart in time, with how far where there is room. @returns how many are on screen */
export function drawGaps(
  plot: uPlot,
  candles: CandleSeries,
  xMin: number,
  xMax: number,
  colors: ThemeColors,
  label: (seconds: number) => string,
): number {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const place = (x: number): number => bbox.left + ((x - xMin) / (xMax - xMin)) * bbox.width;
  let count = 0;
  ctx.save();
  ctx.strokeStyle = colors.textDim;
  ctx.fillStyle = colors.textDim;
  ctx.lineWidth = ratio;
  ctx.font = `${10 * ratio}px ${colors.font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (let row = Math.max(1, candles.rowsBefore(xMin)); row < candles.length; row++) {
    const x = candles.value(CandleColumn.x, row);
    const before = candles.value(CandleColumn.x, row - 1);
    if (before > xMax) break;
    if (!candles.hasGapBefore(row)) continue;
    count++;
    const left = place(before + 0.6);
    const width = Math.max(ratio, place(x - 0.6) - left);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, bbox.height);
    ctx.clip();
    ctx.globalAlpha = 0.3;
    ctx.beginPath();
    for (let y = -width; y < bbox.height; y += STRIPE_PX * ratio) {
      ctx.moveTo(left, bbox.top + y + width);
      ctx.lineTo(left + width, bbox.top + y);
    }
    ctx.stroke();
    ctx.restore();
    const text = label(candles.value(CandleColumn.timeS, row) - candles.value(CandleColumn.timeS, row - 1));
    drawTag(ctx, text, left + width / 2, bbox.top + 26 * ratio, colors);
  }
  ctx.restore();
  return count;
}

function drawTag(ctx: CanvasRenderingContext2D, text: string, x: number, top: number, colors: ThemeColors): void {
  const ratio = devicePixelRatio;
  const width = ctx.measureText(text).width + 8 * ratio;
  ctx.fillStyle = colors.background;
  ctx.fillRect(x - width / 2, top, width, 15 * ratio);
  ctx.fillStyle = colors.textDim;
  ctx.fillText(text, x, top + 3 * ratio);
}

/** A line before the oldest row that is stored, with what it means. */
export function drawBeginning(plot: uPlot, x: number, colors: ThemeColors, text: string): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const at = Math.round(plot.valToPos(x - 0.7, 'x', true)) + 0.5;
  if (at < bbox.left || at > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colors.textDim;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(at, bbox.top);
  ctx.lineTo(at, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${10 * ratio}px ${colors.font}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  const width = ctx.measureText(text).width + 10 * ratio;
  ctx.fillStyle = colors.background;
  ctx.fillRect(at + ratio, bbox.top + 44 * ratio, width, 15 * ratio);
  ctx.fillStyle = colors.textDim;
  ctx.fillText(text, at + 5 * ratio, bbox.top + 47 * ratio);
  ctx.restore();
}
