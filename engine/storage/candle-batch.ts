import { Side } from '../contract/units.ts';
import { CANDLE_RESOLUTIONS, type CandleTable } from './candle-resolutions.ts';
import type { PostgresSession } from './postgres-session.ts';

interface Candle {
  series: number;
  openTimeS: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volumeLots: number;
  buyVolumeLots: number;
  trades: number;
  firstId: number;
  lastId: number;
}

type Candles = Map<string, Candle>;

/** Series whose newest candle is found without its key; a power of two. */
const RECENT = 64;

/** Candles of the trades of one batch; each trade is added to its second alone, longer candles are joined when written. */
export class CandleBatch {
  readonly #seconds: Candles = new Map();
  readonly #recent: (Candle | undefined)[] = Array.from({ length: RECENT }, () => undefined);

  add(series: number, timeUs: number, priceTicks: number, sizeLots: number, side: number, tradeId: number): void {
    const openTimeS = Math.floor(timeUs / 1_000_000);
    let candle = this.#recent[series & (RECENT - 1)];
    if (candle === undefined || candle.series !== series || candle.openTimeS !== openTimeS) {
      const key = `${series}:${openTimeS}`;
      candle = this.#seconds.get(key);
      if (candle === undefined) {
        candle = {
          series,
          openTimeS,
          open: priceTicks,
          high: priceTicks,
          low: priceTicks,
          close: priceTicks,
          volumeLots: 0,
          buyVolumeLots: 0,
          trades: 0,
          firstId: tradeId,
          lastId: tradeId,
        };
        this.#seconds.set(key, candle);
      }
      this.#recent[series & (RECENT - 1)] = candle;
    }
    if (tradeId < candle.firstId) {
      candle.firstId = tradeId;
      candle.open = priceTicks;
    }
    if (tradeId > candle.lastId) {
      candle.lastId = tradeId;
      candle.close = priceTicks;
    }
    if (priceTicks > candle.high) candle.high = priceTicks;
    if (priceTicks < candle.low) candle.low = priceTicks;
    candle.volumeLots += sizeLots;
    if (side === Side.buy) candle.buyVolumeLots += sizeLots;
    candle.trades++;
  }

  clear(): void {
    this.#seconds.clear();
    this.#recent.fill(undefined);
  }

  /** Inside the transaction that commits the trades: each trade is counted exactly once. */
  async write(session: PostgresSession): Promise<void> {
    if (this.#seconds.size === 0) return;
    let finer = this.#seconds;
    for (const { table, seconds } of CANDLE_RESOLUTIONS) {
      if (seconds > 1) finer = joinCandles(finer, seconds);
      await mergeInto(session, table, [...finer.values()]);
    }
  }
}

function joinCandles(finer: Candles, seconds: number): Candles {
  const joined: Candles = new Map();
  for (const candle of finer.values()) {
    const openTimeS = Math.floor(candle.openTimeS / seconds) * seconds;
    const key = `${candle.series}:${openTimeS}`;
    const into = joined.get(key);
    if (into === undefined) {
      joined.set(key, { ...candle, openTimeS });
      continue;
    }
    if (candle.firstId < into.firstId) {
      into.firstId = candle.firstId;
      into.open = candle.open;
    }
    if (candle.lastId > into.lastId) {
      into.lastId = candle.lastId;
      into.close = candle.close;
    }
    into.high = Math.max(into.high, candle.high);
    into.low = Math.min(into.low, candle.low);
    into.volumeLots += candle.volumeLots;
    into.buyVolumeLots += candle.buyVolumeLots;
    into.trades += candle.trades;
  }
  return joined;
}

async function mergeInto(session: PostgresSession, table: CandleTable, rows: readonly Candle[]): Promise<void> {
  const column = (key: keyof Candle): number[] => rows.map((row) => row[key]);
  await session.prepared(
    `merge ${table}`,
    `INSERT INTO ${table} AS c (series, open_time_s, open, high, low, close, volume_lots, buy_volume_lots, trades,
        first_id, last_id)
      SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
        $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
      ON CONFLICT (series, open_time_s) DO UPDATE SET
        open = CASE WHEN excluded.first_id < c.first_id THEN excluded.open ELSE c.open END,
        close = CASE WHEN excluded.last_id > c.last_id THEN excluded.close ELSE c.close END,
        high = greatest(c.high, excluded.high),
        low = least(c.low, excluded.low),
        volume_lots = c.volume_lots + excluded.volume_lots,
        buy_volume_lots = c.buy_volume_lots + excluded.buy_volume_lots,
        trades = c.trades + excluded.trades,
        first_id = least(c.first_id, excluded.first_id),
        last_id = greatest(c.last_id, excluded.last_id)`,
    [
      column('series'),
      column('openTimeS'),
      column('open'),
      column('high'),
      column('low'),
      column('close'),
      column('volumeLots'),
      column('buyVolumeLots'),
      column('trades'),
      column('firstId'),
      column('lastId'),
    ],
  );
}
