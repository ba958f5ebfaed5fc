/** The statements that make and keep TimescaleDB's tables; each text stands for itself, so that it can be tested without a server. */
import type { StoreSettings } from '../../contract/store-settings.ts';
import { CANDLE_RESOLUTIONS, type CandleResolution } from '../candle-resolutions.ts';
import { PARTITIONED_TABLES, type RecordTable } from '../schema.ts';
import type { Timescale } from './find-timescale.ts';

type PartitionedTable = (typeof PARTITIONED_TABLES)[number];

interface HypertablePlan {
  /** Column that chunks are cut by. Aggregates need the exchange's time of trades, the others go by the engine's. */
  time: string;
  /** So long that a busy day's newest chunk and its indexes fit into a quarter of a small server's memory. */
  chunkHours: number;
  indexes: readonly string[];
  /** Order within compressed segments; a segment is one series. */
  orderBy: string;
}

const PLANS: Partial<Record<RecordTable, HypertablePlan>> = {
  book_updates: { time: 'time', chunkHours: 2, indexes: ['USING brin (time)'], orderBy: 'time, sequence' },
  book_tops: {
    time: 'time',
    chunkHours: 24,
    indexes: ['USING brin (time)', '(series, time)'],
    orderBy: 'time, sequence',
  },
  quotes: { time: 'time', chunkHours: 6, indexes: ['USING brin (time)'], orderBy: 'time, sequence' },
  trades: {
    time: 'exchange_time',
    chunkHours: 6,
    // BRIN for time ranges over all symbols; it is twenty times slower than the b-tree for the last ticks of one.
    indexes: ['USING brin (time)', '(series, exchange_time, trade_id)'],
    orderBy: 'exchange_time, trade_id',
  },
};

export function planOf(table: PartitionedTable): HypertablePlan {
  const plan = PLANS[table];
  if (plan === undefined) throw new RangeError(`Expected a plan for the hypertable ${table}, was none`);
  return plan;
}

