import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import type { DataCatalog, DataJob } from '../../contract/data-messages.ts';
import { crc32 } from '../../core/crc32.ts';
import {
  dataFolder,
  expectedRecording,
  recordingPath,
  skipReason,
} from '../../simulation/player/recorded-day.test-support.ts';
import { StorageService } from '../../storage/storage-service.ts';
import { connectEmbedded, eventually, seriesRows, temporaryDataDir } from '../../storage/storage.test-support.ts';
import { openImport } from './open-import.ts';

const ME = {};
const SPOT = ['spot_btcusdt_20240808.gz', 'spot_btcusdt_20240809.gz'].map(recordingPath);

function startService(t: TestContext, dataDir: string): StorageService {
  const service = new StorageService(
    { process: 'storage', dataDir, journalDirs: [path.join(dataDir, 'journal')], postgresUrl: '' },
    { progress: () => undefined, log: (text) => t.diagnostic(text), openImport },
  );
  service.start();
  t.after(() => service.stop());
  return service;
}

async function importFiles(service: StorageService, files: string[]): Promise<DataJob> {
  const { id } = (await service.request(ME, { kind: 'startImport', order: { files } })) as DataJob;
  return await eventually('the import to end', () => {
    const job = service.status().jobs.find((each) => each.id === id);
    return job?.state !== 'running' && job;
  });
}

/** What matters of every table: equal contents give equal texts. */
async function contents(dataDir: string): Promise<Record<string, unknown>> {
  const client = await connectEmbedded(dataDir);
  try {
    const result: Record<string, unknown> = {};
    for (const table of ['trades', 'quotes', 'book_updates', 'session_log', 'candles_1s', 'candles_1h']) {
      const { rows } = await client.query(
        `SELECT count(*)::int AS n, md5(string_agg(md5(r::text), '' ORDER BY md5(r::text))) AS hash FROM ${table} r`,
      );
      result[table] = rows[0];
    }
    const { told, counted } = await seriesRows(client);
    assert.deepEqual(told, counted);
    return result;
  } finally {
    await client.end();
  }
}

test('a recording is what expected.json says, imported once, twice, or cancelled half-way', {
  skip: skipReason,
}, async (t) => {
  const dataDir = temporaryDataDir();
  const service = startService(t, dataDir);
  const first = await importFiles(service, SPOT);
  assert.deepEqual([first.state, first.detail, first.fraction, first.repeated], ['done', '', 1, false]);
  const expected = expectedRecording('spot_btcusdt_20240808.gz');
  const client = await connectEmbedded(dataDir);
  const { rows } = await client.query(
    `SELECT count(*)::int AS n, sum(size_lots * lot_size)::text AS volume, min(price_ticks * tick_size)::text AS low,
      max(price_ticks * tick_size)::text AS high, min(trade_id)::text AS first, max(trade_id)::text AS last,
      (sum(size_lots * lot_size) FILTER (WHERE side = 1))::text AS buys FROM trades JOIN series USING (series)`,
  );
  const quotes = await client.query('SELECT count(*)::int AS n FROM quotes');
  const diffs = await client.query('SELECT count(*)::int AS n FROM book_updates WHERE kind = 13');
  await client.end();
  const { trades } = expected;
  assert.equal(rows[0].n, trades.count);
  assert.equal(Number(rows[0].volume), Number(trades.volume));
  assert.equal(Number(rows[0].buys), Number(trades.aggressive_buy_volume));
  assert.deepEqual([Number(rows[0].low), Number(rows[0].high)], [Number(trades.low), Number(trades.high)]);
  assert.deepEqual([rows[0].first, rows[0].last], [String(trades.first_id), String(trades.last_id)]);
  assert.equal(diffs.rows[0].n, expected.sync.applied);
  assert.equal(quotes.rows[0].n, expected.streams.bookTicker * 2, 'a row a side');
  const once = await contents(dataDir);

  const twice = await importFiles(service, SPOT);
  assert.deepEqual([twice.state, twice.repeated, twice.rows], ['done', true, first.rows]);
  assert.deepEqual(await contents(dataDir), once);

  const catalog = (await service.request(ME, { kind: 'catalog' })) as DataCatalog;
  assert.equal(catalog.series.length, 1);
  const [series] = catalog.series;
  assert.deepEqual(
    [series?.venue, series?.symbol, series?.source, series?.trades, series?.rows],
    ['binance-spot', 'BTCUSDT', 'import', trades.count, first.rows],
  );
  assert.ok((series?.bytes ?? 0) > 1e6 && catalog.postgresBytes > (series?.bytes ?? 0));
  assert.deepEqual(catalog.imports, [
    { name: 'spot_btcusdt_20240808.gz, spot_btcusdt_20240809.gz', rows: first.rows, finished: true },
  ]);

  await t.test('cancelled half-way and imported again', async (t) => {
    const otherDir = temporaryDataDir();
    const other = startService(t, otherDir);
    const { id } = (await other.request(ME, { kind: 'startImport', order: { files: SPOT } })) as DataJob;
    const job = (): DataJob => other.status().jobs.find((each) => each.id === id) as DataJob;
    await eventually('a third of it', () => job().fraction > 0.3);
    await other.request(ME, { kind: 'cancelJob', job: id });
    await eventually('the end', () => job().state === 'cancelled');
    const half = (await other.request(ME, { kind: 'catalog' })) as DataCatalog;
    assert.equal(half.imports[0]?.finished, false);
    assert.ok((half.imports[0]?.rows ?? 0) > 0 && (half.imports[0]?.rows ?? 0) < first.rows);
    const again = await importFiles(other, SPOT);
    assert.deepEqual([again.state, again.repeated, again.rows], ['done', false, first.rows]);
    assert.deepEqual(await contents(otherDir), once);
  });
});

