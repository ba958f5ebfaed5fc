import type { StoreSettings } from '../../contract/store-settings.ts';
import { CANDLE_RESOLUTIONS } from '../candle-resolutions.ts';
import { droppedBeforeS, noteDropped } from '../dropped-ticks.ts';
import type { PostgresSession } from '../postgres-session.ts';
import type { StoreLayout } from '../store-layout.ts';
import { DAY_MS, DayPartitions } from './day-partitions.ts';

/** Any Postgres: a partition a day, candles written by the tailer, retention by dropping days. */
export class PlainLayout implements StoreLayout {
  readonly kind = 'plain';
  readonly candlesByTailer = true;
  readonly candleTime = { column: 'open_time_s', fromSeconds: (parameter: string) => `${parameter}::bigint` };
  readonly #partitions = new DayPartitions();
  readonly #settings: StoreSettings;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
  }

  async applySettings(): Promise<void> {
    // The server has no policies: the hourly round does what they would.
  }

  ensureDays(db: PostgresSession, days: Iterable<number>): Promise<void> {
    return this.#partitions.ensure(db, days);
  }

  async maintain(db: PostgresSession, nowMs: number): Promise<string[]> {
    await this.#partitions.ensureAhead(db, nowMs);
    const { keepTicksDays } = this.#settings;
    if (keepTicksDays === 0) return [];
    const firstKeptDay = Math.floor(nowMs / DAY_MS) - keepTicksDays;
    await noteDropped(db, (firstKeptDay * DAY_MS) / 1000);
    return await this.#partitions.dropBefore(db, firstKeptDay);
  }

  async recountCandles(db: PostgresSession, series: number, fromS: number, toS: number): Promise<void> {
    const droppedS = (await droppedBeforeS(db)) ?? 0;
    for (const { table, seconds } of CANDLE_RESOLUTIONS) {
      const from = Math.max(Math.floor(fromS / seconds), Math.ceil(droppedS / seconds)) * seconds;
      const range = [series, from, Math.ceil(toS / seconds) * seconds];
      await db.query(`DELETE FROM ${table} WHERE series = $1 AND open_time_s >= $2 AND open_time_s < $3`, range);
      await db.query(
        `INSERT INTO ${table}
          SELECT series, bucket, (array_agg(price_ticks ORDER BY trade_id, sequence))[1], max(price_ticks),
            min(price_ticks), (array_agg(price_ticks ORDER BY trade_id DESC, sequence))[1], sum(size_lots),
            coalesce(sum(size_lots) FILTER (WHERE side = 1), 0), count(*), min(trade_id), max(trade_id)
          FROM (
            SELECT *, (floor(extract(epoch FROM exchange_time) / ${seconds}) * ${seconds})::bigint AS bucket
            FROM trades WHERE series = $1 AND exchange_time >= to_timestamp($2) AND exchange_time < to_timestamp($3)
          ) t GROUP BY series, bucket`,
        range,
      );
    }
  }

  async refreshCandles(): Promise<void> {
    // They are written with the trades, in the same transaction.
  }
}
