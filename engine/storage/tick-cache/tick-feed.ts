import type { TickCacheStatus } from '../../contract/storage-messages.ts';
import { JournalDamagedError, journalExtent } from '../../journal/journal-format.ts';
import { currentSeries } from '../current-series.ts';
import { SeriesCatalog } from '../series-catalog.ts';
import { TailedTicks } from './tailed-ticks.ts';
import { TickBatch, TickFilling } from './tick-batch.ts';
import type { TickCache, TickKind } from './tick-cache.ts';
import { TickColumns } from './tick-columns.ts';
import { tickSeriesName } from './tick-series.ts';

const POLL_MS = 25;
const BATCH_RECORDS = 25_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** Records read again to fill the cache: 360 MB of journal, a second or two. */
const WINDOW_RECORDS = 5_000_000;
const NO_TICKS = new TickColumns(0);

export interface TickFeedOptions {
  journalDirs: readonly string[];
  cache: TickCache;
  log?: (text: string) => void;
  /** Wall clock, ms since the epoch. */
  nowMs?: () => number;
  /** Newest records of each journal that the cache is filled from, default 5 million. */
  windowRecords?: number;
  /** Longest pause between attempts to reach the cache, default 5 s. */
  longestRetryMs?: number;
}

/**
 * Moves ticks from the journals into the tick cache, on its own: a database that is away does not hold them up. Whenever
 * the cache may have lost something (a connection was lost, a write failed) it is filled again from the newest records of
 * the journals, so that what it holds has no hole. The journal is the queue: a cache that is away costs no memory here.
 */
export class TickFeed {
  readonly #options: TickFeedOptions;
  readonly #batch = new TickBatch();
  #catalog = new SeriesCatalog();
  readonly #journals = new Map<string, TailedTicks>();
  /** Lowest time from which a series is complete, by kind and name: those that are filled. */
  readonly #filled = new Map<string, { name: string; kind: TickKind; floorUs: number }>();
  #epoch = -1;
  #state: TickCacheStatus['state'] = 'filling';
  #sinceMs: number;
  #reason = '';
  #ticks = 0;
  #stopping = false;
  #drainUntilMs = 0;
  #wake: (() => void) | undefined;
  #done: Promise<void> | undefined;

