import type { InstrumentSpec } from '../../contract/units.ts';
import type { PostgresSession } from '../postgres-session.ts';
import type { KnownSteps } from './import-source.ts';

export const IMPORT_SOURCE = 'import';
const IMPORT_SESSION = 1;

/** An import as the store has it. */
export interface ImportRecord {
  journal: number;
  /** Events or candles committed. */
  position: number;
  rows: number;
  finished: boolean;
  /** Keys by instrument. */
  series: number[];
}

export interface ImportIdentity {
  contentHash: string;
  name: string;
  /** What keeps kinds of trades and candles apart: `single`, `aggregate`, `candles`. */
  run: string;
  originUs: number;
  instruments: readonly InstrumentSpec[];
}

/** The import of this content, made when there is none; one transaction. */
export function openImportRecord(db: PostgresSession, identity: ImportIdentity): Promise<ImportRecord> {
  return db.transaction(async () => {
    const { contentHash, name, run, originUs, instruments } = identity;
    const found = await db.query(
      `SELECT journal, position::float8 AS position, rows::float8 AS rows, finished FROM imports WHERE content_hash = $1`,
      [contentHash],
    );
    if (found[0] !== undefined) {
      const journal = Number(found[0]['journal']);
      return {
        journal,
        position: Number(found[0]['position']),
        rows: Number(found[0]['rows']),
        finished: found[0]['finished'] === true,
        series: await seriesOf(db, journal),
      };
    }
    const made = await db.query('INSERT INTO journals (journal_id) VALUES ($1) RETURNING journal', [
      `import:${contentHash}`,
    ]);
    const journal = Number(made[0]?.['journal']);
    await db.query('INSERT INTO imports VALUES ($1, $2, $3, 0, 0, false)', [journal, contentHash, name]);
    await db.query('INSERT INTO sessions VALUES ($1, $2, $3, $3, $4)', [
      journal,
      IMPORT_SESSION,
      IMPORT_SOURCE,
      Math.floor(originUs),
    ]);
    for (const [index, spec] of instruments.entries()) {
      const series = await seriesFor(db, spec, run);
      await db.query('INSERT INTO session_instruments VALUES ($1, $2, $3, $4)', [
        journal,
        IMPORT_SESSION,
        index,
        series,
      ]);
    }
    return { journal, position: 0, rows: 0, finished: false, series: await seriesOf(db, journal) };
  });
}

/** Moves the position within the transaction that writes the rows. @throws Error when another process moved it. */
export async function moveImport(
  db: PostgresSession,
  record: ImportRecord,
  next: { position: number; rows: number; finished: boolean },
): Promise<void> {
  const changed = await db.execute(
    'UPDATE imports SET position = $3, rows = $4, finished = $5 WHERE journal = $1 AND position = $2 AND NOT finished',
    [record.journal, record.position, next.position, next.rows, next.finished],
  );
  if (changed !== 1)
    throw new Error('Expected to be the only one that imports these files, was another process as well');
}

/** Steps of the finest series that imports have of each symbol. */
export async function loadKnownSteps(db: PostgresSession): Promise<KnownSteps> {
  const rows = await db.query(
    `SELECT venue, symbol, min(tick_size)::text AS tick, min(lot_size)::text AS lot FROM series WHERE source = $1
      GROUP BY 1, 2`,
    [IMPORT_SOURCE],
  );
  const steps = new Map(
    rows.map((row) => [
      `${row['venue']}|${row['symbol']}`,
      { tickSize: String(row['tick']), lotSize: String(row['lot']) },
    ]),
  );
  return (venue, symbol) => steps.get(`${venue}|${symbol}`);
}

/** Keys below zero: the tailer gives out the others without asking. */
async function seriesFor(db: PostgresSession, spec: InstrumentSpec, run: string): Promise<number> {
  const identity = [IMPORT_SOURCE, run, spec.venue, spec.symbol, spec.tickSize, spec.lotSize];
  const made = await db.query(
    `INSERT INTO series (series, source, run, venue, symbol, tick_size, lot_size)
      SELECT least(min(series), 0) - 1, $1, $2, $3, $4, $5::numeric, $6::numeric FROM series
      ON CONFLICT (source, run, venue, symbol, tick_size, lot_size) DO NOTHING RETURNING series`,
    identity,
  );
  const found =
    made[0] ??
    (
      await db.query(
        `SELECT series FROM series WHERE source = $1 AND run = $2 AND venue = $3 AND symbol = $4
          AND tick_size = $5::numeric AND lot_size = $6::numeric`,
        identity,
      )
    )[0];
  return Number(found?.['series']);
}

async function seriesOf(db: PostgresSession, journal: number): Promise<number[]> {
  const series: number[] = [];
  for (const row of await db.query('SELECT instrument, series FROM session_instruments WHERE journal = $1', [
    journal,
  ])) {
    series[Number(row['instrument'])] = Number(row['series']);
  }
  return series;
}
