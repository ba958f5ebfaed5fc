import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type pg from 'pg';
import type { CandleColumns } from '../contract/storage-messages.ts';
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { segmentFileName } from '../journal/journal-format.ts';
import { PostgresSession } from './postgres-session.ts';
import { connectTo, type TestServer, testServers } from './postgres-servers.test-support.ts';
import { layoutOf, prepareStore } from './prepare-store.ts';
import { StorageService } from './storage-service.ts';
import type { StoreLayout } from './store-layout.ts';
import {
  assertCandles,
  eventually,
  naiveCandles,
  SampleSession,
  sorted,
  seriesRows,
  storedFigures,
  temporaryDataDir,
} from './storage.test-support.ts';

/** Plain Postgres and TimescaleDB, under the same promises. */
for (const server of testServers()) {
  const options = server.skip === '' ? {} : { skip: server.skip };

  test(`${server.name}: rows, candles of every length and history are the journal's`, options, async (t) => {
    const store = await openStore(t, server);
    const session = new SampleSession(store.journalDir, { segmentBytes: 60_000 });
    session.append(4_000);
    const service = store.start();
    await stored(service, session);
    const figures = await storedFigures(store.client);
    assert.equal(figures.total, session.writer.lastSequence);
    assert.equal(figures.distinct, figures.total);
    assert.deepEqual(figures.counters, figures.counted);
    await assertSummaries(store.client);
    await assertCandles(store.client, store.journalDir);
    await store.layout.refreshCandles(store.db);
    await assertCandles(store.client, store.journalDir);
    // Late and new trades beside what was refreshed.
    session.append(200);
    await stored(service, session);
    await store.layout.refreshCandles(store.db);
    await assertCandles(store.client, store.journalDir);
    for (const intervalSeconds of [1, 5, 15, 60, 300, 3600, 7200]) {
      const request = { kind: 'candles', symbol: 'ETHUSDT', intervalSeconds, fromS: 0, toS: 1e10, limit: 500 } as const;
      const columns = (await service.request({}, request)) as CandleColumns;
      const expected = sorted(naiveCandles(store.journalDir, intervalSeconds)).filter(([key]) => key.startsWith('ETH'));
      assert.deepEqual(
        columns.openTimeS.map((openTimeS, i) => [
          `ETHUSDT:${openTimeS}`,
          [columns.open, columns.high, columns.low, columns.close, columns.volumeLots, columns.buyVolumeLots].map(
            (column) => column[i],
          ),
        ]),
        expected.map(([key, row]) => [key, row.slice(0, 6)]),
        `${intervalSeconds} s`,
      );
    }
    session.end();
  });

  test(`${server.name}: ticks older than they are kept go, their candles stay`, options, async (t) => {
    const store = await openStore(t, server);
    const session = new SampleSession(store.journalDir);
    session.append(2_000);
    session.end();
    const nowMs = Date.now();
    // One hour ago: these are kept.
    const recent = new SampleSession(store.journalDir, { originUs: (nowMs - 3_600_000) * 1000, source: 'now' });
    recent.append(500);
    recent.end();
    const service = store.start();
    await stored(service, recent);
    await store.layout.refreshCandles(store.db);
    const candles = await countOf(store.client, 'candles_1s');
    const before = { fills: await countOf(store.client, 'fills'), trades: await countOf(store.client, 'trades') };
    assert.deepEqual(await expire(store), [], 'nothing is dropped by default');
    const shorter = await layoutOf(store.db, { ...defaultStoreSettings, keepTicksDays: 2 });
    await shorter.applySettings(store.db);
    const dropped = await expire({ ...store, layout: shorter });
    if (server.layout === 'plain') assert.ok(dropped.includes('trades_20240808'), dropped.join());
    const kept = (
      await store.client.query(`SELECT count(*)::int AS n FROM trades JOIN series USING (series) WHERE source = 'now'`)
    ).rows[0].n;
    assert.ok(kept > 100 && kept < before.trades);
    assert.equal(await countOf(store.client, 'trades'), kept);
    assert.ok((await countOf(store.client, 'quotes')) > 0);
    await shorter.refreshCandles(store.db);
    assert.equal(await countOf(store.client, 'fills'), before.fills, 'own fills stay');
    assert.equal(await countOf(store.client, 'candles_1s'), candles, 'candles stay');
    // Back to keeping everything: nothing more goes, and the dropped days can be written again.
    await store.layout.applySettings(store.db);
    await expire(store);
    await store.layout.refreshCandles(store.db);
    assert.equal(await countOf(store.client, 'candles_1s'), candles, 'candles stay');
    const again = new SampleSession(store.journalDir, { source: 'again' });
    again.append(100);
    again.end();
    await stored(service, again);
    assert.equal(await countOf(store.client, 'trades'), kept + 40);
  });

  test(`${server.name}: what a damaged journal lost leaves rows and candles`, options, async (t) => {
    const store = await openStore(t, server);
    const first = new SampleSession(store.journalDir);
    first.append(2_000);
    first.end();
    const service = store.start();
    await stored(service, first);
    await store.layout.refreshCandles(store.db);
    const file = path.join(store.journalDir, segmentFileName(1));
    const bytes = fs.readFileSync(file);
    const at = 72 + 72 * 1500 + 30;
    bytes[at] = (bytes[at] as number) ^ 1;
    fs.writeFileSync(file, bytes);
    const second = new SampleSession(store.journalDir);
    assert.equal(second.recovery.seal, 'quarantined');
    second.append(300);
    second.end();
    await eventually('the rows of the journal', () => service.status().rows === second.writer.lastSequence);
    assert.equal((await storedFigures(store.client)).total, second.writer.lastSequence);
    const { told, counted } = await seriesRows(store.client);
    assert.deepEqual(told, counted);
    await store.layout.refreshCandles(store.db);
    await assertCandles(store.client, store.journalDir);
  });

  test(
    `${server.name}: the last ticks of a symbol come from its b-tree, ranges of time from few blocks`,
    options,
    async (t) => {
      const store = await openStore(t, server);
      const session = new SampleSession(store.journalDir);
      session.append(3_000);
      session.end();
      await stored(store.start(), session);
      await store.client.query('ANALYZE trades');
      const plan = async (query: string): Promise<string> =>
        JSON.stringify((await store.client.query(`EXPLAIN (FORMAT json) ${query}`)).rows[0]);
      const last = await plan(
        `SELECT * FROM trades WHERE series = 1 AND exchange_time < '2030-01-01'
        ORDER BY exchange_time DESC, trade_id DESC LIMIT 10`,
      );
      assert.match(last, /Index Scan/);
      assert.match(last, /series_exchange_time_trade_id/);
      assert.doesNotMatch(last, /"Sort"/, last);
      const { rows } = await store.client.query(
        `SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'christmas' AND tablename = ANY($1) ORDER BY 1, 2`,
        [['trades', 'quotes', 'book_updates', 'book_tops']],
      );
      const kinds = rows.map((row) => `${row.tablename} ${/USING (\w+ \(.*\))/.exec(row.indexdef)?.[1]}`);
      const expected = [
        'book_tops brin ("time")',
        'book_tops btree (series, "time")',
        'book_updates brin ("time")',
        'quotes brin ("time")',
        'trades btree (series, exchange_time, trade_id)',
        'trades brin ("time")',
      ];
      assert.deepEqual(kinds.sort(), expected.sort());
    },
  );

  test(`${server.name}: preparing again changes nothing but the settings`, options, async (t) => {
    const store = await openStore(t, server);
    const session = new SampleSession(store.journalDir);
    session.append(500);
    session.end();
    const service = store.start();
    await stored(service, session);
    const figures = await storedFigures(store.client);
    await prepareStore(store.url, { keepTicksDays: 0, compressAfterDays: 3 }, (text) => t.diagnostic(text));
    assert.equal((await layoutOf(store.db)).kind, server.layout);
    assert.deepEqual(await storedFigures(store.client), figures);
    await assertCandles(store.client, store.journalDir);
  });
}

