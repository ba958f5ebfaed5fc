import { CANDLE_RESOLUTIONS } from '../candle-resolutions.ts';
import type { PostgresSession } from '../postgres-session.ts';
import { PARTITIONED_TABLES, SCHEMA_NAME } from '../schema.ts';

/** TimescaleDB as a server has it. */
export interface Timescale {
  version: string;
  /** Schema of its functions, quoted: they are not on our search path. */
  schema: string;
  /** Whether refresh policies take `buckets_per_batch`; without it they never work in batches. */
  hasBatches: boolean;
  /** Whether a refresh by hand takes `options`, of which `buckets_per_batch` is one. */
  hasRefreshOptions: boolean;
}

/** Before it a hypertable cannot be made by `by_range`. */
const OLDEST_VERSION = [2, 13] as const;

/**
 * What the database has of TimescaleDB; undefined where its tables cannot be used: not there, too old, or an edition
 * without continuous aggregates and compression.
 * @param log told why one that is there is not used
 */
export async function findTimescale(db: PostgresSession, log: (text: string) => void): Promise<Timescale | undefined> {
  const row = (
    await db.query(
      `SELECT e.extversion AS version, quote_ident(n.nspname) AS schema,
          current_setting('timescaledb.license', true) AS license,
          EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proname = 'add_continuous_aggregate_policy'
            AND 'buckets_per_batch' = ANY(p.proargnames)) AS has_batches,
          EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proname = 'refresh_continuous_aggregate'
            AND 'options' = ANY(p.proargnames)) AS has_refresh_options
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'timescaledb'`,
    )
  )[0];
  if (row === undefined) return undefined;
  const version = String(row['version']);
  if (!isAtLeast(version, OLDEST_VERSION)) {
    log(`TimescaleDB ${version} is older than ${OLDEST_VERSION.join('.')}: its tables are not used`);
    return undefined;
  }
  if (row['license'] !== 'timescale') {
    log(
      `TimescaleDB ${version} runs with licence ${String(row['license'])}, without aggregates: its tables are not used`,
    );
    return undefined;
  }
  return {
    version,
    schema: String(row['schema']),
    hasBatches: row['has_batches'] === true,
    hasRefreshOptions: row['has_refresh_options'] === true,
  };
}

/** Whether the store's tables are TimescaleDB's: candles are a table, or a view of its aggregates. */
export async function isTimescaleStore(db: PostgresSession): Promise<boolean> {
  const rows = await db.query(`SELECT relkind FROM pg_class WHERE oid = '${SCHEMA_NAME}.candles_1s'::regclass`);
  return rows[0]?.['relkind'] === 'v';
}

/** Tables of the store that are still plain and would be TimescaleDB's; a later schema adds some to a store that is. */
export async function plainTables(db: PostgresSession): Promise<Set<string>> {
  const rows = await db.query(
    `SELECT relname FROM pg_class WHERE relnamespace = '${SCHEMA_NAME}'::regnamespace
      AND (relkind = 'p' AND relname = ANY($1) OR relkind = 'r' AND relname = ANY($2))`,
    [PARTITIONED_TABLES, CANDLE_RESOLUTIONS.map(({ table }) => table)],
  );
  return new Set(rows.map((row) => String(row['relname'])));
}

/** By major and minor number. */
export function isAtLeast(version: string, oldest: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
