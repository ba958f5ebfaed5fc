import { clampTimeUs } from '../copy-buffer.ts';
import type { PostgresSession } from '../postgres-session.ts';
import { RECORD_TABLES, type RecordTable } from '../schema.ts';

const TABLE_INDEX = new Map(RECORD_TABLES.map((table, index) => [table, index]));
/** Series of imports have negative keys. */
const SERIES_OFFSET = 2 ** 20;
const SERIES_RANGE = 2 ** 21;
/** Counters that are found without their key; a power of two. */
const RECENT = 64;

interface Counter {
  session: number;
  series: number;
  table: RecordTable;
  rows: number;
  firstUs: number;
  lastUs: number;
}

/** Rows of one batch by session, series and table, added to what `series_rows` has: the catalog never counts ticks. */
export class SeriesRows {
  readonly #counters = new Map<number, Counter>();
  readonly #recent: (Counter | undefined)[] = Array.from({ length: RECENT }, () => undefined);

  clear(): void {
    this.#counters.clear();
    this.#recent.fill(undefined);
  }

  /** @param timeUs market time, us since the epoch. */
  add(session: number, series: number, table: RecordTable, timeUs: number): void {
    const index = TABLE_INDEX.get(table) as number;
    const place = (series * RECORD_TABLES.length + index) & (RECENT - 1);
    let counter = this.#recent[place];
    if (counter?.series !== series || counter.table !== table || counter.session !== session) {
      const key = (session * SERIES_RANGE + series + SERIES_OFFSET) * RECORD_TABLES.length + index;
      counter = this.#counters.get(key);
      if (counter === undefined) {
        counter = { session, series, table, rows: 0, firstUs: timeUs, lastUs: timeUs };
        this.#counters.set(key, counter);
      }
      this.#recent[place] = counter;
    }
    counter.rows++;
    if (timeUs < counter.firstUs) counter.firstUs = timeUs;
    if (timeUs > counter.lastUs) counter.lastUs = timeUs;
  }

  /** Inside the transaction that commits the rows. */
  async write(db: PostgresSession, journal: number): Promise<void> {
    if (this.#counters.size === 0) return;
    const counters = [...this.#counters.values()];
    await db.prepared(
      'count series rows',
      `INSERT INTO series_rows AS r (journal, session, series, table_name, rows, first_us, last_us)
        SELECT $1, * FROM unnest($2::int[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
        ON CONFLICT (journal, session, series, table_name) DO UPDATE SET rows = r.rows + excluded.rows,
          first_us = least(r.first_us, excluded.first_us), last_us = greatest(r.last_us, excluded.last_us)`,
      [
        journal,
        counters.map((counter) => counter.session),
        counters.map((counter) => counter.series),
        counters.map((counter) => counter.table),
        counters.map((counter) => counter.rows),
        counters.map((counter) => clampTimeUs(counter.firstUs)),
        counters.map((counter) => clampTimeUs(counter.lastUs)),
      ],
    );
  }
}
