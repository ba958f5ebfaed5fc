import type { PostgresSession } from '../postgres-session.ts';
import { PARTITIONED_TABLES, SCHEMA_NAME } from '../schema.ts';

export const DAY_MS = 86_400_000;
/** A dashboard that reads a partition holds its lock: dropping it waits this long, then until the next hour. */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Day partitions of the partitioned tables, made when first needed and ahead of time. */
export class DayPartitions {
  readonly #known = new Set<number>();

  /** Makes the partitions of these days (since the epoch). Outside the batch's transaction: they may stay empty. */
  async ensure(db: PostgresSession, days: Iterable<number>): Promise<void> {
    for (const day of days) {
      if (this.#known.has(day)) continue;
      const from = new Date(day * DAY_MS).toISOString();
      const to = new Date((day + 1) * DAY_MS).toISOString();
      for (const table of PARTITIONED_TABLES) {
        await db.query(
          `CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.${table}_${suffixOf(day)} PARTITION OF ${SCHEMA_NAME}.${table}
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

  /** Drops whole days before `firstKeptDay`. @returns the names of the dropped partitions. */
  async dropBefore(db: PostgresSession, firstKeptDay: number): Promise<string[]> {
    const dropped: string[] = [];
    const rows = await db.query(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = ANY($1::regclass[]) ORDER BY c.relname`,
      [PARTITIONED_TABLES.map((table) => `${SCHEMA_NAME}.${table}`)],
    );
    for (const row of rows) {
      const name = String(row['name']);
      const day = dayOf(name);
      if (day === undefined || day >= firstKeptDay) continue;
      try {
        await db.transaction(async () => {
          await db.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
          await db.query(`DROP TABLE ${SCHEMA_NAME}.${name}`);
        });
        this.#known.delete(day);
        dropped.push(name);
      } catch (error) {
        if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      }
    }
    return dropped;
  }
}

function suffixOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}

/** Day of a partition's name; undefined for one that somebody else made. */
function dayOf(partition: string): number | undefined {
  const match = /_(\d{4})(\d{2})(\d{2})$/.exec(partition);
  if (match === null) return undefined;
  return Math.floor(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS);
}
