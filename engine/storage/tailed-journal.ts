import { listSegments, readJournalId, readSegmentHeader } from '../journal/journal-format.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { PostgresSession } from './postgres-session.ts';
import { rewindJournal } from './rewind.ts';
import type { RecordTable } from './schema.ts';
import type { StoreLayout } from './store-layout.ts';

/** A journal that is moved into the store. */
export interface TailedJournal {
  dir: string;
  /** As the store knows it. */
  key: number;
  /** Ahead of the rest by what is read and not committed yet. */
  reader: JournalReader;
  /** Last record committed, its session and its time (us since the epoch). */
  sequence: number;
  session: number;
  committedUs: number;
  rows: Map<RecordTable, number>;
}

/** Registers the journal in the store and goes to its position there; undefined while no writer has made it. */
export async function openTailedJournal(
  db: PostgresSession,
  layout: StoreLayout,
  dir: string,
  log: (text: string) => void,
): Promise<TailedJournal | undefined> {
  const id = readJournalId(dir);
  if (id === undefined) return undefined;
  await db.query('INSERT INTO journals (journal_id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
  const key = Number((await db.query('SELECT journal FROM journals WHERE journal_id = $1', [id]))[0]?.['journal']);
  await db.query('INSERT INTO journal_position VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING', [key]);
  await rewindIfCut(db, layout, dir, key, log);
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
  return {
    dir,
    key,
    reader: new JournalReader(dir, { fromSequence: sequence + 1 }),
    sequence,
    session: Number(position?.['session']),
    committedUs: Number(position?.['us']),
    rows,
  };
}

/**
 * Recovery of a damaged journal may have cut records that the store already has (its `quarantined` seal); the next
 * session then reuses their sequences. What the journal no longer holds must leave the store.
 */
async function rewindIfCut(
  db: PostgresSession,
  layout: StoreLayout,
  dir: string,
  key: number,
  log: (text: string) => void,
): Promise<void> {
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
      const removed = await rewindJournal(db, layout, key, header.firstSequence - 1, lastKept);
      await layout.refreshCandles(db);
      log(`${dir} was cut at record ${header.firstSequence}; removed ${removed} rows that it no longer holds`);
    }
    return;
  }
}
