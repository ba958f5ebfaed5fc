import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { CandleColumns, StorageStatus, TradeColumns } from '../contract/storage-messages.ts';
import type { FillView, IntegrityView } from '../contract/trading-messages.ts';
import { StorageService } from './storage-service.ts';
import {
  assertCandles,
  CHECKPOINT_TEXT,
  connectEmbedded,
  eventually,
  naiveCandles,
  ORIGIN_US,
  SampleSession,
  sorted,
  storedFigures,
  SYMBOLS,
  temporaryDataDir,
} from './storage.test-support.ts';

const ME = {};

function startService(t: TestContext, dataDir: string, journalDirs: string[]): StorageService {
  const service = new StorageService(
    { process: 'storage', dataDir, journalDirs, postgresUrl: '' },
    { progress: () => undefined, log: (text) => t.diagnostic(text) },
  );
  service.start();
  return service;
}

async function caughtUp(service: StorageService, records: number): Promise<StorageStatus> {
  return await eventually(`${records} rows`, () => {
    const status = service.status();
    return status.rows >= records && status.backlog === 0 && status;
  });
}

test('every record becomes one row; candles, history and a second session are right', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const service = startService(t, dataDir, [journalDir]);
  t.after(() => service.stop());
  assert.equal(service.status().state, 'starting');

  // The journal appears later than the storage process, and grows while it is tailed.
  const session = new SampleSession(journalDir, { segmentBytes: 60_000 });
  for (let i = 0; i < 40; i++) {
    session.append(100);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const status = await caughtUp(service, session.writer.lastSequence);
  assert.equal(status.state, 'up');
  assert.equal(status.server, 'embedded');
  assert.equal(status.rows, session.writer.lastSequence);

  const client = await connectEmbedded(dataDir);
  t.after(() => client.end());
  const figures = await storedFigures(client);
  assert.equal(figures.total, session.writer.lastSequence);
  assert.equal(figures.distinct, figures.total);
  assert.deepEqual([figures.minSequence, figures.maxSequence], [1, figures.total]);
  assert.deepEqual(figures.counters, figures.counted);
  assert.deepEqual(status.rowsByTable, figures.counted);

  await assertCandles(client, journalDir);
  const partitions = await client.query(
    `SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'trades'::regclass
      AND inhrelid::regclass::text IN ('trades_20240808', 'trades_20240809')`,
  );
  assert.equal(partitions.rows[0].n, 2, 'a recording gets the partitions of its own days');
  const checkpoint = await client.query(
    `SELECT c.id, c.text, (SELECT count(*)::int FROM journal_texts t WHERE t.owner_sequence = c.sequence) AS chunks
      FROM session_log c WHERE kind = 5`,
  );
  assert.equal(checkpoint.rows.length, 1);
  assert.equal(checkpoint.rows[0].text, CHECKPOINT_TEXT);
  assert.equal(checkpoint.rows[0].chunks, Math.ceil(Buffer.byteLength(CHECKPOINT_TEXT) / 56));
  const text = await client.query(`SELECT text FROM orders_log WHERE order_number = 17`);
  assert.equal(text.rows[0].text, `reason 17: ${'no money '.repeat(4)}\uFFFDend`);
  const decimal = await client.query(
    'SELECT price::text, size::text, symbol, source, side_name FROM trades_decimal WHERE trade_id = 11',
  );
  const ticks = 6_000_000 + ((11 * 7919) % 1013) - 500;
  assert.deepEqual(decimal.rows[0], {
    price: (ticks / 100).toFixed(2),
    size: '0.00342',
    symbol: 'ETHUSDT',
    source: 'sim',
    side_name: 'buy',
  });

  await t.test('history: candles of any interval', async () => {
    for (const interval of [1, 5, 15, 60, 300]) {
      const request = { kind: 'candles', symbol: 'ETHUSDT', intervalSeconds: interval } as const;
      const all = (await service.request(ME, { ...request, fromS: 0, toS: 1e10, limit: 5000 })) as CandleColumns;
      const expected = sorted(naiveCandles(journalDir, interval)).filter(([key]) => key.startsWith('ETHUSDT'));
      assert.deepEqual(
        all.openTimeS.map((openTimeS, i) => [
          `ETHUSDT:${openTimeS}`,
          [all.open, all.high, all.low, all.close, all.volumeLots, all.buyVolumeLots].map((column) => column[i]),
        ]),
        expected.map(([key, row]) => [key, row.slice(0, 6)]),
        `${interval} s`,
      );
      const limit = Math.min(3, all.openTimeS.length);
      const newest = (await service.request(ME, { ...request, fromS: 0, toS: 1e10, limit })) as CandleColumns;
      assert.deepEqual(newest.openTimeS, all.openTimeS.slice(-limit));
      assert.deepEqual(newest.volumeLots, all.volumeLots.slice(-limit));
    }
    const originS = ORIGIN_US / 1e6;
    const part = (await service.request(ME, {
      kind: 'candles',
      symbol: 'BTCUSDT',
      intervalSeconds: 1,
      fromS: originS + 2,
      toS: originS + 5,
      limit: 100,
    })) as CandleColumns;
    assert.deepEqual(part.openTimeS, [originS + 2, originS + 3, originS + 4]);
  });

  await t.test('history: trades from the cache and from the store are the same', async () => {
    const few = { kind: 'trades', symbol: 'BTCUSDT', beforeUs: 9e15, limit: 50 } as const;
    const cached = (await service.request(ME, few)) as TradeColumns;
    assert.equal(cached.id.length, 50);
    assert.deepEqual(
      cached.timeUs,
      [...cached.timeUs].sort((a, b) => a - b),
    );
    const all = (await service.request(ME, { ...few, limit: 20_000 })) as TradeColumns;
    assert.equal(all.id.length, figures.counted['trades']! / SYMBOLS.length);
    for (const key of ['timeUs', 'priceTicks', 'sizeLots', 'id', 'side'] as const) {
      assert.deepEqual(all[key].slice(-50), cached[key], key);
    }
    const before = all.timeUs[20] as number;
    const older = (await service.request(ME, { ...few, beforeUs: before, limit: 20_000 })) as TradeColumns;
    assert.deepEqual(older.id, all.id.slice(0, all.timeUs.indexOf(before)));
  });

  await t.test('history: fills', async () => {
    const fills = (await service.request(ME, { kind: 'fills', symbol: 'BTCUSDT', limit: 2 })) as FillView[];
    const n = 3996;
    assert.deepEqual(fills.at(-1), {
      sequence: fills[1]?.sequence,
      orderNumber: n,
      venueTradeId: n * 3,
      instrument: 0,
      side: 'sell',
      priceTicks: 6_000_000 + ((n * 7919) % 1013) - 500,
      sizeLots: 1 + ((n * 31) % 997),
      fee: 0.25 + n,
      maker: false,
      timeUs: ORIGIN_US + n * 3700 - 1000,
    });
    assert.ok((fills[0]?.sequence ?? 0) < (fills[1]?.sequence ?? 0));
  });

  await t.test('history: changes of book states in a range of time', async () => {
    const states = ['connecting', 'syncing', 'live', 'gap', 'stale', 'crossed', 'checksum'] as const;
    const eventAt = (n: number): IntegrityView => ({
      instrument: 0,
      timeUs: ORIGIN_US + n * 3700,
      state: states[n % 7] as IntegrityView['state'],
      reason: `state ${n}`,
    });
    // Every 50th event from the 8th on; of the two symbols the first.
    const all = Array.from({ length: 80 }, (_, i) => eventAt(50 * i + 8));
    const request = { kind: 'integrity', symbol: 'BTCUSDT', fromUs: 0, toUs: 9e15, limit: 20_000 } as const;
    assert.deepEqual(await service.request(ME, request), all);
    assert.deepEqual(await service.request(ME, { ...request, limit: 3 }), all.slice(-3));
    const fromUs = eventAt(108).timeUs;
    const toUs = eventAt(258).timeUs;
    assert.deepEqual(await service.request(ME, { ...request, fromUs, toUs }), all.slice(2, 5), 'the end is left out');
    assert.deepEqual(await service.request(ME, { ...request, symbol: 'ETHUSDT' }), []);
    await assert.rejects(async () => service.request(ME, { ...request, toUs: Number.NaN }), /toUs: .* was NaN/);
  });

  await t.test('history: bad requests are named, unknown symbols are empty', async () => {
    const candles = { kind: 'candles', symbol: 'BTCUSDT', intervalSeconds: 1, fromS: 0, toS: 1, limit: 1 } as const;
    await assert.rejects(
      async () => service.request(ME, { ...candles, intervalSeconds: 0 }),
      /intervalSeconds: .* was 0/,
    );
    await assert.rejects(async () => service.request(ME, { ...candles, limit: 1e9 }), /limit: expected/);
    await assert.rejects(async () => service.request(ME, { ...candles, fromS: Number.NaN }), /fromS: .* was NaN/);
    assert.deepEqual(await service.request(ME, { kind: 'fills', symbol: 'XRPUSDT', limit: 5 }), []);
  });

  await t.test('a replay is a history of its own, each time it is played', async () => {
    session.end();
    const before = service.status().rows;
    const replay = new SampleSession(journalDir, { source: 'replay:day.gz', kind: 'replay' });
    replay.append(100);
    replay.end();
    await caughtUp(service, replay.writer.lastSequence);
    assert.equal(service.status().rows - before, replay.writer.records + 1, 'and the sessionEnd of the one before');
    const request = { kind: 'trades', symbol: 'BTCUSDT', beforeUs: 9e15, limit: 20_000 } as const;
    const first = (await service.request(ME, request)) as TradeColumns;
    assert.equal(first.id.length, 20);
    const again = new SampleSession(journalDir, { source: 'replay:day.gz', kind: 'replay' });
    again.append(50);
    again.end();
    await caughtUp(service, again.writer.lastSequence);
    assert.equal(((await service.request(ME, request)) as TradeColumns).id.length, 10);
    // Back to the market: its history is there again, without the recordings.
    const sim = new SampleSession(journalDir);
    sim.append(10);
    sim.end();
    await caughtUp(service, sim.writer.lastSequence);
    assert.equal(
      ((await service.request(ME, request)) as TradeColumns).id.length,
      (figures.counted['trades'] as number) / SYMBOLS.length + 2,
    );
  });
});

