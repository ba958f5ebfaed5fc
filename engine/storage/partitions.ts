import type { PostgresSession } from './postgres-session.ts';
import { PARTITIONED_TABLES, SCHEMA_NAME } from './schema.ts';

const DAY_MS = 86_400_000;

/** Day partitions of the partitioned tables, made when first needed and ahead of time. */
export class Partitions {
  readonly #known = new Set<number>();

  /** Makes the partitions of these days (since the epoch). Outside the batch's transaction: they may stay empty. */
  async ensure(db: PostgresSession, days: Iterable<number>): Promise<void> {
    for (const day of days) {
      if (this.#known.has(day)) continue;
      const from = new Date(day * DAY_MS).toISOString();
      const to = new Date((day + 1) * DAY_MS).toISOString();
      const suffix = from.slice(0, 10).replaceAll('-', '');
      for (const table of PARTITIONED_TABLES) {
        await db.query(
          `CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.${table}_${suffix} PARTITION OF ${SCHEMA_NAME}.${table}
            FOR VALUES FROM ('${from}') TO ('${to}')`,
        );
      }
      this.#known.add(day);
    }
  }

  /** Today's and tomorrow's, so that midnight costs nothing. */
  async ensureAhead(db: PostgresSession, nowMs: number): Promise<void> {
    const today = Math.floor(nowMs / DAY_MS);
    await this.ensure(db, [today, today + 1]);
  }
}
