/** Asks storage for older candles, one page at a time, and ignores answers that came too late to matter. */
import type { CandleColumns, SeriesName } from '../../engine/contract/storage-messages.ts';
import type { CandleWindow } from './candle-window.ts';

/** Longest interval offered, s: so much 1 s history makes the candle in progress whole at any interval. */
const BASE_REACH_S = 300;
const PAGE = 600;
/** Candles kept at most; further pages are not asked for. */
export const MAX_CANDLES = 20_000;

export interface CandleSource {
  candles(series: SeriesName, intervalS: number, fromS: number, toS: number, limit: number): Promise<CandleColumns>;
}

export class CandleHistory {
  readonly #source: CandleSource;
  readonly #onChange: () => void;
  #generation = 0;
  #loading = false;
  #exhausted = false;
  #series: SeriesName = { venue: '', symbol: '' };
  #window: CandleWindow | undefined;

  constructor(source: CandleSource, onChange: () => void) {
    this.#source = source;
    this.#onChange = onChange;
  }

  get loading(): boolean {
    return this.#loading;
  }

  /** Asks nothing more until the next load; answers that are on their way are ignored. */
  suspend(): void {
    this.#generation++;
    this.#loading = false;
    this.#window = undefined;
  }

  /** Starts over for a window: fills what live data lacks, then one page. Earlier requests are superseded. */
  async load(series: SeriesName, window: CandleWindow, nowS: number): Promise<void> {
    const generation = ++this.#generation;
    this.#series = series;
    this.#window = window;
    this.#exhausted = false;
    this.#loading = true;
    try {
      const newestS = window.candles.length > 0 ? window.candles.lastTimeS : nowS;
      // Holes within the last minutes (an engine restart) and the start of the candle in progress.
      const base = await this.#source.candles(series, 1, newestS - BASE_REACH_S * 2, newestS + 1, BASE_REACH_S * 2);
      if (generation !== this.#generation) return;
      window.addBaseHistory(base);
      const page = await this.#source.candles(series, window.intervalS, 0, newestS + 1, PAGE);
      if (generation !== this.#generation) return;
      window.addHistory(page);
      this.#exhausted = page.openTimeS.length < PAGE;
      this.#onChange();
    } finally {
      if (generation === this.#generation) this.#loading = false;
    }
  }

  /** Loads the page before the oldest candle; nothing happens while one is on its way or when there is none. */
  async loadOlder(): Promise<void> {
    const window = this.#window;
    if (!window || this.#loading || this.#exhausted || window.candles.length === 0) return;
    if (window.candles.length >= MAX_CANDLES) return;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const page = await this.#source.candles(this.#series, window.intervalS, 0, window.candles.firstTimeS, PAGE);
      if (generation !== this.#generation) return;
      const added = window.addHistory(page);
      this.#exhausted = added === 0 || page.openTimeS.length < PAGE;
      this.#onChange();
    } finally {
      if (generation === this.#generation) this.#loading = false;
    }
  }
}
