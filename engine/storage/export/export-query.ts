import type { ExportOrder } from '../../contract/data-messages.ts';
import { resolutionFor } from '../candle-resolutions.ts';
import type { StoreLayout } from '../store-layout.ts';

/** How a column is written; all of them come from the server as exact texts. */
export type ColumnType = 'int' | 'decimal' | 'text';

export interface ExportQuery {
  columns: readonly { name: string; type: ColumnType }[];
  /** Rows of one series, in order of market time; its key is `$1`, the range in us `$2` and `$3`. */
  text: string;
  values: readonly unknown[];
}

const us = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`;
const at = (parameter: string): string => `('epoch'::timestamptz + ${parameter}::bigint * interval '1 microsecond')`;
const side = `CASE r.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' ELSE '' END`;
const price = (column: string): string => `trim_scale(${column} * s.tick_size)::text`;
const size = (column: string): string => `trim_scale(${column} * s.lot_size)::text`;

/** The question for the rows of an order. `run`: what keeps kinds of trades, or replays, of one source apart. */
export function exportQuery(order: ExportOrder, layout: StoreLayout): ExportQuery {
  const range = [Math.ceil(order.fromUs), Math.ceil(order.toUs)];
  switch (order.table) {
    case 'trades':
      return {
        columns: tickColumns('trade_id'),
        text: `SELECT ${us('r.exchange_time')} AS time_us, ${price('r.price_ticks')} AS price, ${size('r.size_lots')} AS size,
            ${side} AS side, r.trade_id::text AS trade_id, s.run
          FROM trades r JOIN series s USING (series) WHERE r.series = $1
            AND r.exchange_time >= ${at('$2')} AND r.exchange_time < ${at('$3')} ORDER BY r.exchange_time, r.trade_id`,
        values: range,
      };
    case 'quotes':
      return {
        columns: tickColumns('update_id'),
        // Engine time decides which partitions are read; clocks differ by less than a day.
        text: `SELECT ${us('coalesce(r.exchange_time, r.time)')} AS time_us, ${price('r.price_ticks')} AS price,
            ${size('r.size_lots')} AS size, ${side} AS side, r.update_id::text AS update_id, s.run
          FROM quotes r JOIN series s USING (series) WHERE r.series = $1
            AND r.time >= ${at('$2')} - interval '1 day' AND r.time < ${at('$3')} + interval '1 day'
            AND coalesce(r.exchange_time, r.time) >= ${at('$2')} AND coalesce(r.exchange_time, r.time) < ${at('$3')}
          ORDER BY coalesce(r.exchange_time, r.time), r.sequence`,
        values: range,
      };
    case 'candles':
      return candleQuery(order, layout);
    default:
      throw new RangeError(`table: expected trades, quotes or candles, was ${String(order.table)}`);
  }
}

function tickColumns(id: string): ExportQuery['columns'] {
  return [
    { name: 'time_us', type: 'int' },
    { name: 'price', type: 'decimal' },
    { name: 'size', type: 'decimal' },
    { name: 'side', type: 'text' },
    { name: id, type: 'int' },
    { name: 'run', type: 'text' },
  ];
}

function candleQuery(order: ExportOrder, { candleTime }: StoreLayout): ExportQuery {
  const { intervalSeconds: interval } = order;
  if (!Number.isInteger(interval) || interval < 1 || interval > 86_400) {
    throw new RangeError(`intervalSeconds: expected a whole number from 1 to 86400, was ${String(interval)}`);
  }
  const { table } = resolutionFor(interval);
  const bucketOf = (parameter: string): number => Math.ceil(parameter === '$2' ? order.fromUs / 1e6 : order.toUs / 1e6);
  const columns = ['open', 'high', 'low', 'close', 'volume', 'buy_volume'].map(
    (name) => ({ name, type: 'decimal' }) as const,
  );
  return {
    columns: [
      { name: 'open_time_us', type: 'int' },
      ...columns,
      { name: 'trades', type: 'int' },
      { name: 'run', type: 'text' },
    ],
    text: `SELECT (bucket * 1000000)::text AS open_time_us,
        ${price('(array_agg(open ORDER BY open_time_s))[1]')} AS open, ${price('max(high)')} AS high,
        ${price('min(low)')} AS low, ${price('(array_agg(close ORDER BY open_time_s DESC))[1]')} AS close,
        ${size('sum(volume_lots)')} AS volume, ${size('sum(buy_volume_lots)')} AS buy_volume, sum(trades)::text AS trades, s.run
      FROM (
        SELECT series, open_time_s, open, high, low, close, volume_lots, buy_volume_lots, trades,
          open_time_s / ${interval} * ${interval} AS bucket
        FROM ${table} WHERE series = $1 AND ${candleTime.column} >= ${candleTime.fromSeconds('$2')}
          AND ${candleTime.column} < ${candleTime.fromSeconds('$3')}
        UNION ALL
        SELECT series, open_time_s, open, high, low, close, volume_lots, buy_volume_lots, trades,
          open_time_s / ${interval} * ${interval}
        FROM imported_candles WHERE series = $1 AND open_time_s >= $2 AND open_time_s < $3 AND ${interval} % interval_s = 0
      ) c JOIN series s USING (series) GROUP BY bucket, s.run, s.tick_size, s.lot_size ORDER BY bucket`,
    values: [bucketOf('$2'), bucketOf('$3')],
  };
}
