/** Canvas strokes of the candle chart. All in canvas pixels; nothing is kept between calls. */
import type uPlot from 'uplot';
import type { FillView } from '../../engine/contract/trading-messages.ts';
import type { ThemeColors } from '../styles/theme-colors.ts';
import { CandleColumn, type CandleSeries } from './candle-series.ts';
import { spreadTags } from './price-tags.ts';

const MOST_FILLS = 600;

/** Candles and volume bars between xMin and xMax. */
export function drawCandles(plot: uPlot, candles: CandleSeries, xMin: number, xMax: number, colors: ThemeColors): void {
  const { ctx, bbox } = plot;
  const first = Math.max(0, candles.rowsBefore(xMin) - 1);
  const last = Math.min(candles.length - 1, candles.rowsBefore(xMax));
  const pixelsPerCandle = bbox.width / (xMax - xMin);
  const half = Math.max(0.5, Math.floor(pixelsPerCandle * 0.36));
  const width = pixelsPerCandle < 3 ? Math.max(1, Math.floor(pixelsPerCandle)) : half * 2 + 1;
  const y0 = plot.valToPos(0, 'y', true);
  const yPerTick = plot.valToPos(1, 'y', true) - y0;
  const volumeTop = plot.valToPos(1, 'volume', true) - plot.valToPos(0, 'volume', true);
  const bottom = bbox.top + bbox.height;
  const wick = Math.max(1, Math.round(devicePixelRatio));
  // Two passes a colour: changing the fill style is what costs.
  for (const rising of [true, false]) {
    ctx.fillStyle = rising ? colors.buyDim : colors.sellDim;
    for (let i = first; i <= last; i++) {
      if (candles.value(CandleColumn.close, i) >= candles.value(CandleColumn.open, i) !== rising) continue;
      const x = Math.round(bbox.left + (candles.value(CandleColumn.x, i) - xMin) * pixelsPerCandle);
      const height = Math.max(1, Math.round(-volumeTop * candles.value(CandleColumn.volume, i)));
      ctx.fillRect(x - Math.floor(width / 2), bottom - height, width, height);
    }
    ctx.fillStyle = rising ? colors.buy : colors.sell;
    for (let i = first; i <= last; i++) {
      const open = candles.value(CandleColumn.open, i);
      const close = candles.value(CandleColumn.close, i);
      if (close >= open !== rising) continue;
      const x = Math.round(bbox.left + (candles.value(CandleColumn.x, i) - xMin) * pixelsPerCandle);
      const high = Math.round(y0 + candles.value(CandleColumn.high, i) * yPerTick);
      const low = Math.round(y0 + candles.value(CandleColumn.low, i) * yPerTick);
      ctx.fillRect(x - Math.floor(wick / 2), high, wick, Math.max(1, low - high));
      if (width > 2) {
        const top = Math.round(y0 + Math.max(open, close) * yPerTick);
        const foot = Math.round(y0 + Math.min(open, close) * yPerTick);
        ctx.fillRect(x - Math.floor(width / 2), top, width, Math.max(1, foot - top));
      }
    }
  }
}

