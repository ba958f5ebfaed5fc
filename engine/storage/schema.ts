/**
 * Tables of the store, in the Postgres schema `christmas`. Every journal record is exactly one row of exactly one record
 * table ({@link RECORD_TABLES}), also text chunks (`journal_texts`; the joined text is in the owner's row). Prices are
 * ticks, sizes lots; views ending in `_decimal` show them as decimals.
 *
 * `time` is engine wall time (session origin + engine time), the partition key; `exchange_time` the venue's.
 * `series` is one symbol of one source: history never mixes recordings with the simulated market.
 */
import { BookState, RecordKind, StrategyCommand, StrategyState } from '../contract/record.ts';

export const SCHEMA_NAME = 'christmas';

export const RECORD_TABLES = [
  'book_updates',
  'trades',
  'quotes',
  'orders_log',
  'fills',
  'session_log',
  'journal_texts',
  'book_tops',
  'latency_summaries',
] as const;
export type RecordTable = (typeof RECORD_TABLES)[number];

/** Range-partitioned by day of `time`. */
export const PARTITIONED_TABLES: readonly RecordTable[] = ['book_updates', 'trades', 'quotes', 'book_tops'];

const common = `
  time timestamptz NOT NULL,
  journal integer NOT NULL,
  sequence bigint NOT NULL,
  session integer NOT NULL,
  series integer,
  instrument integer NOT NULL,
  exchange_time timestamptz,
  side smallint NOT NULL,
  flags smallint NOT NULL,
  price_ticks bigint,
  size_lots bigint`;

const candles = (name: string): string => `
CREATE TABLE ${name} (
  series integer NOT NULL,
  open_time_s bigint NOT NULL,
  open bigint NOT NULL,
  high bigint NOT NULL,
  low bigint NOT NULL,
  close bigint NOT NULL,
  volume_lots bigint NOT NULL,
  buy_volume_lots bigint NOT NULL,
  trades bigint NOT NULL,
  -- Open and close go by trade id, so that a trade that comes late still updates its bucket rightly.
  first_id bigint NOT NULL,
  last_id bigint NOT NULL,
  PRIMARY KEY (series, open_time_s)
);`;

const joinCandles = (name: string, seconds: number, finer: string): string => `
INSERT INTO ${name}
  SELECT series, open_time_s / ${seconds} * ${seconds}, (array_agg(open ORDER BY first_id))[1], max(high), min(low),
    (array_agg(close ORDER BY last_id DESC))[1], sum(volume_lots), sum(buy_volume_lots), sum(trades), min(first_id),
    max(last_id)
  FROM ${finer} GROUP BY 1, 2;`;

/** `where` narrows it to some rows. */
export const countSeriesRows = (table: RecordTable, where = ''): string => `
INSERT INTO series_rows
  SELECT journal, session, series, '${table}', count(*),
    (extract(epoch FROM min(coalesce(exchange_time, time))) * 1000000)::bigint,
    (extract(epoch FROM max(coalesce(exchange_time, time))) * 1000000)::bigint
  FROM ${table} WHERE series IS NOT NULL ${where} GROUP BY 1, 2, 3;`;

const decimalView = (table: RecordTable, extra: string): string => `
CREATE VIEW ${table}_decimal AS
  SELECT r.time, r.exchange_time, s.source, s.symbol,
    CASE r.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS side_name,
    r.price_ticks * s.tick_size AS price, r.size_lots * s.lot_size AS size, ${extra}, r.journal, r.session, r.sequence
  FROM ${table} r LEFT JOIN series s ON s.series = r.series;`;

const nameCase = (column: string, names: Record<string, number>): string =>
  `CASE ${column} ${Object.entries(names)
    .map(([name, value]) => `WHEN ${value} THEN '${name}'`)
    .join(' ')} END`;

const eventView = (name: string, kinds: readonly number[], event: string): string => `
CREATE VIEW ${name} AS
  SELECT r.time, s.source, s.venue, s.symbol, ${event} AS event, r.text, r.journal, r.session, r.sequence
  FROM session_log r LEFT JOIN series s ON s.series = r.series WHERE r.kind IN (${kinds.join(', ')});`;

