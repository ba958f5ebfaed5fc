import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type pg from 'pg';
import type { CandleColumns, StorageRequest, StoredRange, TradeColumns } from '../contract/storage-messages.ts';
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { PlainLayout } from './plain/plain-layout.ts';
import { PostgresSession } from './postgres-session.ts';
import { StorageService } from './storage-service.ts';
import { connectEmbedded, eventually, ORIGIN_US, SampleSession, temporaryDataDir } from './storage.test-support.ts';

const PAGE = {};
const BTC = { symbol: 'BTCUSDT', venue: 'sim' } as const;
/** The first second of the second day, s since the epoch. */
const MIDNIGHT_S = ORIGIN_US / 1e6 + 10;

interface Store {
  service: StorageService;
  client: pg.Client;
  dataDir: string;
}

/** 74 s of two symbols, ten of them before midnight: two partitions. */
async function openStore(t: TestContext): Promise<Store> {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const session = new SampleSession(journalDir);
  session.append(20_000);
  session.end();
  const service = new StorageService(
    { process: 'storage', dataDir, journalDirs: [journalDir], postgresUrl: '' },
    { progress: () => undefined, log: (text) => t.diagnostic(text) },
  );
  service.start();
  t.after(() => service.stop());
  await eventually('all rows', () => service.status().rows === session.writer.lastSequence);
  const client = await connectEmbedded(dataDir);
  t.after(() => client.end());
  return { service, client, dataDir };
}

const asked = async <T>(service: StorageService, request: StorageRequest): Promise<T> =>
  (await service.request(PAGE, request)) as T;

/** All trades in pages of `limit`, from the newest back or from the oldest on. */
async function pagedTrades(service: StorageService, limit: number, oldest: boolean): Promise<string[]> {
  const pages: string[][] = [];
  let edge: { timeUs: number; id: number } | undefined;
  for (;;) {
    const page = await asked<TradeColumns>(service, {
      ...BTC,
      kind: 'trades',
      limit,
      source: 'sim',
      beforeUs: 9e15,
      ...(oldest
        ? { afterUs: edge?.timeUs ?? 0, ...(edge ? { afterId: edge.id } : {}) }
        : edge
          ? { beforeUs: edge.timeUs, beforeId: edge.id }
          : {}),
    });
    const rows = page.id.map(
      (id, i) => `${page.timeUs[i]} ${id} ${page.priceTicks[i]} ${page.sizeLots[i]} ${page.side[i]}`,
    );
    if (oldest) pages.push(rows);
    else pages.unshift(rows);
    if (rows.length < limit) return pages.flat();
    const at = oldest ? rows.length - 1 : 0;
    edge = { timeUs: page.timeUs[at] as number, id: page.id[at] as number };
  }
}

async function storedTrades(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    `SELECT concat_ws(' ', (extract(epoch FROM exchange_time) * 1000000)::bigint, trade_id, price_ticks, size_lots, side) AS row
      FROM trades JOIN series USING (series) WHERE symbol = 'BTCUSDT' ORDER BY exchange_time, trade_id`,
  );
  return rows.map(({ row }) => row);
}

test('pages of candles and trades meet over the border of partitions, with nothing twice and nothing left out', async (t) => {
  const { service, client } = await openStore(t);
  // Venues give times in ms, and a sweep of the book is many trades at once: pages end among them.
  await client.query(`UPDATE trades SET exchange_time = date_trunc('second', exchange_time)`);
  const partitions = await client.query(
    `SELECT DISTINCT trades.tableoid::regclass::text AS name FROM trades JOIN series USING (series) WHERE symbol = 'BTCUSDT' ORDER BY 1`,
  );
  assert.deepEqual(partitions.rows, [{ name: 'trades_20240808' }, { name: 'trades_20240809' }]);
  const expected = await storedTrades(client);
  for (const limit of [7, 250, 20_000]) {
    assert.deepEqual(await pagedTrades(service, limit, false), expected, `back, ${limit} a page`);
    assert.deepEqual(await pagedTrades(service, limit, true), expected, `on, ${limit} a page`);
  }

  for (const intervalSeconds of [1, 5, 15, 60]) {
    const request = { ...BTC, kind: 'candles', intervalSeconds, fromS: 0, toS: 1e10, limit: 20_000 } as const;
    const all = await asked<CandleColumns>(service, request);
    assert.ok((all.openTimeS[0] as number) < MIDNIGHT_S && (all.openTimeS.at(-1) as number) >= MIDNIGHT_S);
    const back: number[][] = [];
    for (let toS = 1e10; ; ) {
      const page = await asked<CandleColumns>(service, { ...request, toS, limit: 3 });
      back.unshift(...page.openTimeS.map((time, i) => [time, page.close[i] as number, page.volumeLots[i] as number]));
      if (page.openTimeS.length < 3) break;
      toS = page.openTimeS[0] as number;
    }
    const on: number[][] = [];
    for (let fromS = 0; ; ) {
      const page = await asked<CandleColumns>(service, { ...request, fromS, limit: 3, oldest: true });
      on.push(...page.openTimeS.map((time, i) => [time, page.close[i] as number, page.volumeLots[i] as number]));
      if (page.openTimeS.length < 3) break;
      fromS = (page.openTimeS.at(-1) as number) + intervalSeconds;
    }
    const whole = all.openTimeS.map((time, i) => [time, all.close[i], all.volumeLots[i]]);
    assert.deepEqual(back, whole, `back, ${intervalSeconds} s`);
    assert.deepEqual(on, whole, `on, ${intervalSeconds} s`);
  }
});

