import { setImmediate as otherWork } from 'node:timers/promises';
import { EventSlot } from '../core/event-slot.ts';
import { JournalDamagedError } from '../journal/journal-format.ts';
import type { PostgresSession } from './postgres-session.ts';
import { RecordBatch } from './record-batch.ts';
import type { CatalogAdditions, SeriesCatalog } from './series-catalog.ts';
import type { StoreLayout } from './store-layout.ts';
import type { TailedJournal } from './tailed-journal.ts';
import type { TailerPace } from './tailer-pace.ts';

/** Records in one transaction: few while quiet, many when behind, so that lag falls and memory stays bounded. */
export const MAX_BATCH_RECORDS = 25_000;
/** About a millisecond: then the socket gets its next bytes, and requests come in between. */
const RECORDS_IN_ONE_GO = 500;

/** The next records of one journal, and what their transaction needs. Used again and again. */
export class TailBatch {
  readonly #rows = new RecordBatch();
  readonly #slot = new EventSlot();
  #journal: TailedJournal | undefined;
  #additions: CatalogAdditions | undefined;
  #damage: JournalDamagedError | undefined;
  #written: Promise<void> = Promise.resolve();
  /** Where it was written last. */
  session: PostgresSession | undefined;

  /** Resolves when its last write is committed, rejects when that failed. */
  get written(): Promise<void> {
    return this.#written;
  }

  get records(): number {
    return this.#rows.records;
  }

  /**
   * Reads and encodes what the journal has, {@link MAX_BATCH_RECORDS} at most.
   * @throws JournalDamagedError when nothing comes before the damage; else `write` throws it, behind its commit.
   */
  async fill(journal: TailedJournal, catalog: SeriesCatalog, pace: TailerPace): Promise<void> {
    const rows = this.#rows;
    rows.clear();
    this.#journal = journal;
    this.#damage = undefined;
    let wallMs = 0;
    let cpuMs = 0;
    for (let more = true; more; ) {
      if (rows.records > 0) await otherWork();
      const beganMs = performance.now();
      const cpuBefore = process.cpuUsage();
      more = this.#fillSome(journal, catalog);
      const { user, system } = process.cpuUsage(cpuBefore);
      wallMs += performance.now() - beganMs;
      cpuMs += (user + system) / 1_000;
    }
    if (rows.records === 0) return;
    pace.note(wallMs, cpuMs);
    this.#additions = catalog.takeAdditions();
  }

  /** @returns whether there may be more for this batch. */
  #fillSome(journal: TailedJournal, catalog: SeriesCatalog): boolean {
    const rows = this.#rows;
    const reader = journal.reader;
    const until = Math.min(MAX_BATCH_RECORDS, rows.records + RECORDS_IN_ONE_GO);
    try {
      while (rows.records < until) {
        if (!reader.read(this.#slot)) return false;
        rows.add(this.#slot, reader.recordsInLast, journal.key, reader.session, catalog);
      }
    } catch (error) {
      // What comes before the damage is stored first.
      if (!(error instanceof JournalDamagedError) || rows.records === 0) throw error;
      this.#damage = error;
      return false;
    }
    return rows.records < MAX_BATCH_RECORDS;
  }

  /**
   * Begins to commit rows, candles, counters and the journal position, all or none; `written` tells the end. Its rows go to
   * the server at once, the rest when `before`, the batch before it, is committed: commits are in the order of the journal.
   */
  write(db: PostgresSession, layout: StoreLayout, catalog: SeriesCatalog, before: Promise<void>): void {
    this.session = db;
    this.#written = this.#write(db, layout, catalog, before);
    // Whoever waits for it hears of a failure; until then nobody does.
    this.#written.catch(() => undefined);
  }

  async #write(db: PostgresSession, layout: StoreLayout, catalog: SeriesCatalog, before: Promise<void>): Promise<void> {
    const journal = this.#journal as TailedJournal;
    const batch = this.#rows;
    await layout.ensureDays(db, batch.days);
    const counts = batch.rowsByTable();
    await db.transaction(async () => {
      await batch.writeRows(db);
      await before;
      // Only from where we think we are: of two processes that tail a journal, one fails here.
      const changed = await db.prepared(
        'move position',
        `UPDATE journal_position SET sequence = $3, session = $4, committed_us = $5 WHERE journal = $1 AND sequence = $2`,
        [journal.key, journal.sequence, batch.lastSequence, batch.session, batch.lastTimeUs],
      );
      if (changed !== 1) {
        throw new Error(`Expected journal ${journal.key} at record ${journal.sequence}; another process tails it`);
      }
      await catalog.write(db, this.#additions as CatalogAdditions);
      await batch.writeSums(db, layout.candlesByTailer);
      await db.prepared(
        'count rows',
        `INSERT INTO journal_rows AS r (journal, table_name, rows) SELECT $1, * FROM unnest($2::text[], $3::bigint[])
          ON CONFLICT (journal, table_name) DO UPDATE SET rows = r.rows + excluded.rows`,
        [journal.key, [...counts.keys()], [...counts.values()]],
      );
    });
    journal.sequence = batch.lastSequence;
    journal.session = batch.session;
    journal.committedUs = batch.lastTimeUs;
    for (const [table, count] of counts) journal.rows.set(table, (journal.rows.get(table) ?? 0) + count);
    if (this.#damage !== undefined) throw this.#damage;
  }
}