/** Makes a partitioned table a hypertable, with the rows that it has. Inside a transaction. */
export function hypertableStatements(table: PartitionedTable, { schema }: Timescale): string[] {
  const { time, chunkHours, indexes } = planOf(table);
  return [
    `ALTER TABLE ${table} RENAME TO ${table}_before`,
    `CREATE TABLE ${table} (LIKE ${table}_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
    `SELECT ${schema}.create_hypertable('${table}', ${schema}.by_range('${time}', INTERVAL '${chunkHours} hours'),
      create_default_indexes => false)`,
    ...indexes.map((index) => `CREATE INDEX ON ${table} ${index}`),
    `INSERT INTO ${table} SELECT * FROM ${table}_before`,
    `DROP TABLE ${table}_before CASCADE`,
    `ALTER TABLE ${table} SET (timescaledb.compress, timescaledb.compress_segmentby = 'series',
      timescaledb.compress_orderby = '${planOf(table).orderBy}')`,
  ];
}

/** The aggregate under the view of a candle table. */
export function aggregateName(table: string): string {
  return `${table}_aggregate`;
}

/** An aggregate for each resolution, of trades or of the finer aggregate, and the view that has the table's name. */
export function candleStatements(resolution: CandleResolution, { schema }: Timescale): string[] {
  const { table, seconds } = resolution;
  const finer = CANDLE_RESOLUTIONS[CANDLE_RESOLUTIONS.indexOf(resolution) - 1];
  const bucketOf = (time: string): string =>
    `${schema}.time_bucket(INTERVAL '${seconds} seconds', ${time}) AS open_time`;
  const select =
    finer === undefined
      ? `SELECT series, ${bucketOf('exchange_time')},
        ${schema}.first(price_ticks, trade_id) AS open, max(price_ticks) AS high, min(price_ticks) AS low,
        ${schema}.last(price_ticks, trade_id) AS close, sum(size_lots)::bigint AS volume_lots,
        coalesce(sum(size_lots) FILTER (WHERE side = 1), 0)::bigint AS buy_volume_lots, count(*) AS trades,
        min(trade_id) AS first_id, max(trade_id) AS last_id
      FROM trades WHERE series IS NOT NULL GROUP BY 1, 2`
      : `SELECT series, ${bucketOf('open_time')},
        ${schema}.first(open, first_id) AS open, max(high) AS high, min(low) AS low,
        ${schema}.last(close, last_id) AS close, sum(volume_lots)::bigint AS volume_lots,
        sum(buy_volume_lots)::bigint AS buy_volume_lots, sum(trades)::bigint AS trades,
        min(first_id) AS first_id, max(last_id) AS last_id
      FROM ${aggregateName(finer.table)} GROUP BY 1, 2`;
  return [
    `DROP TABLE ${table}`,
    // Not materialized only: what is newer than the last refresh is computed from the trades.
    `CREATE MATERIALIZED VIEW ${aggregateName(table)}
      WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS ${select} WITH NO DATA`,
    `CREATE VIEW ${table} AS SELECT series, extract(epoch FROM open_time)::bigint AS open_time_s, open, high, low, close,
      volume_lots, buy_volume_lots, trades, first_id, last_id, open_time FROM ${aggregateName(table)}`,
  ];
}

/** Shortest pause between two refreshes of an aggregate, s. */
const SHORTEST_REFRESH_S = 10;

/**
 * Policies for the settings, those of before removed. Aggregates are refreshed over all of time (only what changed is
 * computed), but never where ticks may have been dropped: that would drop their candles too.
 * @param keptHours how far back no tick was dropped; undefined for without end
 */
export function policyStatements(
  settings: StoreSettings,
  keptHours: number | undefined,
  { schema, hasBatches }: Timescale,
): string[] {
  const { keepTicksDays, compressAfterDays } = settings;
  const statements: string[] = [];
  for (const table of PARTITIONED_TABLES) {
    statements.push(
      `SELECT ${schema}.remove_retention_policy('${table}', if_exists => true)`,
      `SELECT ${schema}.remove_compression_policy('${table}', if_exists => true)`,
    );
    if (keepTicksDays > 0) {
      statements.push(`SELECT ${schema}.add_retention_policy('${table}', INTERVAL '${keepTicksDays} days')`);
    }
    if (compressAfterDays > 0 && (keepTicksDays === 0 || compressAfterDays < keepTicksDays)) {
      statements.push(`SELECT ${schema}.add_compression_policy('${table}', INTERVAL '${compressAfterDays} days')`);
    }
  }
  for (const { table, seconds } of CANDLE_RESOLUTIONS) {
    const aggregate = aggregateName(table);
    const start = keptHours === undefined ? 'NULL' : `INTERVAL '${keptHours} hours'`;
    // In one go: batches of a bucket each took fifty times as long.
    const batches = hasBatches ? ', buckets_per_batch => 0' : '';
    statements.push(
      `SELECT ${schema}.remove_continuous_aggregate_policy('${aggregate}', if_exists => true)`,
      `SELECT ${schema}.add_continuous_aggregate_policy('${aggregate}', start_offset => ${start},
        end_offset => INTERVAL '${seconds} seconds',
        schedule_interval => INTERVAL '${Math.max(SHORTEST_REFRESH_S, seconds / 2)} seconds'${batches})`,
    );
  }
  return statements;
}

/** Refreshes now, finest first. Each outside a transaction. `keptHours`: see {@link policyStatements}. */
export function refreshStatements(keptHours: number | undefined, { schema, hasRefreshOptions }: Timescale): string[] {
  const start = keptHours === undefined ? 'NULL' : `now() - INTERVAL '${keptHours} hours'`;
  const options = hasRefreshOptions ? `, options => '{"buckets_per_batch": 0}'` : '';
  return CANDLE_RESOLUTIONS.map(
    ({ table }) => `CALL ${schema}.refresh_continuous_aggregate('${aggregateName(table)}', ${start}, NULL${options})`,
  );
}