  constructor(options: TickFeedOptions) {
    this.#options = options;
    this.#sinceMs = this.#nowMs();
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Feeds what is still there, for at most `drainMs`, and closes the cache. */
  async stop(drainMs: number): Promise<void> {
    this.#drainUntilMs = this.#nowMs() + drainMs;
    this.#stopping = true;
    this.#wake?.();
    await this.#done;
    for (const journal of this.#journals.values()) journal.close();
    await this.#options.cache.close();
  }

  status(): TickCacheStatus {
    const { cache, journalDirs } = this.#options;
    let backlog = 0;
    for (const dir of journalDirs) backlog += this.#journals.get(dir)?.backlog ?? journalExtent(dir).lastSequence;
    return {
      kind: cache.kind,
      server: cache.server,
      state: this.#state,
      sinceMs: this.#sinceMs,
      reason: this.#reason,
      ticks: this.#ticks,
      backlog,
    };
  }

  /**
   * The newest `limit` trades of a symbol (see currentSeries) before a time, oldest first; undefined where the cache
   * cannot tell: it is away, being filled, or does not reach back so far.
   */
  async newestTrades(
    symbol: string,
    venue: string | undefined,
    beforeUs: number,
    limit: number,
  ): Promise<TickColumns | undefined> {
    const { cache, journalDirs, log } = this.#options;
    const current = currentSeries(journalDirs, (dir) => this.#journals.get(dir)?.session, symbol, venue);
    const journalId = current === undefined ? undefined : this.#journals.get(current.dir)?.journalId;
    if (current === undefined || journalId === undefined) return undefined;
    const name = tickSeriesName(current.series, current.session, journalId);
    const isWhole = (): boolean => this.#filled.has(`trade:${name}`) && cache.epoch === this.#epoch;
    if (this.#state !== 'up' || !isWhole()) return undefined;
    try {
      const ticks = await cache.newest(name, 'trade', beforeUs, limit);
      return ticks.length === limit && isWhole() ? ticks : undefined;
    } catch (error) {
      log?.(`tick cache: not read, ${(error as Error).message}`);
      return undefined;
    }
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)();
  }

  get #isOver(): boolean {
    return this.#stopping && this.#nowMs() >= this.#drainUntilMs;
  }

  async #run(): Promise<void> {
    const { cache, longestRetryMs = LAST_RETRY_MS } = this.#options;
    let retryMs = FIRST_RETRY_MS;
    for (;;) {
      try {
        await cache.open();
        this.#epoch = cache.epoch;
        await this.#fill();
        this.#setState('up', '');
        await this.#follow(() => {
          retryMs = FIRST_RETRY_MS;
        });
        return;
      } catch (error) {
        const { message } = error as Error;
        if (message !== this.#reason) this.#options.log?.(`tick cache: ${message}`);
        this.#setState('down', message);
        this.#filled.clear();
        // What was read of it may never have been in it: all is learnt anew.
        if (error instanceof JournalDamagedError) this.#forgetJournals();
        if (this.#stopping) return;
        await this.#pause(retryMs);
        retryMs = Math.min(longestRetryMs, retryMs * 2);
      }
    }
  }

  /** Puts the newest ticks of all journals in place of what the cache holds. */
  async #fill(): Promise<void> {
    const { cache, windowRecords = WINDOW_RECORDS } = this.#options;
    if (this.#state === 'up') this.#setState('filling', '');
    const before = [...this.#filled.values()];
    this.#filled.clear();
    const filling = new TickFilling(cache.capacity);
    for (const journal of this.#journals.values()) journal.rewind(windowRecords);
    this.#openJournals();
    for (const journal of this.#journals.values()) {
      let records: number;
      do {
        this.#batch.clear();
        records = journal.read(this.#batch, BATCH_RECORDS);
        filling.add(this.#batch);
        for (const set of this.#batch.sets()) journal.live.passed(set);
        // Requests get in between.
        await this.#pause(0);
        if (this.#isOver) throw new Error('stopped while filling');
      } while (records >= BATCH_RECORDS);
    }
    for (const set of filling.sets()) {
      await cache.replace(set.name, set.kind, set.ticks);
      this.#filled.set(`${set.kind}:${set.name}`, set);
      this.#ticks += set.ticks.length;
    }
    for (const { name, kind } of before) {
      if (!this.#filled.has(`${kind}:${name}`)) await cache.replace(name, kind, NO_TICKS);
    }
  }

  /** Adds what the journals grow by, until told to stop and nothing is left. */
  async #follow(onProgress: () => void): Promise<void> {
    const { cache } = this.#options;
    for (;;) {
      this.#openJournals();
      let moved = 0;
      for (const journal of this.#journals.values()) {
        if (this.#isOver) return;
        this.#batch.clear();
        moved += journal.read(this.#batch, BATCH_RECORDS);
        await this.#add(journal);
      }
      if (cache.epoch !== this.#epoch) throw new Error(`${cache.server}: the connection was lost`);
      if (this.#stopping && moved === 0) return;
      onProgress();
      await this.#pause(this.#stopping || moved >= BATCH_RECORDS ? 0 : POLL_MS);
    }
  }

  async #add(journal: TailedTicks): Promise<void> {
    const { cache } = this.#options;
    const sets = this.#batch.sets();
    for (const set of sets) {
      const key = `${set.kind}:${set.name}`;
      const filled = this.#filled.get(key);
      // Another journal may know the series only from a later time on.
      if (filled !== undefined) set.keepLaterThan(filled.floorUs);
      else {
        // What an earlier run left there does not join up with it.
        await cache.replace(set.name, set.kind, NO_TICKS);
        this.#filled.set(key, { name: set.name, kind: set.kind, floorUs: set.floorUs });
      }
    }
    // All are sent before the first answer; a failure is told when none is on its way any more.
    const results = await Promise.allSettled(
      sets.map((set) => cache.add(set.name, set.kind, set.ticks, journal.live.of(set))),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    for (const set of sets) {
      this.#ticks += set.ticks.length;
      journal.live.passed(set);
    }
  }

  #openJournals(): void {
    const { journalDirs, windowRecords = WINDOW_RECORDS } = this.#options;
    journalDirs.forEach((dir, number) => {
      if (this.#journals.has(dir)) return;
      const journal = TailedTicks.open(dir, number + 1, this.#catalog, windowRecords);
      if (journal !== undefined) this.#journals.set(dir, journal);
    });
  }

  #forgetJournals(): void {
    for (const journal of this.#journals.values()) journal.close();
    this.#journals.clear();
    this.#catalog = new SeriesCatalog();
  }

  #setState(state: TickCacheStatus['state'], reason: string): void {
    if (state !== this.#state) this.#sinceMs = this.#nowMs();
    this.#state = state;
    this.#reason = reason;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
