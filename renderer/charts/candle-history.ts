/** Fills a window from storage: at the newest or around a time, then page by page at both ends. What is superseded is cancelled. */
import type { CandleColumns, CandleRange, TradeColumns, TradeRange } from '../../engine/contract/storage-messages.ts';
import { CandleColumn, type CandleSeries } from './candle-series.ts';
import type { CandleWindow } from './candle-window.ts';
import { ChartPage, TRADES } from './chart-page.ts';

/** Longest interval that live candles are folded to without storage, s: so much 1 s history makes the one in progress whole. */
const BASE_REACH_S = 300;
/** Rows of a page. */
export const PAGE = 1_000;
/** Later than anything, us since the epoch: year 2200. */
const NEVER_US = 7_258_118_400_000_000;

/** History of one series. An aborted question rejects, and is ended at the server. */
export interface CandleSource {
  candles(intervalS: number, range: CandleRange, signal: AbortSignal): Promise<CandleColumns>;
  trades(range: TradeRange, signal: AbortSignal): Promise<TradeColumns>;
}

export class CandleHistory {
  readonly #source: CandleSource;
  readonly #window: CandleWindow;
  readonly #onChange: () => void;
  #questions = new AbortController();
  #showing = false;
  #older = false;
  #newer = false;
  /** Storage answered for what the window shows: its ends may be asked for. */
  #ready = false;

  /** @param onChange the window has other rows, or {@link loading} changed */
  constructor(source: CandleSource, window: CandleWindow, onChange: () => void) {
    this.#source = source;
    this.#window = window;
    this.#onChange = onChange;
  }

  /** Rows that are asked for are not there yet; newer ones, asked for all the time, do not count. */
  get loading(): boolean {
    return this.#showing || this.#older;
  }

  /** Asks nothing more until the next {@link show}; what is on its way is cancelled. */
  suspend(): void {
    this.#questions.abort();
    this.#showing = this.#older = this.#newer = this.#ready = false;
  }

  /**
   * Puts other rows into the window: the newest ones, or those around `aroundS`. What was asked before is superseded; what
   * the window holds stays until the new rows are there.
   * @param place called with the rows in place, in the same turn; gets what `before` gave with the old ones in place
   * @throws Error when storage cannot answer
   */
  async show<T>(
    intervalS: number,
    aroundS: number | undefined,
    before: () => T,
    place: (old: T) => void,
  ): Promise<void> {
    this.suspend();
    const questions = new AbortController();
    this.#questions = questions;
    this.#showing = true;
    this.#onChange();
    try {
      const { signal } = questions;
      const put = await (aroundS === undefined
        ? this.#newest(intervalS, signal)
        : this.#around(intervalS, aroundS, signal));
      if (signal.aborted) return;
      const old = before();
      put();
      this.#ready = true;
      place(old);
    } catch (error) {
      if (!questions.signal.aborted) throw error;
    } finally {
      if (!questions.signal.aborted) {
        this.#showing = false;
        this.#onChange();
      }
    }
  }

  async #newest(intervalS: number, signal: AbortSignal): Promise<() => void> {
    const { baseLastS } = this.#window;
    let base: ChartPage | undefined;
    if (intervalS !== TRADES && baseLastS > 0) {
      // Holes within the last minutes (an engine restart) and the start of the candle in progress.
      const range = { fromS: baseLastS + 1 - BASE_REACH_S * 2, toS: baseLastS + 1, limit: BASE_REACH_S * 2 };
      base = ChartPage.ofCandles(await this.#source.candles(1, range, signal));
    }
    const page = await this.#before(intervalS, NEVER_US / 1e6, undefined, signal);
    return () => {
      if (base) this.#window.addBaseHistory(base);
      this.#window.replace(intervalS, page, true, page.length < PAGE);
    };
  }

  async #around(intervalS: number, aroundS: number, signal: AbortSignal): Promise<() => void> {
    const atS = intervalS === TRADES ? aroundS : Math.floor(aroundS / intervalS) * intervalS;
    const [older, newer] = await Promise.all([
      this.#before(intervalS, atS, undefined, signal),
      this.#from(intervalS, atS, undefined, signal),
    ]);
    return () => {
      this.#window.replace(intervalS, older, false, older.length < PAGE);
      this.#window.addNewer(newer, newer.length < PAGE);
    };
  }

  /** Loads the page before the oldest row; nothing happens while one is on its way or when there is none. */
  async loadOlder(): Promise<void> {
    const { candles, complete, intervalS } = this.#window;
    if (!this.#ready || this.#older || complete || candles.length === 0) return;
    const { signal } = this.#questions;
    this.#older = true;
    this.#onChange();
    try {
      const page = await this.#before(intervalS, candles.firstTimeS, idOf(candles, 0), signal);
      if (!signal.aborted) this.#window.addOlder(page, page.length < PAGE);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (!signal.aborted) {
        this.#older = false;
        this.#onChange();
      }
    }
  }

  /** Loads the page from the newest row on, where live data do not extend it. */
  async loadNewer(): Promise<void> {
    const { candles, attached, intervalS } = this.#window;
    if (!this.#ready || this.#newer || (attached && intervalS !== TRADES)) return;
    const { signal } = this.#questions;
    this.#newer = true;
    try {
      const last = candles.length - 1;
      const fromS = last < 0 ? 0 : candles.lastTimeS;
      const page = await this.#from(intervalS, fromS, last < 0 ? undefined : idOf(candles, last), signal);
      if (signal.aborted) return;
      this.#window.addNewer(page, page.length < PAGE);
      if (page.length > 0) this.#onChange();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (!signal.aborted) this.#newer = false;
    }
  }

  async #before(intervalS: number, s: number, id: number | undefined, signal: AbortSignal) {
    if (intervalS !== TRADES) {
      return ChartPage.ofCandles(await this.#source.candles(intervalS, { fromS: 0, toS: s, limit: PAGE }, signal));
    }
    const beforeUs = Math.min(NEVER_US, Math.round(s * 1e6));
    const range = { beforeUs, limit: PAGE, ...(id === undefined ? {} : { beforeId: id }) };
    return ChartPage.ofTrades(await this.#source.trades(range, signal));
  }

  async #from(intervalS: number, s: number, id: number | undefined, signal: AbortSignal) {
    if (intervalS !== TRADES) {
      const range = { fromS: s, toS: NEVER_US / 1e6, limit: PAGE, oldest: true };
      return ChartPage.ofCandles(await this.#source.candles(intervalS, range, signal));
    }
    const range = {
      beforeUs: NEVER_US,
      afterUs: Math.round(s * 1e6),
      limit: PAGE,
      ...(id === undefined ? {} : { afterId: id }),
    };
    return ChartPage.ofTrades(await this.#source.trades(range, signal));
  }
}

function idOf(rows: CandleSeries, row: number): number {
  return rows.value(CandleColumn.id, row);
}
