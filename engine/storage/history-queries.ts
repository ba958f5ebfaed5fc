/** Questions about one series of the store; `series` is its key, undefined for one that there is not. */
import { BookState, nameOf, RecordKind } from '../contract/record.ts';
import type { CandleColumns, StorageRequest, StoredRange, TradeColumns } from '../contract/storage-messages.ts';
import type { FillView, IntegrityView } from '../contract/trading-messages.ts';
import { CANDLE_RESOLUTIONS, resolutionFor } from './candle-resolutions.ts';
import type { PostgresSession } from './postgres-session.ts';
import type { StoreLayout } from './store-layout.ts';

const CANDLE_KEYS = ['openTimeS', 'open', 'high', 'low', 'close', 'volumeLots', 'buyVolumeLots'] as const;
const TRADE_KEYS = ['timeUs', 'priceTicks', 'sizeLots', 'id', 'side'] as const;

/** The key of a source's symbol; where there are several (replays, other steps), of that which has the newest rows. */
export async function storedSeries(
  db: PostgresSession,
  source: string,
  venue: string | undefined,
  symbol: string,
): Promise<number | undefined> {
  const rows = await db.query(
    `SELECT s.series AS key FROM series s LEFT JOIN series_rows r USING (series)
      WHERE s.source = $1 AND s.symbol = $2 AND ($3::text IS NULL OR s.venue = $3)
      GROUP BY s.series ORDER BY max(r.last_us) DESC NULLS LAST, s.series DESC LIMIT 1`,
    [source, symbol, venue ?? null],
  );
  return rows[0]?.['key'] as number | undefined;
}

export async function candles(
  db: PostgresSession,
  layout: StoreLayout,
  series: number | undefined,
  request: Extract<StorageRequest, { kind: 'candles' }>,
): Promise<CandleColumns> {
  if (series === undefined) return columnsOf([], CANDLE_KEYS);
  const { intervalSeconds: interval, limit, oldest = false } = request;
  const { seconds, table, time } = await candleTable(db, layout, series, interval);
  const fromS = Math.ceil(request.fromS / interval) * interval;
  const toS = Math.ceil(request.toS / interval) * interval;
  const order = oldest ? 'ASC' : 'DESC';
  // So many base candles, counted from the end that is asked for, cover `limit` buckets whole, however sparse they are.
  const rows = await db.query(
    `SELECT bucket::float8 AS "openTimeS", (array_agg(open ORDER BY open_time_s))[1]::float8 AS open,
        max(high)::float8 AS high, min(low)::float8 AS low,
        (array_agg(close ORDER BY open_time_s DESC))[1]::float8 AS close,
        sum(volume_lots)::float8 AS "volumeLots", sum(buy_volume_lots)::float8 AS "buyVolumeLots"
      FROM (
        SELECT *, open_time_s / $4::bigint * $4::bigint AS bucket FROM ${table} AND ${time.column} >= ${time.fromSeconds('$2')}
          AND ${time.column} < ${time.fromSeconds('$3')} ORDER BY ${time.column} ${order} LIMIT $5
      ) base GROUP BY bucket ORDER BY bucket ${order} LIMIT $6`,
    [series, fromS, toS, interval, limit * (interval / seconds), limit],
  );
  return columnsOf(oldest ? rows : rows.reverse(), CANDLE_KEYS);
}

/** Where the candles of a series come from that those of `interval` are joined from, with the condition for `$1`. */
async function candleTable(
  db: PostgresSession,
  { candleTime }: StoreLayout,
  series: number,
  interval: number,
): Promise<{ table: string; seconds: number; time: StoreLayout['candleTime'] }> {
  // The longest imported ones that fit. A series has either imported candles or candles of its trades.
  for (let most = interval; most > 0; ) {
    const rows = await db.query(
      'SELECT max(interval_s) AS seconds FROM imported_candles WHERE series = $1 AND interval_s <= $2',
      [series, most],
    );
    const seconds = rows[0]?.['seconds'] as number | null;
    if (seconds === null) break;
    if (interval % seconds === 0) {
      const time = { column: 'open_time_s', fromSeconds: (parameter: string) => `${parameter}::bigint` };
      return { table: `imported_candles WHERE series = $1 AND interval_s = ${seconds}`, seconds, time };
    }
    most = seconds - 1;
  }
  const { table, seconds } = resolutionFor(interval);
  return { table: `${table} WHERE series = $1`, seconds, time: candleTime };
}

export async function trades(
  db: PostgresSession,
  series: number | undefined,
  request: Extract<StorageRequest, { kind: 'trades' }>,
): Promise<TradeColumns> {
  if (series === undefined) return columnsOf([], TRADE_KEYS);
  const { beforeUs, beforeId, afterUs, afterId, limit } = request;
  const newest = afterUs === undefined;
  const values: unknown[] = [series, limit, withinTime(beforeUs)];
  const number = (value: number): string => `$${values.push(value)}`;
  const bound = (sign: string, time: string, id: number | undefined): string =>
    id === undefined
      ? `exchange_time ${sign} ${timestampOf(time)}`
      : `(exchange_time, trade_id) ${sign} (${timestampOf(time)}, ${number(id)}::bigint)`;
  const bounds = [bound('<', '$3', beforeId)];
  if (afterUs !== undefined)
    bounds.push(bound(afterId === undefined ? '>=' : '>', number(withinTime(afterUs)), afterId));
  const order = newest ? 'DESC' : 'ASC';
  const rows = await db.query(
    `SELECT ${microseconds('exchange_time', 'time')} AS "timeUs", price_ticks::float8 AS "priceTicks",
        size_lots::float8 AS "sizeLots", trade_id::float8 AS id, side
      FROM trades WHERE series = $1 AND ${bounds.join(' AND ')}
      ORDER BY exchange_time ${order}, trade_id ${order} LIMIT $2`,
    values,
  );
  return columnsOf(newest ? rows.reverse() : rows, TRADE_KEYS);
}

