import { EventSlot } from '../core/event-slot.ts';
import {
  JournalDamagedError,
  journalExtent,
  listSegments,
  readJournalId,
  readSegmentHeader,
} from '../journal/journal-format.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { currentSeries } from './current-series.ts';
import type { PostgresSession } from './postgres-session.ts';
import { RecordBatch } from './record-batch.ts';
import type { PreparedStore } from './prepare-store.ts';
import { rewindJournal } from './rewind.ts';
import type { RecordTable } from './schema.ts';
import { type Series, SeriesCatalog, type SessionEntry } from './series-catalog.ts';
import type { StoreLayout } from './store-layout.ts';
import { TailerPace } from './tailer-pace.ts';

/** Records in one transaction: few while quiet, many when behind, so that lag falls and memory stays bounded. */
const MAX_BATCH_RECORDS = 25_000;
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

interface TailedJournal {
  dir: string;
  key: number;
  reader: JournalReader;
  sequence: number;
  session: number;
  rows: Map<RecordTable, number>;
  committedUs: number;
}

/**
 * Moves journal records into Postgres, each exactly once: a batch's rows, its candles and the journal position are one
 * transaction, and after any doubt (lost connection, crash) the position in the store says where to go on.
 */
export class Tailer {
  readonly #options: TailerOptions;
  readonly #batch = new RecordBatch();
  readonly #slot = new EventSlot();
  readonly #pace = new TailerPace();
  #journals = new Map<string, TailedJournal>();
  #catalog: SeriesCatalog | undefined;
  #layout: StoreLayout | undefined;
  #db: PostgresSession | undefined;
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
        await db.close();
        break;
      } catch (error) {
        const reason = describeError(error);
        if (reason !== this.#lastLogged) this.#options.log?.(reason);
        this.#lastLogged = reason;
        this.#reason = reason;
        // What the failed batch held may or may not be committed: only the store knows, so everything is loaded anew.
        this.#db?.destroy();
        this.#db = undefined;
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
        if (this.#isOver) return;
        const journal = this.#journals.get(dir) ?? (await this.#openJournal(db, dir));
        if (journal !== undefined) moved += await this.#moveBatch(db, journal);
      }
      if (this.#stopping && moved === 0) return;
      onProgress();
      if (this.#nowMs() - this.#maintainedMs > MAINTAIN_EVERY_MS) await this.#maintain(db);
      // Behind: at once again where the machine has room for it; requests come in between.
      const behindPauseMs = this.#stopping ? 0 : this.#pace.pauseMs(performance.now() - beganMs);
      await this.#pause(this.#stopping || moved >= MAX_BATCH_RECORDS ? behindPauseMs : QUIET_PAUSE_MS);
      // A connection that broke while there was nothing to write.
      if (db.isBroken) throw new Error('the connection to Postgres was closed');
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

  /** Registers the journal in the store and goes to its position; undefined while no writer has made it. */
  async #openJournal(db: PostgresSession, dir: string): Promise<TailedJournal | undefined> {
    const id = readJournalId(dir);
    if (id === undefined) return undefined;
    await db.query('INSERT INTO journals (journal_id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
    const key = Number((await db.query('SELECT journal FROM journals WHERE journal_id = $1', [id]))[0]?.['journal']);
    await db.query('INSERT INTO journal_position VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING', [key]);
    await this.#rewindIfCut(db, dir, key);
    const position = (
      await db.query(
        'SELECT sequence::float8 AS sequence, session, committed_us::float8 AS us FROM journal_position WHERE journal = $1',
        [key],
      )
    )[0];
    const sequence = Number(position?.['sequence']);
    const rows = new Map<RecordTable, number>();
    for (const row of await db.query('SELECT table_name, rows::float8 AS rows FROM journal_rows WHERE journal = $1', [
      key,
    ])) {
      rows.set(row['table_name'] as RecordTable, Number(row['rows']));
    }
    const journal: TailedJournal = {
      dir,
      key,
      reader: new JournalReader(dir, { fromSequence: sequence + 1 }),
      sequence,
      session: Number(position?.['session']),
      rows,
      committedUs: Number(position?.['us']),
    };
    this.#journals.set(dir, journal);
    this.#catalog = await SeriesCatalog.load(
      db,
      [...this.#journals.values()].map((each) => each.key),
    );
    return journal;
  }

  /**
   * Recovery of a damaged journal may have cut records that the store already has (its `quarantined` seal); the next
   * session then reuses their sequences. What the journal no longer holds must leave the store.
   */
  async #rewindIfCut(db: PostgresSession, dir: string, key: number): Promise<void> {
    const position = (
      await db.query('SELECT sequence::float8 AS sequence, session FROM journal_position WHERE journal = $1', [key])
    )[0];
    const sequence = Number(position?.['sequence']);
    const session = Number(position?.['session']);
    let lastKept = 0;
    for (const segment of listSegments(dir)) {
      const header = readSegmentHeader(dir, segment);
      if (header === undefined || sequence === 0) continue;
      if (header.session <= session) {
        lastKept = header.session;
        continue;
      }
      if (header.firstSequence <= sequence) {
        const removed = await rewindJournal(db, this.#layout as StoreLayout, key, header.firstSequence - 1, lastKept);
        await this.#layout?.refreshCandles(db);
        this.#options.log?.(
          `${dir} was cut at record ${header.firstSequence}; removed ${removed} rows that it no longer holds`,
        );
      }
      return;
    }
  }

  async #moveBatch(db: PostgresSession, journal: TailedJournal): Promise<number> {
    const catalog = this.#catalog as SeriesCatalog;
    const batch = this.#batch;
    batch.clear();
    let damage: unknown;
    const beganMs = performance.now();
    const cpuBefore = process.cpuUsage();
    try {
      while (batch.records < MAX_BATCH_RECORDS && journal.reader.read(this.#slot)) {
        batch.add(this.#slot, journal.reader.recordsInLast, journal.key, journal.reader.session, catalog);
      }
    } catch (error) {
      // What comes before the damage is stored first.
      if (!(error instanceof JournalDamagedError) || batch.records === 0) throw error;
      damage = error;
    }
    if (batch.records === 0) return 0;
    const { user, system } = process.cpuUsage(cpuBefore);
    this.#pace.note(performance.now() - beganMs, (user + system) / 1_000);
    const layout = this.#layout as StoreLayout;
    await layout.ensureDays(db, batch.days);
    const rows = batch.rowsByTable();
    await db.transaction(async () => {
      // First, and only from where we think we are: a second tailer would wait here, then fail.
      const changed = await db.prepared(
        'move position',
        `UPDATE journal_position SET sequence = $3, session = $4, committed_us = $5 WHERE journal = $1 AND sequence = $2`,
        [journal.key, journal.sequence, batch.lastSequence, batch.session, batch.lastTimeUs],
      );
      if (changed !== 1) {
        throw new Error(`Expected journal ${journal.key} at record ${journal.sequence}; another process tails it`);
      }
      await catalog.write(db);
      await batch.write(db, layout.candlesByTailer);
      await db.prepared(
        'count rows',
        `INSERT INTO journal_rows AS r (journal, table_name, rows) SELECT $1, * FROM unnest($2::text[], $3::bigint[])
          ON CONFLICT (journal, table_name) DO UPDATE SET rows = r.rows + excluded.rows`,
        [journal.key, [...rows.keys()], [...rows.values()]],
      );
    });
    catalog.committed();
    journal.sequence = batch.lastSequence;
    journal.session = batch.session;
    journal.committedUs = batch.lastTimeUs;
    for (const [table, count] of rows) journal.rows.set(table, (journal.rows.get(table) ?? 0) + count);
    for (const problem of catalog.problems.splice(0)) this.#options.log?.(`${journal.dir}: ${problem}`);
    if (damage !== undefined) throw damage;
    return batch.records;
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
