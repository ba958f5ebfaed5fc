/** Asks storage for the times when a book was not right, as far back as the chart has candles. */
import type { StoredName } from '../../engine/contract/storage-messages.ts';
import type { IntegrityView } from '../../engine/contract/trading-messages.ts';
import type { IntegrityLog } from './integrity-log.ts';

const PAGE = 1_000;

export interface IntegritySource {
  /** Changes of a symbol's book state in [fromUs, toUs), newest `limit`, oldest first. */
  integrity(series: StoredName, fromUs: number, toUs: number, limit: number): Promise<IntegrityView[]>;
}

export class IntegrityHistory {
  readonly #source: IntegritySource;
  readonly #onChange: () => void;
  #log: IntegrityLog | undefined;
  #series: StoredName = { venue: '', symbol: '' };
  /** Start of what is known, us since the epoch. */
  #coveredUs = Number.POSITIVE_INFINITY;
  #generation = 0;
  #loading = false;
  /** Asked for beside what is covered, us since the epoch. */
  #stretch: [fromUs: number, toUs: number] = [0, 0];

  constructor(source: IntegritySource, onChange: () => void) {
    this.#source = source;
    this.#onChange = onChange;
  }

  /** Starts over: nothing is known of `series` before `untilUs`. Answers on their way are ignored. */
  start(series: StoredName, log: IntegrityLog, untilUs: number): void {
    this.#generation++;
    this.#loading = false;
    this.#series = series;
    this.#log = log;
    this.#coveredUs = untilUs;
    this.#stretch = [0, 0];
  }

  /** Asks for what lies between `fromUs` and what is known, one page at a time. */
  cover(fromUs: number): Promise<void> {
    return this.#ask(fromUs, this.#coveredUs, (page) => {
      const oldestUs = page[0]?.timeUs;
      this.#coveredUs = page.length === PAGE && oldestUs !== undefined ? oldestUs : fromUs;
    });
  }

  /** Asks for a stretch of the past, once, and nothing between it and what is covered. */
  async coverStretch(fromUs: number, toUs: number): Promise<void> {
    const [knownFromUs, knownToUs] = this.#stretch;
    if ((fromUs >= knownFromUs && toUs <= knownToUs) || fromUs >= this.#coveredUs) return;
    await this.#ask(fromUs, toUs, () => {
      this.#stretch = [fromUs, toUs];
    });
  }

  async #ask(fromUs: number, toUs: number, note: (page: readonly IntegrityView[]) => void): Promise<void> {
    const log = this.#log;
    if (!log || this.#loading || !(fromUs < toUs)) return;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const page = await this.#source.integrity(this.#series, fromUs, toUs, PAGE);
      if (generation !== this.#generation) return;
      for (const change of page) log.add(change);
      note(page);
      if (page.length > 0) this.#onChange();
    } finally {
      if (generation === this.#generation) this.#loading = false;
    }
  }
}
