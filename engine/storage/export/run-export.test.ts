import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { DataJob, ExportOrder } from '../../contract/data-messages.ts';
import { StorageService } from '../storage-service.ts';
import { connectEmbedded, eventually, ORIGIN_US, SampleSession, temporaryDataDir } from '../storage.test-support.ts';

const ME = {};
const ORDER: ExportOrder = {
  venue: 'sim',
  symbol: 'ETHUSDT',
  source: 'sim',
  table: 'trades',
  intervalSeconds: 5,
  format: 'csv',
  // Over midnight, and so over a partition's border.
  fromUs: ORIGIN_US + 2e6,
  toUs: ORIGIN_US + 25e6,
};

test('what is exported as CSV and as Parquet is what the store has', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const service = new StorageService(
    { process: 'storage', dataDir, journalDirs: [journalDir], postgresUrl: '' },
    { progress: () => undefined, log: (text) => t.diagnostic(text) },
  );
  service.start();
  t.after(() => service.stop());
  const session = new SampleSession(journalDir);
  session.append(8_000);
  session.end();
  await eventually('its rows', () => service.status().rows === session.writer.lastSequence);
  const client = await connectEmbedded(dataDir);
  t.after(() => client.end());

  const run = async (change: Partial<ExportOrder>): Promise<DataJob> => {
    const order = { ...ORDER, ...change };
    const { id } = (await service.request(ME, { kind: 'startExport', order })) as DataJob;
    return await eventually('the end of the export', () => {
      const job = service.status().jobs.find((each) => each.id === id);
      return job?.state !== 'running' && job;
    });
  };
  const ticks = (table: string, id: string): string =>
    `SELECT (extract(epoch FROM exchange_time) * 1000000)::float8 AS t, (price_ticks * tick_size)::float8 AS p,
      (size_lots * lot_size)::float8 AS s, CASE side WHEN 1 THEN 'buy' ELSE 'sell' END AS side, ${id}::float8 AS id
    FROM ${table} JOIN series USING (series) WHERE symbol = 'ETHUSDT'
      AND exchange_time >= to_timestamp($1::numeric / 1000000) AND exchange_time < to_timestamp($2::numeric / 1000000)
    ORDER BY 1, 5`;
  const candles = `SELECT open_time_s::float8 * 1000000 AS t, (open * tick_size)::float8 AS o, (high * tick_size)::float8 AS h,
      (low * tick_size)::float8 AS l, (close * tick_size)::float8 AS c, (volume_lots * lot_size)::float8 AS v,
      (buy_volume_lots * lot_size)::float8 AS b, trades::float8 AS n
    FROM candles_5s JOIN series USING (series) WHERE symbol = 'ETHUSDT' AND open_time_s >= $1 / 1000000.0
      AND open_time_s < $2 / 1000000.0 ORDER BY 1`;
  for (const [table, query] of [
    ['trades', ticks('trades', 'trade_id')],
    ['quotes', ticks('quotes', 'update_id')],
    ['candles', candles],
  ] as const) {
    const { rows } = await client.query({ text: query, values: [ORDER.fromUs, ORDER.toUs], rowMode: 'array' });
    assert.ok(rows.length > 3, table);

    const csv = await run({ table, format: 'csv' });
    assert.deepEqual([csv.state, csv.rows], ['done', rows.length], csv.detail);
    assert.equal(path.dirname(csv.detail), path.join(dataDir, 'exports'));
    const [head, ...lines] = fs.readFileSync(csv.detail, 'utf8').trimEnd().split('\n');
    assert.match(head as string, /^(time_us|open_time_us),.*,run$/);
    const parsed = lines.map((line) => line.split(',').slice(0, -1));
    assert.deepEqual(
      parsed.map((fields) => fields.map((field) => (/^[\d.]+$/.test(field) ? Number(field) : field))),
      rows,
    );

    const parquet = await run({ table, format: 'parquet' });
    assert.deepEqual([parquet.state, parquet.rows], ['done', rows.length], parquet.detail);
    const objects = await parquetReadObjects({ file: await asyncBufferFromFile(parquet.detail) });
    assert.deepEqual(
      objects.map((object) =>
        Object.values(object)
          .slice(0, -1)
          .map((value) => (typeof value === 'bigint' ? Number(value) : value)),
      ),
      rows,
    );
  }
  assert.deepEqual(
    fs.readdirSync(path.join(dataDir, 'exports')).filter((name) => name.endsWith('.partial')),
    [],
  );

  const missing = await run({ symbol: 'NONE' });
  assert.equal(missing.state, 'failed');
  assert.match(missing.detail, /Expected stored data of NONE/);
  await assert.rejects(run({ toUs: ORDER.fromUs }), /toUs: expected a time after fromUs/);
});