/** Those of tables that TimescaleDB makes anew: a view goes with its table. */
export const DECIMAL_VIEWS: Partial<Record<RecordTable, string>> = {
  trades: decimalView('trades', 'r.trade_id'),
  quotes: decimalView('quotes', 'r.update_id'),
  book_updates: decimalView('book_updates', 'r.kind, r.id, r.aux'),
};

/** Forward-only: entry i brings version i to version i + 1. Never edit one that was released; add another. */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE journals (
  journal integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  journal_id text NOT NULL UNIQUE
);
-- Last record committed; changed in the transaction that commits the rows up to it.
CREATE TABLE journal_position (
  journal integer PRIMARY KEY REFERENCES journals,
  sequence bigint NOT NULL,
  session integer NOT NULL,
  committed_us bigint NOT NULL
);
CREATE TABLE journal_rows (
  journal integer NOT NULL REFERENCES journals,
  table_name text NOT NULL,
  rows bigint NOT NULL,
  PRIMARY KEY (journal, table_name)
);
CREATE TABLE sessions (
  journal integer NOT NULL REFERENCES journals,
  session integer NOT NULL,
  source text NOT NULL,
  kind text NOT NULL,
  -- Wall clock of engine time 0, us since the epoch.
  origin_us bigint NOT NULL,
  PRIMARY KEY (journal, session)
);
CREATE TABLE series (
  series integer PRIMARY KEY,
  source text NOT NULL,
  -- Empty, or for a replay its journal and session: each replay has a history of its own.
  run text NOT NULL,
  symbol text NOT NULL,
  venue text NOT NULL,
  tick_size numeric NOT NULL,
  lot_size numeric NOT NULL,
  UNIQUE (source, run, symbol, tick_size, lot_size)
);
CREATE TABLE session_instruments (
  journal integer NOT NULL,
  session integer NOT NULL,
  instrument integer NOT NULL,
  series integer NOT NULL REFERENCES series,
  PRIMARY KEY (journal, session, instrument)
);

CREATE TABLE book_updates (${common}, kind smallint NOT NULL, id bigint, aux bigint, text text,
  PRIMARY KEY (journal, sequence, time)) PARTITION BY RANGE (time);
CREATE INDEX ON book_updates USING brin (time);

CREATE TABLE trades (${common}, trade_id bigint, text text,
  PRIMARY KEY (journal, sequence, time)) PARTITION BY RANGE (time);
CREATE INDEX ON trades USING brin (time);
CREATE INDEX ON trades (series, exchange_time, trade_id);

CREATE TABLE quotes (${common}, update_id bigint, text text,
  PRIMARY KEY (journal, sequence, time)) PARTITION BY RANGE (time);
CREATE INDEX ON quotes USING brin (time);

CREATE TABLE orders_log (${common}, kind smallint NOT NULL, order_number bigint, aux bigint, value float8, text text,
  PRIMARY KEY (journal, sequence));
CREATE INDEX ON orders_log (journal, order_number);
CREATE INDEX ON orders_log USING brin (time);

CREATE TABLE fills (${common}, order_number bigint, venue_trade_id bigint, fee float8 NOT NULL, maker boolean NOT NULL,
  text text, PRIMARY KEY (journal, sequence));
CREATE INDEX ON fills (series, time);

CREATE TABLE session_log (${common}, kind smallint NOT NULL, id bigint, aux bigint, value float8, text text,
  PRIMARY KEY (journal, sequence));
CREATE INDEX ON session_log USING brin (time);

