import { JournalDamagedError, journalExtent, readJournalId } from '../journal/journal-format.ts';
import { currentSeries } from './current-series.ts';
import type { PostgresSession } from './postgres-session.ts';
import type { PreparedStore } from './prepare-store.ts';
import { type Series, SeriesCatalog, type SessionEntry } from './series-catalog.ts';
import type { StoreLayout } from './store-layout.ts';
import { MAX_BATCH_RECORDS, TailBatch } from './tail-batch.ts';
import { openTailedJournal, type TailedJournal } from './tailed-journal.ts';
import { TailerPace } from './tailer-pace.ts';

const QUIET_PAUSE_MS = 50;
const HELD_PAUSE_MS = 250;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const MAINTAIN_EVERY_MS = 3_600_000;

export interface TailerOptions {
  journalDirs: readonly string[];
  /** A new connection, its schema up to date. */
  connect: () => Promise<PreparedStore>;
  /** Wall clock, ms since the epoch. */
  nowMs?: () => number;
  log?: (text: string) => void;
  /** Why nothing may be stored now; empty when it may. Asked before every round. */
  hold?: () => string;
  /** Longest pause between attempts, default 5 s. */
  longestRetryMs?: number;
}

/** Figures of the tailer; all of what is committed. */
export interface TailerStatus {
  connected: boolean;
  /** Why it is not connected, or cannot go on; else empty. */
  reason: string;
  rows: number;
  rowsByTable: Record<string, number>;
  backlog: number;
  committedUs: number;
}

/**
 * Moves journal records into Postgres, each exactly once: a batch's rows, its candles and the journal position are one
 * transaction, and after any doubt (lost connection, crash) the position in the store says where to go on. When
 * behind, the next batch is read, encoded and copied on a second connection meanwhile; commits stay in order.
 */
export class Tailer {
  readonly #options: TailerOptions;
  /** The first is filled next, the other was written last. */
  #batches: [TailBatch, TailBatch] = [new TailBatch(), new TailBatch()];
  readonly #pace = new TailerPace();
  #journals = new Map<string, TailedJournal>();
  #catalog: SeriesCatalog | undefined;
  #layout: StoreLayout | undefined;
  #db: PostgresSession | undefined;
  /** For every other batch, once it was behind. */
  #second: PostgresSession | undefined;
  #isSecondRefused = false;
  #reason = '';
  #lastLogged = '';
  #stopping = false;
  #drainUntilMs = 0;
  #done: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #maintainedMs = 0;

