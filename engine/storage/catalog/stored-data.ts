import * as fs from 'node:fs';
import type { DataCatalog, ImportedFile, StoredSeries } from '../../contract/data-messages.ts';
import { BookState, RecordKind } from '../../contract/record.ts';
import { droppedBeforeS } from '../dropped-ticks.ts';
import type { PostgresSession, Row } from '../postgres-session.ts';
import { RECORD_TABLES, SCHEMA_NAME } from '../schema.ts';

/** Tables whose rows belong to series, and what those of a table take up on average. */
const SIZED_TABLES = [...RECORD_TABLES.filter((table) => table !== 'journal_texts'), 'imported_candles'];

/** What the store holds by venue, symbol and source, without counting ticks. */
export async function readCatalog(db: PostgresSession, journalDirs: readonly string[]): Promise<DataCatalog> {
  const bytes = await tableBytes(db);
  const rows = await db.query(ROWS_QUERY);
  const gaps = new Map<string, Row>();
  for (const row of await db.query(GAPS_QUERY)) gaps.set(keyOf(row), row);
  const tableRows = new Map<string, number>();
  for (const row of rows) add(tableRows, String(row['table_name']), Number(row['rows']));

  const series = new Map<string, StoredSeries>();
  for (const row of rows) {
    const key = keyOf(row);
    const table = String(row['table_name']);
    const count = Number(row['rows']);
    const entry = series.get(key) ?? emptySeries(row, gaps.get(key));
    series.set(key, entry);
    entry.rows += count;
    if (table === 'trades') entry.trades += count;
    entry.fromUs = Math.min(entry.fromUs, Number(row['first_us']));
    entry.toUs = Math.max(entry.toUs, Number(row['last_us']));
    entry.bytes += Math.round(((bytes.get(table) ?? 0) * count) / (tableRows.get(table) as number));
  }
  const database = await db.query('SELECT pg_database_size(current_database())::float8 AS bytes');
  return {
    series: [...series.values()].sort(byName),
    imports: await importedFiles(db),
    journalBytes: journalDirs.reduce((sum, dir) => sum + folderBytes(dir), 0),
    postgresBytes: Number(database[0]?.['bytes']),
    droppedBeforeUs: ((await droppedBeforeS(db)) ?? 0) * 1e6,
  };
}

/** By source, venue, symbol and table; replays of one recording count together. */
const ROWS_QUERY = `
  SELECT s.source, s.venue, s.symbol, r.table_name, sum(r.rows)::float8 AS rows, min(r.first_us)::float8 AS first_us,
    max(r.last_us)::float8 AS last_us
  FROM series_rows r JOIN series s USING (series) WHERE r.rows > 0 GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT s.source, s.venue, s.symbol, 'imported_candles', count(*)::float8, min(c.open_time_s)::float8 * 1000000,
    max(c.open_time_s + c.interval_s)::float8 * 1000000
  FROM imported_candles c JOIN series s USING (series) GROUP BY 1, 2, 3`;

/**
 * Within a session a gap begins where a live book becomes something else and lasts until it is live again. Between
 * sessions of one series it lasts from the last row of what came before to the first of the next. Replays are not gaps
 * of anything: each has a series of its own.
 */
const GAPS_QUERY = `
  WITH changes AS (
    SELECT l.series, l.time, l.id, l.aux,
      coalesce(lead(l.time) OVER own, 'epoch'::timestamptz + e.last_us * interval '1 microsecond') AS until,
      bool_or(l.id = ${BookState.live}) OVER (own ROWS UNBOUNDED PRECEDING) AS was_live
    FROM session_log l
    JOIN (SELECT journal, session, series, max(last_us) AS last_us FROM series_rows GROUP BY 1, 2, 3) e
      USING (journal, session, series)
    WHERE l.kind = ${RecordKind.bookState} AND l.series IS NOT NULL
    WINDOW own AS (PARTITION BY l.journal, l.session, l.series ORDER BY l.sequence)
  ), spans AS (
    SELECT series, journal, session, min(first_us) AS first_us, max(last_us) AS last_us FROM series_rows
    GROUP BY 1, 2, 3
  ), pauses AS (
    SELECT series, first_us - max(last_us) OVER (PARTITION BY series ORDER BY first_us
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS us FROM spans
  ), gaps AS (
    SELECT series, count(*) FILTER (WHERE aux = ${BookState.live}) AS n,
      coalesce(sum(greatest(extract(epoch FROM until - time), 0)), 0) * 1000000 AS us
    FROM changes WHERE id <> ${BookState.live} AND was_live GROUP BY series
    UNION ALL
    SELECT series, count(*), sum(us) FROM pauses WHERE us > 0 GROUP BY series
  )
  SELECT s.source, s.venue, s.symbol, sum(g.n)::float8 AS gaps, sum(g.us)::float8 AS gap_us
  FROM gaps g JOIN series s USING (series) GROUP BY 1, 2, 3`;

/** With partitions and indexes. */
async function tableBytes(db: PostgresSession): Promise<Map<string, number>> {
  const rows = await db.query(
    `SELECT t.name, (pg_total_relation_size(t.id) + coalesce((SELECT sum(pg_total_relation_size(i.inhrelid))
        FROM pg_inherits i WHERE i.inhparent = t.id), 0))::float8 AS bytes
      FROM (SELECT name, ('${SCHEMA_NAME}.' || name)::regclass AS id FROM unnest($1::text[]) AS name) t`,
    [SIZED_TABLES],
  );
  return new Map(rows.map((row) => [String(row['name']), Number(row['bytes'])]));
}

async function importedFiles(db: PostgresSession): Promise<ImportedFile[]> {
  const rows = await db.query('SELECT name, rows::float8 AS rows, finished FROM imports ORDER BY journal DESC');
  return rows.map((row) => ({
    name: String(row['name']),
    rows: Number(row['rows']),
    finished: row['finished'] === true,
  }));
}

function emptySeries(row: Row, gaps: Row | undefined): StoredSeries {
  return {
    venue: String(row['venue']),
    symbol: String(row['symbol']),
    source: String(row['source']),
    fromUs: Number.POSITIVE_INFINITY,
    toUs: 0,
    rows: 0,
    trades: 0,
    bytes: 0,
    gaps: Number(gaps?.['gaps'] ?? 0),
    gapUs: Number(gaps?.['gap_us'] ?? 0),
  };
}

function keyOf(row: Row): string {
  return JSON.stringify([row['source'], row['venue'], row['symbol']]);
}

function byName(a: StoredSeries, b: StoredSeries): number {
  return a.venue.localeCompare(b.venue) || a.symbol.localeCompare(b.symbol) || a.source.localeCompare(b.source);
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** Bytes of the files in a folder; 0 while there is none. */
function folderBytes(dir: string): number {
  if (!fs.existsSync(dir)) return 0;
  let bytes = 0;
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    // A segment may go between listing and looking.
    if (entry.isFile()) bytes += fs.statSync(`${dir}/${entry.name}`, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
