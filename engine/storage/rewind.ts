import type { PostgresSession } from './postgres-session.ts';
import { countSeriesRows, RECORD_TABLES } from './schema.ts';
import type { StoreLayout } from './store-layout.ts';

/**
 * Removes the rows of a journal after `lastSequence`, corrects counters and candles, and moves its position back to that
 * record of `lastSession`: one transaction. @returns rows removed.
 */
export function rewindJournal(
  db: PostgresSession,
  layout: StoreLayout,
  journal: number,
  lastSequence: number,
  lastSession: number,
): Promise<number> {
  return db.transaction(async () => {
    const buckets = await db.query(
      `SELECT series, floor(extract(epoch FROM min(exchange_time))) AS from_s,
          floor(extract(epoch FROM max(exchange_time))) + 1 AS to_s
        FROM trades WHERE journal = $1 AND sequence > $2 AND series IS NOT NULL GROUP BY series`,
      [journal, lastSequence],
    );
    let removed = 0;
    for (const table of RECORD_TABLES) {
      const rows = await db.execute(`DELETE FROM ${table} WHERE journal = $1 AND sequence > $2`, [
        journal,
        lastSequence,
      ]);
      removed += rows;
      await db.query('UPDATE journal_rows SET rows = rows - $3 WHERE journal = $1 AND table_name = $2', [
        journal,
        table,
        rows,
      ]);
    }
    await db.query('DELETE FROM series_rows WHERE journal = $1 AND session >= $2', [journal, lastSession]);
    for (const table of RECORD_TABLES) {
      if (table === 'journal_texts') continue;
      await db.query(countSeriesRows(table, `AND journal = ${journal} AND session = ${lastSession}`));
    }
    for (const bucket of buckets) {
      await layout.recountCandles(db, Number(bucket['series']), Number(bucket['from_s']), Number(bucket['to_s']));
    }
    await db.query('UPDATE journal_position SET sequence = $2, session = $3 WHERE journal = $1', [
      journal,
      lastSequence,
      lastSession,
    ]);
    for (const table of ['session_instruments', 'sessions']) {
      await db.query(`DELETE FROM ${table} WHERE journal = $1 AND session > $2`, [journal, lastSession]);
    }
    return removed;
  });
}