/** Trades between xMin and xMax: a step from price to price, broken at gaps; a dot in the colour of the side; volume. */
export function drawTrades(plot: uPlot, trades: CandleSeries, xMin: number, xMax: number, colors: ThemeColors): void {
  const { ctx, bbox } = plot;
  const first = Math.max(0, trades.rowsBefore(xMin) - 1);
  const last = Math.min(trades.length - 1, trades.rowsBefore(xMax));
  const pixels = bbox.width / (xMax - xMin);
  const ratio = devicePixelRatio;
  const y0 = plot.valToPos(0, 'y', true);
  const yPerTick = plot.valToPos(1, 'y', true) - y0;
  const volumeTop = plot.valToPos(1, 'volume', true) - plot.valToPos(0, 'volume', true);
  const bottom = bbox.top + bbox.height;
  const place = (i: number): number => bbox.left + (trades.value(CandleColumn.x, i) - xMin) * pixels;
  const height = (i: number): number => y0 + trades.value(CandleColumn.close, i) * yPerTick;
  ctx.strokeStyle = colors.textDim;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (let i = first; i <= last; i++) {
    const x = place(i);
    if (i === first || trades.hasGapBefore(i)) ctx.moveTo(x, height(i));
    else {
      ctx.lineTo(x, height(i - 1));
      ctx.lineTo(x, height(i));
    }
  }
  ctx.stroke();
  const width = Math.max(1, Math.floor(pixels * 0.7));
  const dot = Math.max(2 * ratio, Math.min(5 * ratio, pixels * 0.6));
  for (const bought of [true, false]) {
    for (const [bars, color] of [
      [true, bought ? colors.buyDim : colors.sellDim],
      [false, bought ? colors.buy : colors.sell],
    ] as const) {
      ctx.fillStyle = color;
      for (let i = first; i <= last; i++) {
        if (trades.value(CandleColumn.buyVolume, i) > 0 !== bought) continue;
        if (bars) {
          const bar = Math.max(1, Math.round(-volumeTop * trades.value(CandleColumn.volume, i)));
          ctx.fillRect(place(i) - width / 2, bottom - bar, width, bar);
        } else ctx.fillRect(place(i) - dot / 2, height(i) - dot / 2, dot, dot);
      }
    }
  }
}

/** A horizontal line at a price, its tag on the axis, and a label at the left end where `label` is not empty. */
export interface PriceLine {
  ticks: number;
  color: string;
  price: string;
  label: string;
  dash: readonly number[];
}