  constructor(options: TailerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Tails what is still there, for at most `drainMs`, then disconnects. */
  async stop(drainMs: number): Promise<void> {
    this.#drainUntilMs = this.#nowMs() + drainMs;
    this.#stopping = true;
    this.#wake?.();
    await this.#done;
  }

  status(): TailerStatus {
    const rowsByTable: Record<string, number> = {};
    let rows = 0;
    let committedUs = 0;
    let backlog = 0;
    for (const dir of this.#options.journalDirs) {
      const journal = this.#journals.get(dir);
      backlog += Math.max(0, journalExtent(dir).lastSequence - (journal?.sequence ?? 0));
      if (journal === undefined) continue;
      for (const [table, count] of journal.rows) {
        rowsByTable[table] = (rowsByTable[table] ?? 0) + count;
        rows += count;
      }
      committedUs = Math.max(committedUs, journal.committedUs);
    }
    return { connected: this.#db !== undefined, reason: this.#reason, rows, rowsByTable, backlog, committedUs };
  }

  /** See currentSeries: of what is stored. */
  currentSeries(symbol: string, venue?: string): Series | undefined {
    const sessionOf = (dir: string): SessionEntry | undefined => {
      const journal = this.#journals.get(dir);
      return journal === undefined ? undefined : this.#catalog?.latestSession(journal.key);
    };
    return currentSeries(this.#options.journalDirs, sessionOf, symbol, venue)?.series;
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)();
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    for (;;) {
      try {
        const { db, layout } = await this.#options.connect();
        this.#db = db;
        this.#layout = layout;
        await this.#load(db);
        this.#reason = '';
        await this.#tail(db, () => {
          retryMs = FIRST_RETRY_MS;
        });
        await this.#second?.close();
        await db.close();
        break;
      } catch (error) {
        const reason = describeError(error);
        if (reason !== this.#lastLogged) this.#options.log?.(reason);
        this.#lastLogged = reason;
        this.#reason = reason;
        // What the failed batch held may or may not be committed: only the store knows, so everything is loaded anew.
        this.#db?.destroy();
        this.#second?.destroy();
        this.#db = undefined;
        this.#second = undefined;
        this.#isSecondRefused = false;
        // Nothing may be on its way then.
        await Promise.allSettled(this.#batches.map((batch) => batch.written));
        this.#batches = [new TailBatch(), new TailBatch()];
        // Damage does not go away by waiting; a server may come back.
        if (this.#isOver || (this.#stopping && error instanceof JournalDamagedError)) break;
        await this.#pause(this.#stopping ? QUIET_PAUSE_MS : retryMs);
        retryMs = Math.min(this.#options.longestRetryMs ?? LAST_RETRY_MS, retryMs * 2);
      }
    }
    this.#db = undefined;
    for (const journal of this.#journals.values()) journal.reader.close();
  }

  /** Moves batches until told to stop and nothing is left, or the time for that is over. */
  async #tail(db: PostgresSession, onProgress: () => void): Promise<void> {
    for (;;) {
      const held = this.#options.hold?.() ?? '';
      this.#reason = held;
      if (held !== '' && !this.#stopping) {
        await this.#pause(HELD_PAUSE_MS);
        if (db.isBroken) throw new Error('the connection to Postgres was closed');
        continue;
      }
      let moved = 0;
      const beganMs = performance.now();
      for (const dir of this.#options.journalDirs) {
        if (this.#isOver) break;
        const journal = this.#journals.get(dir) ?? (await this.#openNewJournal(db, dir));
        if (journal !== undefined) moved += await this.#moveBatch(db, journal, onProgress);
      }
      const isBehind = moved >= MAX_BATCH_RECORDS && !this.#isOver;
      // Resting is for Postgres too.
      const rests = !isBehind || this.#pace.isResting;
      if (rests) await this.#batches[1].written;
      if (this.#isOver || (this.#stopping && moved === 0)) return;
      if (rests) onProgress();
      if (this.#nowMs() - this.#maintainedMs > MAINTAIN_EVERY_MS) {
        await this.#batches[1].written;
        await this.#maintain(db);
      }
      if (!rests) await this.#openSecond();
      // Behind: at once again where the machine has room for it; requests come in between.
      const behindPauseMs = this.#stopping ? 0 : this.#pace.pauseMs(performance.now() - beganMs);
      await this.#pause(this.#stopping || isBehind ? behindPauseMs : QUIET_PAUSE_MS);
      // A connection that broke while there was nothing to write.
      if (db.isBroken) throw new Error('the connection to Postgres was closed');
    }
  }

  /** Fills a batch and begins to write it. @returns its records. */
  async #moveBatch(db: PostgresSession, journal: TailedJournal, onProgress: () => void): Promise<number> {
    const [batch, before] = this.#batches;
    await batch.written;
    const catalog = this.#catalog as SeriesCatalog;
    await batch.fill(journal, catalog, this.#pace);
    if (batch.records === 0) return 0;
    for (const problem of catalog.problems.splice(0)) this.#options.log?.(`${journal.dir}: ${problem}`);
    const other = this.#second;
    // One connection writes one batch at a time.
    if (other === undefined) await before.written;
    this.#batches = [before, batch];
    const session = other !== undefined && before.session === db ? other : db;
    batch.write(session, this.#layout as StoreLayout, catalog, before.written);
    void batch.written.then(onProgress, () => undefined);
    return batch.records;
  }

  /** A server may have no room for it: then it goes with one. */
  async #openSecond(): Promise<void> {
    if (this.#second !== undefined || this.#isSecondRefused) return;
    try {
      this.#second = (await this.#options.connect()).db;
    } catch (error) {
      this.#isSecondRefused = true;
      this.#options.log?.(`no second connection, one will do: ${describeError(error)}`);
    }
  }

  get #isOver(): boolean {
    return this.#stopping && this.#nowMs() >= this.#drainUntilMs;
  }

  async #maintain(db: PostgresSession): Promise<void> {
    this.#maintainedMs = this.#nowMs();
    const dropped = (await this.#layout?.maintain(db, this.#maintainedMs)) ?? [];
    if (dropped.length > 0) this.#options.log?.(`dropped what is older than it is kept: ${dropped.join(', ')}`);
  }

  async #load(db: PostgresSession): Promise<void> {
    for (const journal of this.#journals.values()) journal.reader.close();
    this.#journals = new Map();
    this.#catalog ??= await SeriesCatalog.load(db, []);
    await this.#maintain(db);
    for (const dir of this.#options.journalDirs) await this.#openJournal(db, dir);
  }

  /** A journal that was made after the start. */
  async #openNewJournal(db: PostgresSession, dir: string): Promise<TailedJournal | undefined> {
    if (readJournalId(dir) === undefined) return undefined;
    await this.#batches[1].written;
    return await this.#openJournal(db, dir);
  }

  /** Nothing may be on its way: the catalog is loaded anew. */
  async #openJournal(db: PostgresSession, dir: string): Promise<TailedJournal | undefined> {
    const log = this.#options.log ?? (() => undefined);
    const journal = await openTailedJournal(db, this.#layout as StoreLayout, dir, log);
    if (journal === undefined) return undefined;
    this.#journals.set(dir, journal);
    this.#catalog = await SeriesCatalog.load(
      db,
      [...this.#journals.values()].map((each) => each.key),
    );
    return journal;
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

function describeError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  return error instanceof Error ? error.message : String(error);
}
