/** uPlot host for candles: uPlot keeps axes, cursor and scales; candles, volume, fills and order lines are drawn in its hook. */
import uPlot from 'uplot';
import { MarketField } from '../../engine/contract/market-frame.ts';
import type { FillView, OrderView } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import type { MarketState } from '../hot/market-state.ts';
import { createStepFormatter, type StepFormatter } from '../hot/step-formatter.ts';
import { isFinished } from '../stores/orders-store.ts';
import { readThemeColors, type ThemeColors } from '../styles/theme-colors.ts';
import { CandleColumn, type CandleSeries } from './candle-series.ts';
import { type CandleWindow, candleOpenS } from './candle-window.ts';
import { steadyRange, timeLabel, timeSplits } from './chart-axis.ts';
import { drawCandles, drawFills, drawPriceLines, type PriceLine } from './chart-drawing.ts';
import { bandAt, drawIntegrity, type IntegrityBand, integrityBands } from './integrity-drawing.ts';
import { IntegrityTip } from './integrity-tip.ts';
import type { IntegrityEpisode } from './integrity-log.ts';

const PRICE_AXIS_PX = 78;
const TIME_AXIS_PX = 24;
const LEAST_SPAN = 15;
const LEAST_LIVE_SPAN = 60;
const MOST_SPAN = 3_000;
/** Market data redraws the chart this often at most; hands redraw it at once. */
const LEAST_DRAW_MS = 60;
const WORKING_LINES_MAX = 40;
const WHOLE_TICKS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

export interface CandleChartSource {
  market(): MarketState;
  window(): CandleWindow;
  orders(): ReadonlyMap<number, OrderView>;
  fills(): readonly FillView[];
  /** Times when the book was not right, oldest first. */
  episodes(): readonly IntegrityEpisode[];
}

export interface CandleChartEvents {
  /** Row of the candle under the cursor, or of the newest. */
  onReadout(candles: CandleSeries, row: number): void;
  onFollow(follow: boolean): void;
  /** The left edge comes near the oldest candle. */
  onNeedOlder(): void;
  invalidate(): void;
}

export class CandleChart {
  readonly name = 'chart';
  readonly priority = 1;
  readonly leastMs = LEAST_DRAW_MS;
  readonly leastMsWhenStrained = 150;
  readonly #host: HTMLElement;
  readonly #source: CandleChartSource;
  readonly #events: CandleChartEvents;
  readonly #plot: uPlot;
  readonly #data: uPlot.AlignedData = [[], [], []];
  readonly #cleanups: (() => void)[] = [];
  #colors: ThemeColors = readThemeColors();
  #spec: InstrumentSpec | undefined;
  #formatPrice: StepFormatter = String;
  #formatSize: StepFormatter = String;
  #follow = true;
  #span = 150;
  /** What was zoomed to; {@link #span} is less while there are few candles. */
  #wantedSpan = 150;
  #xMax = 0;
  #yLow = 0;
  #yHigh = 1;
  #workingLines = 0;
  /** As they were drawn last: what the pointer is asked about. */
  #bands: IntegrityBand[] = [];
  readonly #tip: IntegrityTip;
  /** Ticks that have a label on the price axis. */
  #priceSplits: readonly number[] = [];

  constructor(host: HTMLElement, source: CandleChartSource, events: CandleChartEvents) {
    this.#host = host;
    this.#source = source;
    this.#events = events;
    this.#plot = new uPlot(this.#options(), this.#data, host);
    this.#tip = new IntegrityTip(this.#plot.over);
    this.#listen();
  }

  dispose(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.#plot.destroy();
  }

  setInstrument(spec: InstrumentSpec | undefined): void {
    this.#spec = spec;
    if (spec) {
      this.#formatPrice = createStepFormatter(spec.tickSize);
      this.#formatSize = createStepFormatter(spec.lotSize);
    }
    this.goLive();
  }