test('a restart goes on where the last one stopped; another journal is kept apart', async (t) => {
  const dataDir = temporaryDataDir();
  const dirs = [path.join(dataDir, 'a'), path.join(dataDir, 'b')] as const;
  const a = new SampleSession(dirs[0]);
  const b = new SampleSession(dirs[1]);
  a.append(500);
  b.append(300);
  const first = startService(t, dataDir, [...dirs]);
  await caughtUp(first, a.writer.lastSequence + b.writer.lastSequence);
  a.append(700);
  a.end();
  await first.stop();
  assert.equal(first.status().backlog, 0, 'what was left was stored on the way out');
  // History is that of the journal whose session is newest, whatever the order of the folders.
  const request = { kind: 'trades', symbol: 'BTCUSDT', beforeUs: 9e15, limit: 20_000 } as const;
  b.append(200);
  b.end();
  const second = startService(t, dataDir, [...dirs]);
  const status = await caughtUp(second, a.writer.lastSequence + b.writer.lastSequence);
  const trades = async (): Promise<number> => ((await second.request(ME, request)) as TradeColumns).id.length;
  assert.equal(await trades(), 1700 / 5, 'both are source sim: one series');
  const replay = new SampleSession(dirs[1], { source: 'replay:day.gz', kind: 'replay' });
  replay.append(100);
  assert.equal(await eventually('its trades', async () => (await trades()) || false), 20);
  replay.end();
  const sim = new SampleSession(dirs[0], { source: 'other' });
  assert.equal(await trades(), 0, 'a new source has no history yet');
  sim.append(50);
  assert.equal(await eventually('its trades', async () => (await trades()) || false), 10);
  sim.end();
  await caughtUp(second, sim.writer.lastSequence + replay.writer.lastSequence);
  const client = await connectEmbedded(dataDir);
  const figures = await storedFigures(client);
  await client.end();
  await second.stop();
  assert.equal(status.rows, a.writer.lastSequence + b.writer.lastSequence);
  const records = sim.writer.lastSequence + replay.writer.lastSequence;
  assert.equal(figures.total, records);
  assert.equal(figures.distinct, records);
});

