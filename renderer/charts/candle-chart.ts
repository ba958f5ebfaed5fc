/** uPlot host for candles: uPlot keeps axes, cursor and scales; candles, volume, fills and order lines are drawn in its hook. */
import uPlot from 'uplot';
import { MarketField } from '../../engine/contract/market-frame.ts';
import type { FillView, OrderView } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import type { MarketState } from '../hot/market-state.ts';
import { createStepFormatter } from '../hot/step-formatter.ts';
import { i18n } from '../i18n/i18n.ts';
import { formatPause } from '../panels/format.ts';
import { readThemeColors, type ThemeColors } from '../styles/theme-colors.ts';
import { CandleColumn, type CandleSeries } from './candle-series.ts';
import type { CandleWindow } from './candle-window.ts';
import { steadyRange, timeLabel, timeSplits } from './chart-axis.ts';
import { drawCandles, drawFills, drawPriceLines, drawTrades } from './chart-drawing.ts';
import { listenToGestures } from './chart-gestures.ts';
import { entryLines, type LineFormats, workingLines } from './chart-lines.ts';
import { TRADES } from './chart-page.ts';
import type { ChartViewport } from './chart-viewport.ts';
import { drawBeginning, drawGaps } from './history-marks.ts';
import { bandAt, drawIntegrity, type IntegrityBand, integrityBands } from './integrity-drawing.ts';
import { IntegrityTip } from './integrity-tip.ts';
import type { IntegrityEpisode } from './integrity-log.ts';

const PRICE_AXIS_PX = 78;
const TIME_AXIS_PX = 24;
/** Market data redraws the chart this often at most; hands redraw it at once. */
const LEAST_DRAW_MS = 60;
const WHOLE_TICKS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** What the chart needs of an instrument. */
export type ChartedSpec = Pick<InstrumentSpec, 'index' | 'venue' | 'symbol' | 'tickSize' | 'lotSize'>;

export interface CandleChartSource {
  /** What is live of the instrument; undefined for a series of the store. */
  market(): MarketState | undefined;
  window(): CandleWindow;
  orders(): ReadonlyMap<number, OrderView>;
  fills(): readonly FillView[];
  /** Times when the book was not right, oldest first. */
  episodes(): readonly IntegrityEpisode[];
}

export interface CandleChartEvents {
  /** Row under the cursor, or the newest on screen. */
  onReadout(candles: CandleSeries, row: number): void;
  /** What is seen has changed: rows beyond it may be wanted. */
  onView(): void;
  /** Zoomed: other candles may be wanted. */
  onZoom(): void;
  onLive(): void;
  invalidate(): void;
}

export class CandleChart {
  readonly name = 'chart';
  readonly priority = 1;
  readonly leastMs = LEAST_DRAW_MS;
  readonly leastMsWhenStrained = 150;
  readonly #host: HTMLElement;
  readonly #source: CandleChartSource;
  readonly #viewport: ChartViewport;
  readonly #events: CandleChartEvents;
  readonly #plot: uPlot;
  readonly #data: uPlot.AlignedData = [[], [], []];
  readonly #stopListening: () => void;
  #colors: ThemeColors = readThemeColors();
  #spec: ChartedSpec | undefined;
  #formats: LineFormats = { price: String, size: String };
  #yLow = 0;
  #yHigh = 1;
  #workingLines = 0;
  #gaps = 0;
  /** As they were drawn last: what the pointer is asked about. */
  #bands: IntegrityBand[] = [];
  readonly #tip: IntegrityTip;
  /** Ticks that have a label on the price axis. */
  #priceSplits: readonly number[] = [];

