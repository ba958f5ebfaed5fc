/** Takes a chart through its history: live, to a date, to both sides, to shorter and longer candles. */
import { CandleHistory, type CandleSource } from './candle-history.ts';
import type { CandleWindow } from './candle-window.ts';
import { TRADES } from './chart-page.ts';
import { ChartViewport, INTERVALS_S, type TimeSpan } from './chart-viewport.ts';

/** After storage could not answer for a page, the next one is asked for this much later, ms. */
const RETRY_MS = 2_000;

export interface NavigatorEvents {
  /** Rows, what is seen, or whether something is loading has changed. */
  onChange(): void;
  /** Storage could not answer: the chart lives on what it has. */
  onError(error: unknown): void;
}

export class ChartNavigator {
  readonly viewport = new ChartViewport();
  readonly #events: NavigatorEvents;
  readonly #nowMs: () => number;
  #window: CandleWindow | undefined;
  #history: CandleHistory | undefined;
  /** What the window shows, or will once it is loaded. */
  #intervalS = 1;
  #shortestS: number = TRADES;
  #retryAtMs = 0;

  constructor(events: NavigatorEvents, nowMs: () => number = () => performance.now()) {
    this.#events = events;
    this.#nowMs = nowMs;
  }

  /** Candles that are shown, or will be once they are loaded, s. */
  get intervalS(): number {
    return this.#intervalS;
  }

  /** The shortest candles that there are of the series, of those that are offered; 0 where trades are. */
  get shortestS(): number {
    return this.#shortestS;
  }

  get loading(): boolean {
    return this.#history?.loading ?? false;
  }

  /** Whether the newest row is kept in sight. */
  get isLive(): boolean {
    return this.viewport.follow && (this.#window?.attached ?? false);
  }

  /** Takes another series; nothing is asked until {@link refresh} or {@link jump}. `shortestS`: of its candles, 0 for trades. */
  open(window: CandleWindow, source: CandleSource, shortestS: number = TRADES): void {
    this.#history?.suspend();
    this.#window = window;
    this.#history = new CandleHistory(source, window, () => this.#events.onChange());
    const fits = (each: number): boolean => each >= shortestS && (shortestS === TRADES || each % shortestS === 0);
    this.#shortestS = INTERVALS_S.find(fits) ?? (INTERVALS_S.at(-1) as number);
    this.#intervalS = Math.max(this.#intervalS, this.#shortestS);
    this.#retryAtMs = 0;
    this.viewport.setFollow(true);
  }

  /** Asks nothing more for now: storage may still answer for what was before. */
  suspend(): void {
    this.#history?.suspend();
  }

  /** The newest rows from storage, for who follows them; a hand that moves meanwhile is not moved back. */
  async refresh(): Promise<void> {
    const { viewport } = this;
    const place = (window: CandleWindow, times: TimeSpan | undefined): void => {
      if (times) viewport.showTimes(window, times);
    };
    const before = () => (viewport.follow || !this.#window ? undefined : viewport.times(this.#window));
    await this.#load(this.#intervalS, undefined, before, place);
  }

  /** Follows the newest row, loaded anew only where it is not there. */
  async goLive(): Promise<void> {
    const follow = () => this.viewport.setFollow(true);
    if (!this.#window?.attached) return this.#load(this.#intervalS, undefined, () => undefined, follow);
    follow();
    this.#events.onChange();
  }

  /** A time in the middle of the chart. */
  async jump(timeS: number, intervalS = this.#intervalS): Promise<void> {
    const place = (window: CandleWindow): void => {
      this.viewport.setFollow(false);
      this.viewport.showAt(window, timeS, 0.5);
    };
    await this.#load(intervalS, timeS, () => undefined, place);
  }

  /** Candles of another length, as many as are on screen; the right edge stays where it is. */
  async setInterval(intervalS: number): Promise<void> {
    const window = this.#window;
    if (!window || intervalS < this.#shortestS) return;
    if (intervalS === this.#intervalS && intervalS === window.intervalS) return;
    const { viewport } = this;
    if (viewport.follow || window.candles.length === 0) {
      this.#intervalS = intervalS;
      await this.refresh();
      return;
    }
    const { toS } = viewport.times(window);
    await this.#load(
      intervalS,
      toS,
      () => undefined,
      () => viewport.showAt(window, toS, 1),
    );
  }

  /** After a zoom: shorter or longer candles where it asks for them; the times on screen stay. */
  async zoomed(): Promise<void> {
    const window = this.#window;
    if (!window || window.candles.length === 0) return;
    const { viewport } = this;
    const wantedS = viewport.otherInterval(window.intervalS, this.#shortestS);
    if (wantedS === undefined || wantedS === this.#intervalS) return;
    const { fromS, toS } = viewport.times(window);
    const place = (_: CandleWindow, times: TimeSpan): void => {
      const { follow } = viewport;
      viewport.showTimes(window, times);
      viewport.setFollow(follow);
    };
    const around = viewport.follow ? undefined : (fromS + toS) / 2;
    await this.#load(wantedS, around, () => viewport.times(window), place);
  }

  /** Rows beyond what is seen, before the hand gets there. */
  async look(): Promise<void> {
    const [window, history] = [this.#window, this.#history];
    if (!window || !history || this.#nowMs() < this.#retryAtMs) return;
    const { xMin, xMax, span } = this.viewport;
    const { candles, attached } = window;
    try {
      await Promise.all([
        xMin < candles.firstX + span ? history.loadOlder() : undefined,
        !attached && xMax > candles.lastX - span ? history.loadNewer() : undefined,
      ]);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A few times a second: trades come from storage alone. */
  async poll(): Promise<void> {
    const window = this.#window;
    if (window?.intervalS !== TRADES || !window.attached || this.#nowMs() < this.#retryAtMs) return;
    try {
      await this.#history?.loadNewer();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #load<T>(
    intervalS: number,
    aroundS: number | undefined,
    before: () => T,
    place: (window: CandleWindow, old: T) => void,
  ): Promise<void> {
    const [window, history] = [this.#window, this.#history];
    if (!window || !history) return;
    this.#intervalS = intervalS;
    try {
      await history.show(intervalS, aroundS, before, (old) => place(window, old));
    } catch (error) {
      this.#failed(error);
      // Live data can be folded without storage; what is of storage stays.
      if (aroundS === undefined && intervalS !== TRADES && window.attached && window.intervalS !== intervalS) {
        const old = before();
        window.setInterval(intervalS);
        place(window, old);
      } else this.#intervalS = window.intervalS;
    }
    this.#events.onChange();
  }

  #failed(error: unknown): void {
    this.#retryAtMs = this.#nowMs() + RETRY_MS;
    this.#events.onError(error);
  }
}
