/** One chart panel past React: what it shows, its history, its marks, and the drawing of it. */
import type { StoredName, StoredRange } from '../../engine/contract/storage-messages.ts';
import type { Runtime } from '../app/runtime.ts';
import { CandleChart, type ChartedSpec } from '../charts/candle-chart.ts';
import { CandleWindow } from '../charts/candle-window.ts';
import { TRADES } from '../charts/chart-page.ts';
import { ChartNavigator } from '../charts/chart-navigator.ts';
import { IntegrityHistory } from '../charts/integrity-history.ts';
import { IntegrityLog } from '../charts/integrity-log.ts';
import { useHostStore } from '../stores/host-store.ts';
import { writeReadout } from './chart-readout.tsx';

/** A series of the store has no orders, fills or position. */
const NO_INSTRUMENT = -1;

/** Records that storage may be behind and still answer for now. */
const MOST_BACKLOG = 1_000;
/** Pause before storage, which was behind, is asked again, ms; and how often where only its silence says so. */
const ASK_AGAIN_MS = 3_000;
const MOST_ASKS = 5;

/** What the bar of the panel shows of the chart. */
export interface ChartStatus {
  live: boolean;
  loading: boolean;
  /** Candles that are on screen, s; 0 for trades. */
  intervalS: number;
  /** The shortest that there are. */
  shortestS: number;
}

export class ChartController {
  readonly #runtime: Runtime;
  readonly #container: HTMLElement;
  readonly #readout: HTMLElement;
  readonly #onStatus: (status: ChartStatus) => void;
  readonly #chart: CandleChart;
  readonly #marks: IntegrityHistory;
  readonly #navigator: ChartNavigator;
  readonly #cleanups: (() => void)[];
  #spec: ChartedSpec | undefined;
  /** Set for a series of the store, whose window is the chart's own. */
  #stored: StoredName | undefined;
  #window = new CandleWindow();
  #log = new IntegrityLog();
  #later: ReturnType<typeof setTimeout> | undefined;
  #asksLeft = MOST_ASKS;
  #askAtMs = 0;
  #wasBehind = false;
  #status: ChartStatus = { live: true, loading: false, intervalS: 1, shortestS: TRADES };

