import { storeOriginUs } from './store-workload.ts';

export const readRows = 5_000_000;
/** A trade every 20 ms, all symbols together. */
export const readTickUs = 20_000;
const endS = (storeOriginUs + readRows * readTickUs) / 1e6;

/** First second of the last so many of the data, s since the epoch. */
export const lastSecondsFrom = (seconds: number): number => endS - seconds;

/** 1 s candles computed from trades. */
export function candlesOfTrades(table: 'trades' | 'trades_brin', series: number, fromS: number): string {
  return `SELECT floor(extract(epoch FROM exchange_time))::bigint AS open_time_s,
      (array_agg(price_ticks ORDER BY trade_id))[1] AS open, max(price_ticks) AS high, min(price_ticks) AS low,
      (array_agg(price_ticks ORDER BY trade_id DESC))[1] AS close, sum(size_lots) AS volume_lots
    FROM ${table} WHERE series = ${series} AND exchange_time >= to_timestamp(${fromS}) GROUP BY 1`;
}

/** 1 s candles that the store keeps. */
export function candlesKept(series: number, fromS: number): string {
  return `SELECT open_time_s, open, high, low, close, volume_lots FROM candles_1s
    WHERE series = ${series} AND open_time_s >= ${fromS}`;
}
