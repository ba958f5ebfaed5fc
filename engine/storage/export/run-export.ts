import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ExportOrder } from '../../contract/data-messages.ts';
import type { JobControl, JobResult } from '../catalog/job-board.ts';
import type { PostgresSession } from '../postgres-session.ts';
import type { PreparedStore } from '../prepare-store.ts';
import { type ExportQuery, exportQuery } from './export-query.ts';
import { openTableWriter, type TableWriter } from './table-writer.ts';

const ROWS_AT_ONCE = 20_000;

/** Name of the file for an order: what is in it, and nothing that a file system would mind. */
export function exportFileName(order: ExportOrder): string {
  const day = (us: number): string => new Date(us / 1000).toISOString().slice(0, 19).replaceAll(':', '');
  const what = order.table === 'candles' ? `candles-${order.intervalSeconds}s` : order.table;
  const parts = [order.venue, order.symbol, order.source.split(':')[0] as string, what];
  return `${[...parts, day(order.fromUs), day(order.toUs)].join('-').replaceAll(/[^A-Za-z0-9._-]/g, '_')}.${order.format}`;
}

/** @throws RangeError naming field and value. */
export function checkExportOrder(order: ExportOrder): void {
  for (const field of ['fromUs', 'toUs'] as const) {
    if (!(order[field] >= 0 && order[field] < 8e15)) {
      throw new RangeError(`${field}: expected a time in us since the epoch, was ${String(order[field])}`);
    }
  }
  if (order.fromUs >= order.toUs) throw new RangeError('toUs: expected a time after fromUs, was not');
  if (order.format !== 'csv' && order.format !== 'parquet') {
    throw new RangeError(`format: expected csv or parquet, was ${String(order.format)}`);
  }
}

/**
 * Writes rows of a symbol into a file in `folder`, a batch at a time, from one snapshot of the store. The file has its
 * name once it is whole. Resolves to its path.
 */
export async function runExport(
  { db, layout }: PreparedStore,
  order: ExportOrder,
  folder: string,
  control: JobControl,
): Promise<JobResult> {
  const query = exportQuery(order, layout);
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, exportFileName(order));
  const partial = `${file}.partial`;
  try {
    const writer = openTableWriter(order.format, partial, query.columns);
    let rows = 0;
    await db.transaction(async () => {
      await db.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      for (const series of await seriesOf(db, order)) {
        rows += await writeSeries(db, query, series, writer, (row, written) => {
          control.signal.throwIfAborted();
          const timeUs = Number(row[(query.columns[0] as { name: string }).name]);
          control.progress((timeUs - order.fromUs) / (order.toUs - order.fromUs), rows + written);
        });
      }
    });
    await writer.finish();
    control.progress(1, rows);
    fs.renameSync(partial, file);
    return { detail: file };
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}

async function writeSeries(
  db: PostgresSession,
  query: ExportQuery,
  series: number,
  writer: TableWriter,
  onRows: (last: Record<string, unknown>, written: number) => void,
): Promise<number> {
  let written = 0;
  await db.query(`DECLARE exported NO SCROLL CURSOR FOR ${query.text}`, [series, ...query.values]);
  for (;;) {
    const rows = await db.query(`FETCH ${ROWS_AT_ONCE} FROM exported`);
    const last = rows.at(-1);
    if (last === undefined) break;
    await writer.write(rows);
    written += rows.length;
    onRows(last, written);
  }
  await db.query('CLOSE exported');
  return written;
}

async function seriesOf(db: PostgresSession, order: ExportOrder): Promise<number[]> {
  const rows = await db.query(
    'SELECT series FROM series WHERE venue = $1 AND symbol = $2 AND source = $3 ORDER BY abs(series)',
    [order.venue, order.symbol, order.source],
  );
  if (rows.length === 0) {
    throw new Error(`Expected stored data of ${order.symbol} (${order.venue}, ${order.source}), was none`);
  }
  return rows.map((row) => Number(row['series']));
}
