import type { PostgresSession } from './postgres-session.ts';

/**
 * Time before which ticks may have been dropped, s since the epoch; undefined when none ever were. Their candles stay, and
 * must never be counted anew: there is nothing left to count.
 */
export async function droppedBeforeS(db: PostgresSession): Promise<number | undefined> {
  const rows = await db.query('SELECT extract(epoch FROM dropped_before)::float8 AS s FROM dropped_ticks');
  return rows[0]?.['s'] as number | undefined;
}

/** Notes it before they are dropped; never moves back. */
export async function noteDropped(db: PostgresSession, beforeS: number): Promise<void> {
  await db.query(
    `INSERT INTO dropped_ticks (dropped_before) VALUES (to_timestamp($1)) ON CONFLICT (only_row)
      DO UPDATE SET dropped_before = greatest(dropped_ticks.dropped_before, excluded.dropped_before)`,
    [beforeS],
  );
}