/** What is stored of a series, from when to when; null where nothing is. Ends of indexes, nothing is counted. */
export async function range(
  db: PostgresSession,
  layout: StoreLayout,
  series: number | undefined,
): Promise<StoredRange | null> {
  if (series === undefined) return null;
  const imported = (
    await db.query('SELECT min(interval_s) AS seconds FROM imported_candles WHERE series = $1', [series])
  )[0];
  const intervalS = (imported?.['seconds'] as number | null) ?? CANDLE_RESOLUTIONS[0].seconds;
  const { table, time } = await candleTable(db, layout, series, intervalS);
  const end = (order: string): string =>
    `(SELECT open_time_s FROM ${table} ORDER BY ${time.column} ${order} LIMIT 1)::float8`;
  const [row] = await db.query(
    `SELECT source, tick_size::text AS "tickSize", lot_size::text AS "lotSize", ${end('ASC')} AS "fromS",
        ${end('DESC')} AS "newestS", (SELECT ${microseconds('exchange_time')} FROM trades
          WHERE series = $1 ORDER BY exchange_time, trade_id LIMIT 1) AS "tradesFromUs"
      FROM series WHERE series = $1`,
    [series],
  );
  const newestS = row?.['newestS'] as number | null | undefined;
  if (row === undefined || newestS === null || newestS === undefined) return null;
  return {
    source: String(row['source']),
    tickSize: String(row['tickSize']),
    lotSize: String(row['lotSize']),
    intervalS,
    fromS: row['fromS'] as number,
    toS: newestS + intervalS,
    tradesFromUs: row['tradesFromUs'] as number | null,
  };
}

/** Newest fills, oldest first, as FillView. */
export async function fills(db: PostgresSession, series: number | undefined, limit: number): Promise<FillView[]> {
  if (series === undefined) return [];
  const rows = await db.query(
    `SELECT sequence::float8 AS sequence, order_number::float8 AS "orderNumber",
        venue_trade_id::float8 AS "venueTradeId", instrument, side, price_ticks::float8 AS "priceTicks",
        size_lots::float8 AS "sizeLots", fee, maker, ${microseconds('exchange_time', 'time')} AS "timeUs"
      FROM fills WHERE series = $1 ORDER BY time DESC, sequence DESC LIMIT $2`,
    [series, limit],
  );
  return rows.reverse().map((row) => ({
    sequence: row['sequence'] as number,
    orderNumber: row['orderNumber'] as number,
    venueTradeId: row['venueTradeId'] as number,
    instrument: row['instrument'] as number,
    side: row['side'] === 1 ? 'buy' : 'sell',
    priceTicks: row['priceTicks'] as number,
    sizeLots: row['sizeLots'] as number,
    fee: row['fee'] as number,
    maker: row['maker'] as boolean,
    timeUs: row['timeUs'] as number,
  }));
}

/** Changes of a book's state, oldest first. */
export async function integrity(
  db: PostgresSession,
  series: number | undefined,
  request: Extract<StorageRequest, { kind: 'integrity' }>,
): Promise<IntegrityView[]> {
  if (series === undefined) return [];
  const rows = await db.query(
    `SELECT instrument, ${microseconds('time')} AS "timeUs", id::int AS state, text
      FROM session_log
      WHERE series = $1 AND kind = ${RecordKind.bookState} AND time >= ${timestampOf('$2')} AND time < ${timestampOf('$3')}
      ORDER BY time DESC, sequence DESC LIMIT $4`,
    [series, withinTime(request.fromUs), withinTime(request.toUs), request.limit],
  );
  return rows.reverse().map((row) => ({
    instrument: row['instrument'] as number,
    timeUs: row['timeUs'] as number,
    state: nameOf(BookState, row['state'] as number),
    reason: (row['text'] as string | null) ?? '',
  }));
}

/** Year 2200, us since the epoch. */
const MAX_US = 7_258_118_400_000_000;

/** A time that Postgres can hold; the times of rows are whole us, so rounding up changes no comparison. */
function withinTime(us: number): number {
  return Math.ceil(Math.max(0, Math.min(us, MAX_US)));
}

/** Exact: extract() gives numeric with all six decimals. */
function microseconds(...columns: string[]): string {
  return `(extract(epoch FROM coalesce(${columns.join(', ')})) * 1000000)::float8`;
}

function timestampOf(parameter: string): string {
  return `('epoch'::timestamptz + ${parameter}::bigint * interval '1 microsecond')`;
}

function columnsOf<K extends string>(
  rows: readonly Record<string, unknown>[],
  keys: readonly K[],
): Record<K, number[]> {
  const columns = {} as Record<K, number[]>;
  for (const key of keys) columns[key] = rows.map((row) => row[key] as number);
  return columns;
}