  /** Follows the newest candle again. */
  goLive(): void {
    this.#setFollow(true);
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
    const candles = this.#source.window().candles;
    if (candles.length === 0) {
      this.#plot.setData([[], [], []], false);
      return;
    }
    const lastX = candles.firstX + candles.length - 1;
    if (this.#follow) {
      // Few candles yet: wide ones, rather than an empty chart with a few at its edge.
      this.#span = Math.min(this.#wantedSpan, Math.max(LEAST_LIVE_SPAN, candles.length * 1.25));
      this.#xMax = lastX + Math.max(3, this.#span * 0.05);
    }
    const xMin = this.#xMax - this.#span;
    if (!this.#follow && xMin < candles.firstX + this.#span * 0.5) this.#events.onNeedOlder();
    else if (candles.length < this.#span) this.#events.onNeedOlder();

    const first = Math.max(0, Math.floor(xMin) - candles.firstX);
    const last = Math.min(candles.length - 1, Math.ceil(this.#xMax) - candles.firstX);
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
      this.#plot.setScale('x', { min: xMin, max: this.#xMax });
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
    const intervalS = window.intervalS;
    set('interval', intervalS < 60 ? `${intervalS}s` : `${intervalS / 60}m`);
  }

  /** Own fills that fall onto a candle that is loaded. */
  #countFills(): number {
    const candles = this.#source.window().candles;
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
    const window = this.#source.window();
    const most = Math.max(2, Math.floor(plot.bbox.width / devicePixelRatio / 92));
    const offsetS = -new Date().getTimezoneOffset() * 60;
    return timeSplits(window.candles, this.#xMax - this.#span, this.#xMax, window.intervalS, most, offsetS);
  }

  #priceValues(splits: number[]): string[] {
    this.#priceSplits = splits;
    return splits.map((ticks) => this.#formatPrice(ticks));
  }

  #timeValues(plot: uPlot, splits: number[]): string[] {
    const window = this.#source.window();
    const candles = window.candles;
    let previous = Number.NaN;
    return splits.map((x) => {
      const row = x - candles.firstX;
      // Half a label at the left edge is none.
      if (row < 0 || row >= candles.length || plot.valToPos(x, 'x') < 28) return '';
      const timeS = candles.value(CandleColumn.timeS, row);
      const label = timeLabel(timeS, previous, window.intervalS);
      previous = timeS;
      return label;
    });
  }

  #paint(plot: uPlot): void {
    const window = this.#source.window();
    const candles = window.candles;
    const spec = this.#spec;
    if (candles.length === 0 || !spec) return;
    const market = this.#source.market();
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const xMin = this.#xMax - this.#span;
    this.#bands = integrityBands(plot, this.#source.episodes(), candles, window.intervalS, xMin, this.#xMax);
    drawIntegrity(plot, this.#bands, this.#colors);
    drawCandles(plot, candles, xMin, this.#xMax, this.#colors);
    ctx.restore();
    this.#showTip();
    const lines: PriceLine[] = [];
    const add = (ticks: number, color: string, label: string, dash: readonly number[]) =>
      lines.push({ ticks, color, price: this.#formatPrice(Math.round(ticks)), label, dash });
    this.#addWorkingLines(spec, add);
    const header = market.header;
    const entryTicks = header[MarketField.averagePriceTicks] as number;
    const positionLots = header[MarketField.positionLots] as number;
    if (entryTicks > 0 && positionLots !== 0) {
      const sign = positionLots > 0 ? '+' : '−';
      add(entryTicks, this.#colors.entry, `${sign}${this.#formatSize(Math.abs(positionLots))}`, [2, 3]);
    }
    const lastTicks =
      (header[MarketField.lastPriceTicks] as number) || candles.value(CandleColumn.close, candles.length - 1);
    const rising =
      candles.value(CandleColumn.close, candles.length - 1) >= candles.value(CandleColumn.open, candles.length - 1);
    add(lastTicks, rising ? this.#colors.buy : this.#colors.sell, '', [1, 3]);
    drawPriceLines(plot, lines, this.#colors, this.#priceSplits);
    drawFills(plot, this.#source.fills(), spec.index, candles, this.#colors, (timeUs) => {
      const openS = candleOpenS(timeUs / 1e6, window.intervalS);
      if (openS < candles.firstTimeS) return Number.NaN;
      const row = candles.lowerBound(openS + 1) - 1;
      return candles.firstX + Math.max(0, row);
    });
  }

  /** One line a price and side: orders at the same price are one label, with their sum. */
  #addWorkingLines(spec: InstrumentSpec, add: (ticks: number, color: string, label: string, dash: number[]) => void) {
    this.#workingLines = 0;
    const sums = new Map<number, { ticks: number; buy: boolean; lots: number; count: number }>();
    for (const order of this.#source.orders().values()) {
      if (isFinished(order.status) || order.instrument !== spec.index) continue;
      this.#workingLines++;
      const buy = order.side === 'buy';
      const key = buy ? order.priceTicks : -order.priceTicks;
      const sum = sums.get(key) ?? { ticks: order.priceTicks, buy, lots: 0, count: 0 };
      if (sum.count === 0 && sums.size >= WORKING_LINES_MAX) continue;
      sum.lots += order.sizeLots - order.filledLots;
      sum.count++;
      sums.set(key, sum);
    }
    for (const { ticks, buy, lots, count } of sums.values()) {
      const label = `${buy ? '▲' : '▼'} ${this.#formatSize(lots)}${count > 1 ? ` ×${count}` : ''}`;
      add(ticks, buy ? this.#colors.buy : this.#colors.sell, label, [6, 4]);
    }
  }

  #readout(): void {
    const candles = this.#source.window().candles;
    if (candles.length === 0) return;
    const left = this.#plot.cursor.left ?? -1;
    const x = left >= 0 ? Math.round(this.#plot.posToVal(left, 'x')) : Number.POSITIVE_INFINITY;
    const row = Math.max(0, Math.min(candles.length - 1, x - candles.firstX));
    this.#events.onReadout(candles, row);
  }

  #showTip(): void {
    const { bbox, cursor } = this.#plot;
    const { left = -1, top = -1 } = cursor;
    const ratio = devicePixelRatio;
    const episode = left < 0 ? undefined : bandAt(this.#bands, bbox.left + left * ratio)?.episode;
    this.#tip.show(episode, left, top, bbox.width / ratio, bbox.height / ratio);
  }

  #setFollow(follow: boolean): void {
    if (this.#follow === follow) return;
    this.#follow = follow;
    this.#events.onFollow(follow);
  }

  #listen(): void {
    const over = this.#plot.over;
    const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) => {
      over.addEventListener(type, listener, { passive: false });
      this.#cleanups.push(() => over.removeEventListener(type, listener));
    };
    let panning = -1;
    let startX = 0;
    let startMax = 0;
    on('pointerdown', (event) => {
      if (event.button !== 0) return;
      panning = event.pointerId;
      startX = event.clientX;
      startMax = this.#xMax;
      over.setPointerCapture(event.pointerId);
    });
    on('pointermove', (event) => {
      if (event.pointerId !== panning || event.clientX === startX) return;
      this.#moveTo(startMax - ((event.clientX - startX) / over.clientWidth) * this.#span);
    });
    const release = (event: PointerEvent) => {
      if (event.pointerId === panning) panning = -1;
    };
    on('pointerup', release);
    on('pointercancel', release);
    on('dblclick', () => this.goLive());
    on('wheel', (event) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const delta = event.deltaX || event.deltaY;
        this.#moveTo(this.#xMax + (delta / over.clientWidth) * this.#span);
        return;
      }
      const span = Math.max(
        LEAST_SPAN,
        Math.min(MOST_SPAN, (this.#follow ? this.#wantedSpan : this.#span) * (event.deltaY > 0 ? 1.15 : 1 / 1.15)),
      );
      if (!this.#follow) {
        // What is under the pointer stays there.
        const fromRight = 1 - event.offsetX / over.clientWidth;
        this.#xMax += (span - this.#span) * fromRight;
      }
      this.#span = span;
      this.#wantedSpan = span;
      this.touch();
    });
  }

  #moveTo(xMax: number): void {
    const candles = this.#source.window().candles;
    const lastX = candles.firstX + candles.length - 1;
    const liveMax = lastX + Math.max(3, this.#span * 0.05);
    this.#xMax = Math.max(candles.firstX + this.#span * 0.2, Math.min(liveMax, xMax));
    this.#setFollow(this.#xMax >= liveMax - 0.5);
    this.touch();
  }
}