  constructor(host: HTMLElement, source: CandleChartSource, viewport: ChartViewport, events: CandleChartEvents) {
    this.#host = host;
    this.#source = source;
    this.#viewport = viewport;
    this.#events = events;
    this.#plot = new uPlot(this.#options(), this.#data, host);
    this.#tip = new IntegrityTip(this.#plot.over);
    this.#stopListening = listenToGestures(this.#plot.over, {
      edge: () => viewport,
      onPan: (xMax) => {
        viewport.moveTo(source.window(), xMax);
        events.onView();
        this.touch();
      },
      onZoom: (factor, fraction) => {
        viewport.zoom(factor, fraction);
        events.onZoom();
        this.touch();
      },
      onLive: () => events.onLive(),
    });
  }

  dispose(): void {
    this.#stopListening();
    this.#plot.destroy();
  }

  setInstrument(spec: ChartedSpec | undefined): void {
    this.#spec = spec;
    if (spec) this.#formats = { price: createStepFormatter(spec.tickSize), size: createStepFormatter(spec.lotSize) };
    this.touch();
  }

  /** Something other than market data changed: redraw with the next frame. */
  touch(): void {
    this.#events.invalidate();
  }

  refreshTheme(): void {
    this.#colors = readThemeColors();
    this.touch();
  }

  resize(width: number, height: number): void {
    if (width < 50 || height < 50) return;
    this.#plot.setSize({ width, height });
    this.touch();
  }

  draw(): void {
    const window = this.#source.window();
    const { candles } = window;
    if (candles.length === 0) {
      this.#plot.setData([[], [], []], false);
      return;
    }
    this.#viewport.update(window);
    const { xMin, xMax } = this.#viewport;
    window.lookAt(xMin, xMax);
    this.#events.onView();

    const first = Math.max(0, candles.rowsBefore(xMin) - 1);
    const last = Math.min(candles.length - 1, candles.rowsBefore(xMax));
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let volume = 1;
    for (let i = first; i <= last; i++) {
      low = Math.min(low, candles.value(CandleColumn.low, i));
      high = Math.max(high, candles.value(CandleColumn.high, i));
      volume = Math.max(volume, candles.value(CandleColumn.volume, i));
    }
    if (low <= high) [this.#yLow, this.#yHigh] = steadyRange(low, high, this.#yLow, this.#yHigh);

    const data = this.#data as unknown as Float64Array[];
    data[0] = candles.column(CandleColumn.x);
    data[1] = candles.column(CandleColumn.close);
    data[2] = candles.column(CandleColumn.volume);
    this.#plot.batch(() => {
      this.#plot.setData(this.#data, false);
      this.#plot.setScale('x', { min: xMin, max: xMax });
      this.#plot.setScale('y', { min: this.#yLow, max: this.#yHigh });
      this.#plot.setScale('volume', { min: 0, max: volume * 5 });
    });
    this.#readout();
  }

  /** Figures for tests and for the curious: fresh a few times a second. */
  writeAttributes(element: HTMLElement): void {
    const window = this.#source.window();
    const candles = window.candles;
    const set = (key: string, value: number | string) => {
      const text = Number.isNaN(value) ? '' : String(value);
      if (element.dataset[key] !== text) element.dataset[key] = text;
    };
    set('candleCount', candles.length);
    set('firstTime', candles.firstTimeS);
    set('lastTime', candles.lastTimeS);
    set('lastCloseTicks', candles.length > 0 ? candles.value(CandleColumn.close, candles.length - 1) : Number.NaN);
    set('fillMarkers', this.#countFills());
    set('workingLines', this.#workingLines);
    set('integrityMarks', this.#bands.map(({ episode }) => episode.state).join(' '));
    set('interval', intervalName(window.intervalS));
    const { xMin, xMax, follow, span } = this.#viewport;
    const at = (x: number) =>
      candles.length > 0 ? candles.value(CandleColumn.timeS, candles.nearestRow(x)) : Number.NaN;
    set('viewFrom', at(xMin));
    set('viewTo', at(xMax));
    set('span', Math.round(span));
    set('follow', String(follow && window.attached));
    set('complete', String(window.complete));
    set('gaps', this.#gaps);
  }

  /** Own fills that fall onto a candle that is loaded. */
  #countFills(): number {
    const { candles } = this.#source.window();
    const spec = this.#spec;
    if (!spec || candles.length === 0) return 0;
    let count = 0;
    for (const fill of this.#source.fills()) {
      if (fill.instrument === spec.index && fill.timeUs / 1e6 >= candles.firstTimeS) count++;
    }
    return count;
  }

  #options(): uPlot.Options {
    const font = `11px ${this.#colors.font}`;
    return {
      width: Math.max(100, this.#host.clientWidth),
      height: Math.max(100, this.#host.clientHeight),
      padding: [10, 0, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false, setScale: false }, points: { show: false } },
      scales: { x: { time: false, auto: false }, y: { auto: false }, volume: { auto: false } },
      series: [
        {},
        { scale: 'y', paths: () => null, points: { show: false } },
        { scale: 'volume', paths: () => null, points: { show: false } },
      ],
      axes: [
        {
          size: TIME_AXIS_PX,
          font,
          stroke: () => this.#colors.textDim,
          grid: { stroke: () => this.#colors.grid, width: 1 },
          ticks: { show: false },
          gap: 4,
          splits: (plot) => this.#timeSplits(plot),
          values: (plot, splits) => this.#timeValues(plot, splits),
        },
        {
          scale: 'y',
          side: 1,
          size: PRICE_AXIS_PX,
          font,
          stroke: () => this.#colors.textDim,
          grid: { stroke: () => this.#colors.grid, width: 1 },
          ticks: { show: false },
          gap: 8,
          space: 44,
          // Whole ticks: a grid line between two prices would wear the label of one of them.
          incrs: WHOLE_TICKS,
          values: (_plot, splits) => this.#priceValues(splits),
        },
      ],
      hooks: {
        draw: [(plot) => this.#paint(plot)],
        setCursor: [() => this.#readout(), () => this.#showTip()],
      },
    };
  }

  #timeSplits(plot: uPlot): number[] {
    const { candles, intervalS } = this.#source.window();
    const most = Math.max(2, Math.floor(plot.bbox.width / devicePixelRatio / 92));
    const offsetS = -new Date(candles.lastTimeS * 1000).getTimezoneOffset() * 60;
    return timeSplits(candles, this.#viewport.xMin, this.#viewport.xMax, intervalS, most, offsetS);
  }

  #priceValues(splits: number[]): string[] {
    this.#priceSplits = splits;
    return splits.map((ticks) => this.#formats.price(ticks));
  }

  #timeValues(plot: uPlot, splits: number[]): string[] {
    const { candles, intervalS } = this.#source.window();
    let previous = Number.NaN;
    return splits.map((x) => {
      const row = candles.nearestRow(x);
      // Half a label at the left edge is none.
      if (row < 0 || plot.valToPos(x, 'x') < 28) return '';
      const timeS = candles.value(CandleColumn.timeS, row);
      const label = timeLabel(timeS, previous, intervalS, Date.now() / 1000);
      previous = timeS;
      return label;
    });
  }

  #paint(plot: uPlot): void {
    const window = this.#source.window();
    const { candles, intervalS } = window;
    const spec = this.#spec;
    if (candles.length === 0 || !spec) return;
    const { ctx, bbox } = plot;
    const { xMin, xMax } = this.#viewport;
    const colors = this.#colors;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.#bands = integrityBands(plot, this.#source.episodes(), candles, intervalS, xMin, xMax);
    drawIntegrity(plot, this.#bands, colors);
    if (intervalS === TRADES) drawTrades(plot, candles, xMin, xMax, colors);
    else drawCandles(plot, candles, xMin, xMax, colors);
    this.#gaps = drawGaps(plot, candles, xMin, xMax, colors, formatPause);
    if (window.complete) {
      const text = i18n.t(intervalS === TRADES ? 'chart.tradesBegin' : 'chart.begins');
      drawBeginning(plot, candles.firstX, colors, text);
    }
    ctx.restore();
    this.#showTip();
    this.#paintLines(plot, window, spec);
    drawFills(plot, this.#source.fills(), spec.index, candles, colors, (timeUs) => {
      const row = candles.lowerBound(timeUs / 1e6 + 1e-6) - 1;
      return row < 0 ? Number.NaN : candles.value(CandleColumn.x, row);
    });
  }

  #paintLines(plot: uPlot, { candles, attached }: CandleWindow, spec: ChartedSpec): void {
    const header = this.#source.market()?.header;
    const { lines, working } = workingLines(this.#source.orders().values(), spec.index, this.#formats, this.#colors);
    this.#workingLines = working;
    if (header) {
      const [entryTicks, positionLots] = [header[MarketField.averagePriceTicks], header[MarketField.positionLots]];
      lines.push(...entryLines(entryTicks as number, positionLots as number, this.#formats, this.#colors));
    }
    const newest = candles.length - 1;
    const lastTicks =
      header?.[MarketField.lastPriceTicks] || (attached ? candles.value(CandleColumn.close, newest) : 0);
    if (lastTicks > 0) {
      const rising = candles.value(CandleColumn.close, newest) >= candles.value(CandleColumn.open, newest);
      const color = attached ? (rising ? this.#colors.buy : this.#colors.sell) : this.#colors.textDim;
      lines.push({
        ticks: lastTicks,
        color,
        price: this.#formats.price(Math.round(lastTicks)),
        label: '',
        dash: [1, 3],
      });
    }
    drawPriceLines(plot, lines, this.#colors, this.#priceSplits);
  }

  #readout(): void {
    const { candles } = this.#source.window();
    if (candles.length === 0) return;
    const left = this.#plot.cursor.left ?? -1;
    const x = left >= 0 ? this.#plot.posToVal(left, 'x') : this.#viewport.xMax;
    this.#events.onReadout(candles, candles.nearestRow(x));
  }

  #showTip(): void {
    const { bbox, cursor } = this.#plot;
    const { left = -1, top = -1 } = cursor;
    const ratio = devicePixelRatio;
    const episode = left < 0 ? undefined : bandAt(this.#bands, bbox.left + left * ratio)?.episode;
    this.#tip.show(episode, left, top, bbox.width / ratio, bbox.height / ratio);
  }
}

/** `1s`, `5m`, `1h`, `1d`; `ticks` for trades. */
export function intervalName(intervalS: number): string {
  if (intervalS === TRADES) return 'ticks';
  if (intervalS < 60) return `${intervalS}s`;
  if (intervalS < 3600) return `${intervalS / 60}m`;
  return intervalS < 86_400 ? `${intervalS / 3600}h` : `${intervalS / 86_400}d`;
}