/** Draws lines where their prices are; tags and labels give way to each other, and all of them to that of the last line. `axisTicks` have labels, which go where tags are. */
export function drawPriceLines(
  plot: uPlot,
  lines: readonly PriceLine[],
  colors: ThemeColors,
  axisTicks: readonly number[],
): void {
  const { ctx, bbox } = plot;
  const scale = plot.scales['y'];
  const [low, high] = [scale?.min ?? 0, scale?.max ?? 0];
  const shown = lines.filter((line) => line.ticks >= low && line.ticks <= high);
  if (shown.length === 0) return;
  const ratio = devicePixelRatio;
  const right = bbox.left + bbox.width;
  const tagHeight = 16 * ratio;
  const ys = shown.map((line) => Math.round(plot.valToPos(line.ticks, 'y', true)) + 0.5);
  const anchor = shown.indexOf(lines[lines.length - 1] as PriceLine);
  const tags = spreadTags(ys, anchor, tagHeight + ratio, bbox.top - tagHeight / 2, bbox.top + bbox.height);
  ctx.save();
  ctx.lineWidth = ratio;
  for (const [i, line] of shown.entries()) {
    const y = ys[i] as number;
    ctx.strokeStyle = line.color;
    ctx.setLineDash(line.dash.map((length) => length * ratio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  // uPlot draws labels anew only when the scale changes, so they cannot be left out there.
  ctx.fillStyle = colors.background;
  for (const ticks of axisTicks) {
    const y = plot.valToPos(ticks, 'y', true);
    if (!tags.some((tag) => Math.abs(tag - y) < tagHeight)) continue;
    ctx.fillRect(right + 2 * ratio, y - 8 * ratio, ctx.canvas.width - right, 16 * ratio);
  }
  ctx.font = `${11 * ratio}px ${colors.font}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (const [i, line] of shown.entries()) {
    const y = tags[i] as number;
    if (Number.isNaN(y)) continue;
    ctx.fillStyle = line.color;
    ctx.fillRect(right, y - tagHeight / 2, ctx.canvas.width - right, tagHeight);
    ctx.fillStyle = colors.onColor;
    ctx.fillText(line.price, right + 8 * ratio, y + ratio * 0.5);
    if (!line.label) continue;
    // At the left: what is newest is at the right, and must stay in sight.
    const width = ctx.measureText(line.label).width + 10 * ratio;
    ctx.fillStyle = colors.background;
    ctx.fillRect(bbox.left + 4 * ratio, y - tagHeight / 2, width, tagHeight);
    ctx.strokeStyle = line.color;
    ctx.strokeRect(bbox.left + 4 * ratio, y - tagHeight / 2, width, tagHeight);
    ctx.fillStyle = line.color;
    ctx.fillText(line.label, bbox.left + 9 * ratio, y + ratio * 0.5);
  }
  ctx.restore();
}

/** Fills of one side in one candle: drawn one by one while they are few, as one marker with their number when many. */
interface FillGroup {
  x: number;
  buy: boolean;
  count: number;
}

const MOST_SINGLE_FILLS = 3;

/**
 * Triangles at own fills: buys point up from below their price, sells down from above. Many fills of a side in one candle
 * are one triangle beside the candle, with their number. `xOf` is NaN where no candle is.
 */
export function drawFills(
  plot: uPlot,
  fills: readonly FillView[],
  instrument: number,
  candles: CandleSeries,
  colors: ThemeColors,
  xOf: (timeUs: number) => number,
): void {
  const { ctx, bbox } = plot;
  const { min = 0, max = 0 } = plot.scales['x'] ?? {};
  const ratio = devicePixelRatio;
  const groups = new Map<string, FillGroup>();
  const shown: { x: number; fill: FillView; group: FillGroup }[] = [];
  for (let i = fills.length - 1; i >= 0 && shown.length < MOST_FILLS; i--) {
    const fill = fills[i] as FillView;
    if (fill.instrument !== instrument) continue;
    const x = xOf(fill.timeUs);
    // From the newest on: at the left edge nothing follows that can be seen.
    if (!(x >= min - 1)) break;
    if (x > max + 1) continue;
    const buy = fill.side === 'buy';
    const key = `${x}${buy}`;
    const group = groups.get(key) ?? { x, buy, count: 0 };
    group.count++;
    groups.set(key, group);
    shown.push({ x, fill, group });
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${10 * ratio}px ${colors.font}`;
  ctx.textAlign = 'center';
  for (const { x, fill, group } of shown) {
    if (group.count <= MOST_SINGLE_FILLS) drawMarker(plot, x, fill.priceTicks, group.buy, 5.5 * ratio, colors);
  }
  const roomForNumbers = bbox.width / (max - min) >= 9 * ratio;
  for (const { x, buy, count } of groups.values()) {
    if (count <= MOST_SINGLE_FILLS) continue;
    const foot = drawMarker(
      plot,
      x,
      candles.value(buy ? CandleColumn.low : CandleColumn.high, candles.nearestRow(x)),
      buy,
      6.5 * ratio,
      colors,
    );
    if (!roomForNumbers) continue;
    ctx.textBaseline = buy ? 'top' : 'bottom';
    const [left, top] = [plot.valToPos(x, 'x', true), foot + (buy ? 2 : -2) * ratio];
    ctx.strokeStyle = colors.background;
    ctx.lineWidth = 3 * ratio;
    ctx.strokeText(String(count), left, top);
    ctx.fillText(String(count), left, top);
  }
  ctx.restore();
}

/** @returns y of the side that is away from the price */
function drawMarker(plot: uPlot, at: number, ticks: number, buy: boolean, size: number, colors: ThemeColors): number {
  const { ctx } = plot;
  const x = plot.valToPos(at, 'x', true);
  const y = plot.valToPos(ticks, 'y', true);
  const down = buy ? 1 : -1;
  const foot = y + down * size * 1.9;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.strokeStyle = colors.background;
  ctx.fillStyle = buy ? colors.buy : colors.sell;
  ctx.beginPath();
  ctx.moveTo(x, y + down * devicePixelRatio);
  ctx.lineTo(x - size, foot);
  ctx.lineTo(x + size, foot);
  ctx.closePath();
  ctx.stroke();
  ctx.fill();
  return foot;
}