test('what retention dropped is gone from trades and still there as candles; the range says so', async (t) => {
  const { service, client, dataDir } = await openStore(t);
  const range = (): Promise<StoredRange | null> => asked(service, { ...BTC, kind: 'range' });
  const before = await range();
  const [first] = await storedTrades(client);
  assert.equal(before?.tradesFromUs, Number(first?.split(' ')[0]));
  assert.deepEqual([before.source, Number(before.tickSize), before.intervalS], ['sim', 0.01, 1]);
  const candles = { ...BTC, kind: 'candles', intervalSeconds: 1, fromS: 0, toS: 1e10, limit: 20_000 } as const;
  const { openTimeS } = await asked<CandleColumns>(service, candles);
  assert.deepEqual([before.fromS, before.toS], [openTimeS[0], (openTimeS.at(-1) as number) + 1]);

  const address = JSON.parse(fs.readFileSync(path.join(dataDir, 'postgres', 'connection.json'), 'utf8'));
  const db = await PostgresSession.open(address, { applicationName: 'test' });
  t.after(() => db.close());
  const layout = new PlainLayout({ ...defaultStoreSettings, keepTicksDays: 1 });
  const dropped = await layout.maintain(db, Date.UTC(2024, 7, 10));
  assert.ok(dropped.includes('trades_20240808'), dropped.join());

  const left = await storedTrades(client);
  assert.ok(left.length > 0);
  assert.deepEqual(await pagedTrades(service, 250, false), left);
  const after = await range();
  assert.equal(after?.tradesFromUs, Number(left[0]?.split(' ')[0]));
  assert.deepEqual([after.fromS, after.toS], [before.fromS, before.toS], 'candles stay');
  assert.deepEqual((await asked<CandleColumns>(service, candles)).openTimeS, openTimeS);
  assert.equal(await asked(service, { kind: 'range', symbol: 'XRPUSDT' }), null);
});

test('a superseded query ends at the server, also while it waits for a lock, and the next one is answered', async (t) => {
  const { service, client, dataDir } = await openStore(t);
  const locker = await connectEmbedded(dataDir);
  t.after(() => locker.end());
  const waiting = async (): Promise<number> =>
    (
      await client.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity
          WHERE application_name = 'christmas history' AND state = 'active' AND wait_event_type = 'Lock'`,
      )
    ).rows[0].n;
  await locker.query('BEGIN');
  await locker.query('LOCK TABLE candles_1s IN ACCESS EXCLUSIVE MODE');
  const request = { ...BTC, kind: 'candles', fromS: 0, toS: 1e10, limit: 10 } as const;
  for (let round = 0; round < 5; round++) {
    const outcome = service.request(PAGE, { ...request, intervalSeconds: 1 }, round).then(
      () => 'answered',
      (error: Error) => error.message,
    );
    await eventually('the query at the lock', async () => (await waiting()) === 1);
    const queued = service.request(PAGE, { ...request, intervalSeconds: 1 }, 100 + round);
    const next = service.request(PAGE, { ...request, intervalSeconds: 60 }, 200 + round);
    service.cancel(PAGE, 100 + round);
    await assert.rejects(queued, /superseded/);
    service.cancel(PAGE, round);
    assert.equal(await outcome, 'superseded');
    assert.equal(((await next) as CandleColumns).openTimeS.length, 3, 'while the lock is still held');
    assert.equal(await waiting(), 0, 'nothing is left at the server');
  }
  await locker.query('ROLLBACK');
  assert.equal((await asked<CandleColumns>(service, { ...request, intervalSeconds: 1 })).openTimeS.length, 10);
});