interface Store {
  url: string;
  journalDir: string;
  client: pg.Client;
  db: PostgresSession;
  layout: StoreLayout;
  start: () => StorageService;
}

async function openStore(t: TestContext, server: TestServer): Promise<Store> {
  const url = await server.createDatabase();
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  await prepareStore(url, defaultStoreSettings, (text) => t.diagnostic(text));
  const client = await connectTo(url);
  t.after(() => client.end());
  const db = await PostgresSession.open(url, { applicationName: 'test' });
  t.after(() => db.close());
  const layout = await layoutOf(db);
  assert.equal(layout.kind, server.layout);
  const start = (): StorageService => {
    const service = new StorageService(
      { process: 'storage', dataDir, journalDirs: [journalDir], postgresUrl: url },
      { progress: () => undefined, log: (text) => t.diagnostic(text), longestRetryMs: 150 },
    );
    t.after(() => service.stop());
    service.start();
    return service;
  };
  return { url, journalDir, client, db, layout, start };
}

/** What a SampleSession of 4 000 events holds beside ticks and orders. */
async function assertSummaries(client: pg.Client): Promise<void> {
  const rows = async (query: string): Promise<unknown[]> => (await client.query(query)).rows;
  assert.deepEqual(
    await rows(`SELECT count(*)::int AS n, count(levels)::int AS good, min((levels -> 'bids' -> 0 ->> 0)::int) AS first,
      count(series)::int AS named FROM book_tops`),
    [{ n: 40, good: 39, first: 128, named: 40 }],
    'one of them is no JSON: NULL',
  );
  assert.deepEqual(
    await rows(`SELECT stage, count(*)::int AS n, min(count)::int AS first, max(max_ns) AS max FROM latency_stages
      GROUP BY stage ORDER BY stage`),
    [
      { stage: 'ack', n: 40, first: 0, max: 0 },
      { stage: 'read', n: 40, first: 48, max: 4.5 },
    ],
  );
  assert.deepEqual(
    await rows(`SELECT symbol, event, text FROM strategy_events WHERE text IN ('why 168', 'why 268') ORDER BY time`),
    [
      { symbol: 'BTCUSDT', event: 'stopped', text: 'why 168' },
      { symbol: 'BTCUSDT', event: 'running', text: 'why 268' },
    ],
  );
  assert.deepEqual(
    await rows(`SELECT symbol, event, count(*)::int AS n FROM integrity_events WHERE event = 'gap' GROUP BY 1, 2`),
    [{ symbol: 'BTCUSDT', event: 'gap', n: 12 }],
  );
}

async function stored(service: StorageService, session: SampleSession): Promise<void> {
  await eventually(
    'all rows',
    () => service.status().rows === session.writer.lastSequence && service.status().backlog === 0,
  );
}

async function countOf(client: pg.Client, table: string): Promise<number> {
  return (await client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
}

/** What the hourly round does, and at once what TimescaleDB's own jobs would do by themselves. */
async function expire({ layout, db, client }: Store): Promise<string[]> {
  const dropped = await layout.maintain(db, Date.now());
  if (layout.kind === 'plain') return dropped;
  const { rows } = await client.query(
    `SELECT job_id FROM timescaledb_information.jobs WHERE hypertable_schema = 'christmas'
      AND proc_name IN ('policy_retention', 'policy_refresh_continuous_aggregate') ORDER BY proc_name, job_id`,
  );
  for (const { job_id } of rows) await client.query(`CALL public.run_job(${job_id})`);
  return dropped;
}
