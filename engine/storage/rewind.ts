import type { PostgresSession } from './postgres-session.ts';
import { RECORD_TABLES } from './schema.ts';

/**
 * Removes the rows of a journal after `lastSequence`, corrects counters and candles, and moves its position back to that
 * record of `lastSession`: one transaction. @returns rows removed.
 */
export function rewindJournal(
  db: PostgresSession,
  journal: number,
  lastSequence: number,
  lastSession: number,
): Promise<number> {
  return db.transaction(async () => {
    const buckets = await db.query(
      `SELECT series, min(floor(extract(epoch FROM coalesce(exchange_time, time)) / 60)) * 60 AS from_s,
          max(floor(extract(epoch FROM coalesce(exchange_time, time)) / 60)) * 60 + 60 AS to_s
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
    for (const bucket of buckets) {
      const range = [bucket['series'], Number(bucket['from_s']), Number(bucket['to_s'])];
      for (const [table, seconds] of [
        ['candles_1s', 1],
        ['candles_1m', 60],
      ] as const) {
        await db.query(`DELETE FROM ${table} WHERE series = $1 AND open_time_s >= $2 AND open_time_s < $3`, range);
        await db.query(
          `INSERT INTO ${table}
            SELECT series, bucket, (array_agg(price_ticks ORDER BY trade_id, sequence))[1], max(price_ticks),
              min(price_ticks), (array_agg(price_ticks ORDER BY trade_id DESC, sequence))[1], sum(size_lots),
              coalesce(sum(size_lots) FILTER (WHERE side = 1), 0), count(*), min(trade_id), max(trade_id)
            FROM (
              SELECT *, (floor(extract(epoch FROM coalesce(exchange_time, time)) / ${seconds}) * ${seconds})::bigint
                AS bucket FROM trades WHERE series = $1
            ) t WHERE bucket >= $2 AND bucket < $3 GROUP BY series, bucket`,
          range,
        );
      }
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
