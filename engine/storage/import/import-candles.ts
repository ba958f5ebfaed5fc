import type { JobControl } from '../catalog/job-board.ts';
import type { PreparedStore } from '../prepare-store.ts';
import { type ImportRecord, moveImport } from './import-record.ts';
import type { CandleImport, ImportedCandle } from './import-source.ts';

/** Writes the candles of a public file that are not in the store yet; one that another file brought is replaced. */
export async function importCandles(
  { db }: PreparedStore,
  source: CandleImport,
  record: ImportRecord,
  control: JobControl,
): Promise<void> {
  const series = record.series[0] as number;
  let read = 0;
  const write = async (candles: readonly ImportedCandle[], finished: boolean): Promise<void> => {
    const fresh = candles.slice(Math.max(0, record.position - (read - candles.length)));
    const rows = record.rows + fresh.length;
    const column = (key: keyof ImportedCandle): number[] => fresh.map((candle) => candle[key]);
    await db.transaction(async () => {
      await moveImport(db, record, { position: Math.max(read, record.position), rows, finished });
      await db.prepared(
        'import candles',
        `INSERT INTO imported_candles
          SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bigint[])
          ON CONFLICT (series, interval_s, open_time_s) DO UPDATE SET open = excluded.open, high = excluded.high,
            low = excluded.low, close = excluded.close, volume_lots = excluded.volume_lots,
            buy_volume_lots = excluded.buy_volume_lots, trades = excluded.trades`,
        [
          series,
          source.intervalSeconds,
          column('openTimeS'),
          column('open'),
          column('high'),
          column('low'),
          column('close'),
          column('volumeLots'),
          column('buyVolumeLots'),
          column('trades'),
        ],
      );
    });
    Object.assign(record, { position: Math.max(read, record.position), rows, finished });
  };
  for await (const { candles, fraction } of source.read()) {
    control.signal.throwIfAborted();
    read += candles.length;
    if (read > record.position) await write(candles, false);
    control.progress(fraction, record.rows);
  }
  await write([], true);
}