  constructor(
    runtime: Runtime,
    elements: { container: HTMLElement; host: HTMLElement; readout: HTMLElement },
    onStatus: (status: ChartStatus) => void,
  ) {
    this.#runtime = runtime;
    this.#container = elements.container;
    this.#readout = elements.readout;
    this.#onStatus = onStatus;
    this.#marks = new IntegrityHistory(runtime.storage, () => this.#chart.touch());
    this.#navigator = new ChartNavigator({
      onChange: () => this.#changed(),
      // History is a convenience: without storage the chart lives on what is live, and asks again when storage is up.
      onError: tolerate,
    });
    this.#chart = new CandleChart(
      elements.host,
      {
        market: () => (this.#stored ? undefined : runtime.current),
        window: () => this.#window,
        orders: () => runtime.ledger.orders,
        fills: () => runtime.ledger.fills,
        episodes: () => this.#log.episodes,
      },
      this.#navigator.viewport,
      {
        onReadout: (candles, row) => {
          if (this.#spec) writeReadout(this.#readout, this.#spec, candles, row, this.#window.intervalS === TRADES);
        },
        onView: () => {
          this.#tell();
          void this.#navigator.look();
        },
        onZoom: () => void this.#navigator.zoomed(),
        onLive: () => this.goLive(),
        invalidate: () => runtime.scheduler.hurry(this.#chart),
      },
    );
    this.#cleanups = [
      runtime.scheduler.add(this.#chart),
      runtime.onSlowTick((nowMs) => {
        this.#chart.writeAttributes(this.#container);
        this.#tell();
        void this.#navigator.poll();
        this.#askAgain(nowMs);
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#later);
    this.#navigator.suspend();
    for (const cleanup of this.#cleanups) cleanup();
    this.#chart.dispose();
  }

  /** The instrument on screen, with what is live of it. */
  showInstrument(spec: ChartedSpec): void {
    const series = { venue: spec.venue, symbol: spec.symbol };
    this.#open(spec, series, this.#runtime.candleWindow(spec.index), this.#runtime.integrity(spec.index));
    this.#stored = undefined;
  }

  /** A series of the store. @throws Error when there is none, or storage cannot tell */
  async showStored(series: StoredName): Promise<void> {
    const range = await this.#runtime.storage.range(series);
    if (!range) throw new Error(`${series.symbol}: nothing is stored`);
    this.#stored = series;
    const spec = { index: NO_INSTRUMENT, ...series, tickSize: range.tickSize, lotSize: range.lotSize };
    this.#open(
      spec,
      series,
      new CandleWindow(),
      new IntegrityLog(),
      range.tradesFromUs === null ? range.intervalS : TRADES,
    );
    await this.#navigator.refresh();
  }

  #open(spec: ChartedSpec, series: StoredName, window: CandleWindow, log: IntegrityLog, shortestS?: number): void {
    const { storage } = this.#runtime;
    this.#spec = spec;
    this.#window = window;
    this.#log = log;
    this.#navigator.open(
      window,
      {
        candles: (intervalS, range, signal) => storage.candles(series, intervalS, range, signal),
        trades: (range, signal) => storage.trades(series, range, signal),
      },
      shortestS,
    );
    this.#asksLeft = MOST_ASKS;
    const newestS = window.baseLastS > 0 ? window.baseLastS + 1 : Date.now() / 1000;
    this.#marks.start(series, log, newestS * 1e6);
    this.#chart.setInstrument(spec);
  }

  /** Asks for history anew, once storage follows the session; who looks at the past is left alone. */
  reload(): void {
    clearTimeout(this.#later);
    if (this.#stored || !this.#spec) return;
    const looksBack = !this.#navigator.viewport.follow && this.#window.candles.length > 0;
    const delayMs = this.#runtime.historyDelayMs;
    if (delayMs > 0) {
      if (!looksBack) this.#navigator.suspend();
      this.#later = setTimeout(() => this.reload(), delayMs);
    } else if (!looksBack) void this.#navigator.refresh();
  }

  /** Storage that is behind has answered for what it had: what lies between and before may be there by now. */
  #askAgain(nowMs: number): void {
    const { storage } = useHostStore.getState();
    if (this.#stored || storage?.state !== 'up' || nowMs < this.#askAtMs) return;
    this.#askAtMs = nowMs + ASK_AGAIN_MS;
    const isBehind = storage.backlog > MOST_BACKLOG;
    if (isBehind) this.#asksLeft = MOST_ASKS;
    else if (this.#asksLeft === 0) return;
    else this.#asksLeft--;
    const isDoubtful = isBehind || this.#wasBehind || this.#window.complete;
    this.#wasBehind = isBehind;
    if (!isDoubtful) return;
    if (this.#navigator.viewport.follow) this.reload();
    else this.#window.doubtBeginning();
  }

  setInterval(intervalS: number): void {
    void this.#navigator.setInterval(intervalS);
  }

  goLive(): void {
    void this.#navigator.goLive();
  }

  /** Shows a time; where its trades are not there (any more), its candles. */
  async jump(timeS: number, { tradesFromUs, intervalS }: StoredRange): Promise<void> {
    const wantedS = this.#navigator.intervalS;
    const noTrades = wantedS === TRADES && (tradesFromUs === null || timeS * 1e6 < tradesFromUs);
    await this.#navigator.jump(timeS, noTrades ? intervalS : wantedS);
  }

  /** From when to when the series on screen is stored; what is live goes on to now. */
  async range(): Promise<StoredRange | null> {
    const spec = this.#spec;
    if (!spec) return null;
    const range = await this.#runtime.storage.range(this.#stored ?? spec);
    const { baseLastS } = this.#window;
    return range && baseLastS > 0 ? { ...range, toS: Math.max(range.toS, baseLastS + 1) } : range;
  }

  /** The time in the middle of the chart, us since the epoch. */
  get middleUs(): number {
    const { fromS, toS } = this.#navigator.viewport.times(this.#window);
    return ((fromS + toS) / 2) * 1e6;
  }

  resize(width: number, height: number): void {
    this.#chart.resize(width, height);
  }

  refreshTheme(): void {
    this.#chart.refreshTheme();
  }

  #changed(): void {
    this.#tell();
    this.#chart.touch();
    const { candles, attached } = this.#window;
    if (candles.length === 0) return;
    const fromUs = candles.firstTimeS * 1e6;
    const asked = attached ? this.#marks.cover(fromUs) : this.#marks.coverStretch(fromUs, candles.lastTimeS * 1e6);
    void asked.catch(tolerate);
  }

  #tell(): void {
    const { isLive: live, loading, shortestS } = this.#navigator;
    const { intervalS } = this.#window;
    const before = this.#status;
    const same = live === before.live && loading === before.loading && intervalS === before.intervalS;
    if (same && shortestS === before.shortestS) return;
    this.#status = { live, loading, intervalS, shortestS };
    this.#onStatus(this.#status);
  }
}

function tolerate(error: unknown): void {
  console.info('Chart history is not available yet:', error);
}