CREATE TABLE journal_texts (
  time timestamptz NOT NULL,
  journal integer NOT NULL,
  sequence bigint NOT NULL,
  session integer NOT NULL,
  owner_sequence bigint NOT NULL,
  PRIMARY KEY (journal, sequence)
);
${candles('candles_1s')}
${candles('candles_1m')}
${decimalView('trades', 'r.trade_id')}
${decimalView('quotes', 'r.update_id')}
${decimalView('book_updates', 'r.kind, r.id, r.aux')}
${decimalView('orders_log', 'r.kind, r.order_number, r.aux, r.value, r.text')}
${decimalView('fills', 'r.order_number, r.venue_trade_id, r.fee, r.maker')}
`,
  // Changes of book states are few among the timers: the chart asks for them by time.
  `CREATE INDEX ON session_log (series, time) WHERE kind = ${RecordKind.bookState};`,
  // The same symbol is listed by several venues, often with the same steps.
  `ALTER TABLE series DROP CONSTRAINT series_source_run_symbol_tick_size_lot_size_key,
    ADD UNIQUE (source, run, venue, symbol, tick_size, lot_size);`,
  // The position in the journal makes rows unique; a b-tree that no query asks cost half of all writing.
  // Candles of 5 s and 1 h beside those of 1 s and 1 min: joined from these once, kept with the trades from here on.
  `ALTER TABLE book_updates DROP CONSTRAINT book_updates_pkey;
ALTER TABLE trades DROP CONSTRAINT trades_pkey;
ALTER TABLE quotes DROP CONSTRAINT quotes_pkey;
CREATE TABLE dropped_ticks (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Ticks before it may be gone.
  dropped_before timestamptz NOT NULL
);
${candles('candles_5s')}
${candles('candles_1h')}
${joinCandles('candles_5s', 5, 'candles_1s')}
${joinCandles('candles_1h', 3600, 'candles_1m')}`,
  // What is stored, told without counting ticks; what was imported, and how far.
  `CREATE TABLE series_rows (
  journal integer NOT NULL REFERENCES journals,
  session integer NOT NULL,
  series integer NOT NULL,
  table_name text NOT NULL,
  rows bigint NOT NULL,
  -- Market time of the first and the last of them, us since the epoch.
  first_us bigint NOT NULL,
  last_us bigint NOT NULL,
  PRIMARY KEY (journal, session, series, table_name)
);
${(['book_updates', 'trades', 'quotes', 'orders_log', 'fills', 'session_log'] as const)
  .map((table) => countSeriesRows(table))
  .join('')}
CREATE TABLE imports (
  -- Its rows carry this journal, in session 1.
  journal integer PRIMARY KEY REFERENCES journals,
  content_hash text NOT NULL UNIQUE,
  name text NOT NULL,
  -- Events of the files that are committed; changed in the transaction that commits their rows.
  position bigint NOT NULL,
  rows bigint NOT NULL,
  finished boolean NOT NULL
);
-- From public files of candles: there are no trades to make them of.
CREATE TABLE imported_candles (
  series integer NOT NULL REFERENCES series,
  interval_s integer NOT NULL,
  open_time_s bigint NOT NULL,
  open bigint NOT NULL,
  high bigint NOT NULL,
  low bigint NOT NULL,
  close bigint NOT NULL,
  volume_lots bigint NOT NULL,
  buy_volume_lots bigint NOT NULL,
  trades bigint NOT NULL,
  PRIMARY KEY (series, interval_s, open_time_s)
);`,
  // Summaries that the trading process makes, and the session log's events as people ask for them.
  `CREATE TABLE book_tops (${common}, levels jsonb) PARTITION BY RANGE (time);
CREATE INDEX ON book_tops USING brin (time);
CREATE INDEX ON book_tops (series, time);
CREATE TABLE latency_summaries (${common}, stages jsonb, PRIMARY KEY (journal, sequence));
CREATE VIEW latency_stages AS
  SELECT r.time, r.journal, r.session, stage.key AS stage, (stage.value ->> 'count')::bigint AS count,
    (stage.value ->> 'p50')::float8 AS p50_ns, (stage.value ->> 'p99')::float8 AS p99_ns,
    (stage.value ->> 'p999')::float8 AS p999_ns, (stage.value ->> 'max')::float8 AS max_ns
  FROM latency_summaries r, jsonb_each(r.stages) stage;
${eventView('integrity_events', [RecordKind.bookState], nameCase('r.id', BookState))}
${eventView(
  'strategy_events',
  [RecordKind.intentStrategy, RecordKind.strategyState],
  `CASE r.kind WHEN ${RecordKind.intentStrategy} THEN ${nameCase('r.id', StrategyCommand)}
    ELSE ${nameCase('r.id', StrategyState)} END`,
)}`,
];