test('symbols that are sharded over several journals have one history each', async (t) => {
  const dataDir = temporaryDataDir();
  const dirs = ['trading-0', 'trading-1'].map((name) => path.join(dataDir, 'journal', name));
  const service = startService(t, dataDir, dirs);
  t.after(() => service.stop());
  const sessions = dirs.map((dir, i) => new SampleSession(dir, { symbols: [SYMBOLS[i] as string] }));
  for (const session of sessions) session.append(100);
  await caughtUp(
    service,
    sessions.reduce((sum, { writer }) => sum + writer.lastSequence, 0),
  );
  for (const symbol of SYMBOLS) {
    const request = { kind: 'trades', symbol, beforeUs: 9e15, limit: 1_000 } as const;
    assert.equal(((await service.request(ME, request)) as TradeColumns).id.length, 40, symbol);
  }
  // One of them begins anew with another source: what is beside it is of the old one.
  sessions[0]?.end();
  const other = new SampleSession(dirs[0] as string, { source: 'other', symbols: [SYMBOLS[0] as string] });
  other.append(100);
  const request = { kind: 'trades', beforeUs: 9e15, limit: 1_000 } as const;
  const count = async (symbol: string): Promise<number> =>
    ((await service.request(ME, { ...request, symbol })) as TradeColumns).id.length;
  await eventually('trades of the new session', async () => (await count(SYMBOLS[0] as string)) === 40);
  assert.equal(await count(SYMBOLS[1] as string), 0);
  other.end();
  sessions[1]?.end();
});