/** An archive of one file, as the venue's site has them. */
function zipOf(name: string, text: string): Buffer {
  const data = Buffer.from(text);
  const packed = deflateRawSync(data);
  const fileName = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(fileName.length, 22);
  const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, fileName, packed]);
  const central = Buffer.concat([Buffer.from('504b01021400', 'hex'), common, Buffer.alloc(14), fileName]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const DAY_MS = Date.UTC(2025, 0, 1);

function writeZip(dir: string, name: string, lines: string[]): string {
  const file = path.join(dir, `${name}.zip`);
  fs.writeFileSync(file, zipOf(`${name}.csv`, `${lines.join('\n')}\n`));
  return file;
}

test('public files: trades that overlap are counted once, aggregates and candles are kept apart', async (t) => {
  const dataDir = temporaryDataDir();
  const service = startService(t, dataDir);
  const trade = (n: number): string =>
    `${n},${(100 + (n % 7) / 100).toFixed(8)},0.5,50,${DAY_MS * 1000 + n * 1_000_000},True,True`;
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const day = writeZip(dataDir, 'ABCUSDT-trades-2025-01-01', range(0, 3000).map(trade));
  const more = writeZip(dataDir, 'ABCUSDT-trades-2025-01', range(1000, 5000).map(trade));
  const aggregates = writeZip(
    dataDir,
    'ABCUSDT-aggTrades-2025-01-01',
    range(0, 100).map((n) => `${n},100.01,1,${n},${n},${DAY_MS * 1000 + n * 1_000_000},false,true`),
  );
  const candles = writeZip(dataDir, 'ABCUSDT-1m-2025-01-01', [
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
    ...range(0, 60).map((n) => {
      const openMs = DAY_MS + n * 60_000;
      return `${openMs},100,101.5,99,${100 + n},12.5,${openMs + 59_999},1250,42,5.5,550,0`;
    }),
  ]);
  for (const file of [day, more, aggregates, candles, day]) {
    const job = await importFiles(service, [file]);
    assert.deepEqual([job.state, job.detail], ['done', '']);
  }
  const client = await connectEmbedded(dataDir);
  const counts = await client.query(
    'SELECT run, count(*)::int AS n, count(DISTINCT trade_id)::int AS ids FROM trades JOIN series USING (series) GROUP BY 1 ORDER BY 1',
  );
  assert.deepEqual(counts.rows, [
    { run: 'aggregate', n: 100, ids: 100 },
    { run: 'single', n: 5000, ids: 5000 },
  ]);
  const volume = await client.query(
    `SELECT sum(volume_lots * lot_size)::float8 AS v FROM candles_1h JOIN series USING (series) WHERE run = 'single'`,
  );
  assert.equal(volume.rows[0].v, 2500);
  const stored = await client.query(
    `SELECT interval_s, count(*)::int AS n, sum(volume_lots * lot_size)::float8 AS v, max(close * tick_size)::float8 AS c
      FROM imported_candles JOIN series USING (series) GROUP BY 1`,
  );
  assert.deepEqual(stored.rows, [{ interval_s: 60, n: 60, v: 750, c: 159 }]);
  await client.end();
});

test('what cannot be imported is one line, and leaves nothing', async (t) => {
  const dataDir = temporaryDataDir();
  const service = startService(t, dataDir);
  const odd = path.join(dataDir, 'odd.csv');
  fs.writeFileSync(odd, 'hello\nworld\n');
  for (const [file, reason] of [
    [path.join(dataDir, 'none.gz'), /no such file/],
    [odd, /odd\.csv/],
    [path.join(dataFolder, 'README.md'), /README\.md/],
  ] as const) {
    const job = await importFiles(service, [file]);
    assert.equal(job.state, 'failed');
    assert.match(job.detail, reason);
    assert.doesNotMatch(job.detail, /\n/);
  }
  await assert.rejects(
    service.request(ME, { kind: 'startImport', order: { files: ['a.gz'] } }),
    /full path, was "a\.gz"/,
  );
  const catalog = (await service.request(ME, { kind: 'catalog' })) as DataCatalog;
  assert.deepEqual([catalog.series, catalog.imports], [[], []]);
});
