import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { segmentFileName } from '../journal/journal-format.ts';
import { defaultDiskLimits, type DiskLimits } from './disk-guard.ts';
import { EmbeddedPostgres, type PostgresAddress } from './embedded-postgres.ts';
import { PostgresSession } from './postgres-session.ts';
import { StorageService } from './storage-service.ts';
import {
  assertCandles,
  connectEmbedded,
  eventually,
  SampleSession,
  storedFigures,
  temporaryDataDir,
} from './storage.test-support.ts';

/** A way to the server that can be cut anywhere, also between a COMMIT and its answer. */
class CuttingProxy {
  readonly #sockets = new Set<net.Socket>();
  #server: net.Server | undefined;
  readonly #target: PostgresAddress;
  port = 0;
  cuts = 0;
  /** Bytes after which the next connection is cut, in the direction given; 0 for never. */
  cutAfterBytes = 0;
  cutDirection: 'toServer' | 'toClient' = 'toServer';

  constructor(target: PostgresAddress) {
    this.#target = target;
  }

  async open(): Promise<void> {
    const server = net.createServer((client) => this.#join(client));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    this.cut();
    await closed;
  }

  /** Nothing passes for a while, in both directions; nothing is lost. */
  async stall(ms: number): Promise<void> {
    for (const socket of this.#sockets) socket.pause();
    await sleep(ms);
    for (const socket of this.#sockets) socket.resume();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: net.Socket): void {
    const server = net.connect(this.#target.port, this.#target.host);
    const limit = this.cutAfterBytes;
    let left = limit;
    const counted = this.cutDirection === 'toServer' ? client : server;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => from.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        if (from !== counted || limit === 0) {
          to.write(bytes);
          return;
        }
        if (left <= 0) return;
        to.write(bytes.subarray(0, left));
        left -= bytes.byteLength;
        if (left > 0) return;
        // The server still gets what was sent before the cut, and may commit it.
        this.cuts++;
        client.destroy();
        server.end();
      });
    }
  }
}

function urlOf(address: PostgresAddress, port: number): string {
  return `postgres://${address.user}:${address.password}@127.0.0.1:${port}/${address.database}`;
}

async function assertStored(dataDir: string, journalDir: string, records: number): Promise<void> {
  const client = await connectEmbedded(dataDir);
  try {
    const figures = await storedFigures(client);
    assert.equal(figures.total, records);
    assert.equal(figures.distinct, records);
    assert.deepEqual([figures.minSequence, figures.maxSequence], [1, records]);
    assert.deepEqual(figures.counters, figures.counted);
    assert.equal(figures.position, records);
    await assertCandles(client, journalDir);
  } finally {
    await client.end();
  }
}

function serviceOf(
  t: TestContext,
  dataDir: string,
  journalDir: string,
  postgresUrl = '',
  diskLimits: DiskLimits = defaultDiskLimits,
): StorageService {
  const logs: string[] = [];
  const service = new StorageService(
    { process: 'storage', dataDir, journalDirs: [journalDir], postgresUrl },
    { progress: () => undefined, log: (text) => logs.push(text), longestRetryMs: 150, diskLimits },
  );
  t.after(() => {
    for (const text of new Set(logs)) t.diagnostic(text);
  });
  service.start();
  return service;
}

test('an own server whose connection is cut anywhere: nothing lost, nothing twice', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const server = new EmbeddedPostgres(dataDir);
  const address = await server.start();
  t.after(() => server.stop());
  const proxy = new CuttingProxy(address);
  await proxy.open();
  t.after(() => proxy.close());
  const session = new SampleSession(journalDir);
  const service = serviceOf(t, dataDir, journalDir, urlOf(address, proxy.port));
  t.after(() => service.stop());
  await eventually('up', () => service.status().state === 'up');
  assert.equal(service.status().server, `127.0.0.1:${proxy.port}`);

  const writing = setInterval(() => session.append(40), 10);
  t.after(() => clearInterval(writing));
  // Every connection is cut, ever later: during login, loading, rows, commit, and in the answers to them.
  for (const cutAfterBytes of [90, 700, 1500, 2300, 3000, 4000, 6000, 10_000, 20_000, 40_000]) {
    for (const direction of ['toServer', 'toClient'] as const) {
      proxy.cutDirection = direction;
      proxy.cutAfterBytes = direction === 'toServer' ? cutAfterBytes : Math.ceil(cutAfterBytes / 4);
      const before = proxy.cuts;
      proxy.cut();
      await eventually('a connection to be cut', () => proxy.cuts > before);
    }
  }
  proxy.cutAfterBytes = 0;
  await eventually('up again', () => service.status().state === 'up');

  // Away for a while: the backlog grows, the reason is told, the password is not.
  await proxy.close();
  await eventually('down', () => service.status().state === 'down');
  const before = service.status();
  assert.notEqual(before.reason, '');
  assert.equal(before.reason.includes(address.password), false);
  await eventually('a growing backlog', () => service.status().backlog > before.backlog + 200);
  await eventually('a refused connection', () => /ECONNREFUSED/.test(service.status().reason));
  await assert.rejects(
    service.request({}, { kind: 'fills', symbol: 'BTCUSDT', limit: 1 }),
    /ECONNREFUSED|closed|terminated/,
  );
  await proxy.open();
  clearInterval(writing);
  session.end();
  const records = session.writer.lastSequence;
  await eventually('all rows', () => service.status().backlog === 0 && service.status().state === 'up');
  assert.equal(service.status().rows, records);
  await assertStored(dataDir, journalDir, records);
  t.diagnostic(`${records} records, ${proxy.cuts} cuts`);
});

test('a server that is slow for five seconds: the backlog waits, and it is the same connection afterwards', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const server = new EmbeddedPostgres(dataDir);
  const address = await server.start();
  t.after(() => server.stop());
  const proxy = new CuttingProxy(address);
  await proxy.open();
  t.after(() => proxy.close());
  const session = new SampleSession(journalDir);
  const service = serviceOf(t, dataDir, journalDir, urlOf(address, proxy.port));
  t.after(() => service.stop());
  await eventually('all rows', () => service.status().rows === session.writer.lastSequence);
  const client = await connectEmbedded(dataDir);
  const connection = async (): Promise<unknown> =>
    (await client.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'christmas tailer'`)).rows;
  const before = await connection();
  const stalled = proxy.stall(5_000);
  for (let i = 0; i < 40; i++) {
    session.append(50);
    await sleep(100);
  }
  const slow = service.status();
  assert.ok(slow.backlog > 1_000, `${slow.backlog}`);
  assert.equal(slow.backlogBytes, slow.backlog * 72);
  await stalled;
  session.end();
  await eventually('all rows', () => service.status().rows === session.writer.lastSequence);
  assert.deepEqual(await connection(), before);
  await client.end();
  assert.ok((service.status().recordsPerSecond ?? 0) > 0);
  await assertStored(dataDir, journalDir, session.writer.lastSequence);
});

const mountable = process.platform === 'linux' && process.getuid?.() === 0;

test(
  'a disk that fills up under the database: rows wait in the journal, and all are stored once there is room again',
  mountable ? {} : { skip: 'NOT TESTED here: needs root on Linux for a small tmpfs' },
  async (t) => {
    const dataDir = path.join(temporaryDataDir(), 'small');
    fs.mkdirSync(dataDir);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=755', 'tmpfs', dataDir], { stdio: 'pipe' });
    } catch (error) {
      t.skip(`NOT TESTED here: no tmpfs may be mounted (${(error as Error).message})`);
      return;
    }
    // Before the folder around it is removed.
    process.prependOnceListener('exit', () => execFileSync('umount', ['-l', dataDir]));
    const filler = path.join(dataDir, 'filler');
    const freeBytes = (): number => {
      const { bavail, bsize } = fs.statfsSync(dataDir);
      return bavail * bsize;
    };
    const fill = (leaveBytes: number): void => fs.writeFileSync(filler, Buffer.alloc(freeBytes() - leaveBytes));
    // The journal is on another disk: it goes on.
    const journalDir = path.join(temporaryDataDir(), 'journal');
    const session = new SampleSession(journalDir);
    session.append(500);
    let service = serviceOf(t, dataDir, journalDir, '', { warnBytes: 0, stopBytes: 0 });
    t.after(() => service.stop());
    await eventually('all rows', () => service.status().rows === session.writer.lastSequence);
    fill(400_000);
    // Rows of many pages, and more of the write-ahead log than there is room for.
    for (let i = 0; i < 30; i++) session.append(5_000);
    const full = await eventually('a reason', () => {
      const status = service.status();
      return status.state === 'down' && status;
    });
    t.diagnostic(`full: ${full.reason}`);
    assert.ok((full.sinceMs ?? 0) > Date.now() - 60_000);
    assert.ok(full.backlog > 1_000);
    session.append(100);
    fs.rmSync(filler);
    await eventually('all rows', () => service.status().rows === session.writer.lastSequence);
    await eventually('up', () => service.status().state === 'up' && service.status().sinceMs === 0);
    await assertStored(dataDir, journalDir, session.writer.lastSequence);
    await service.stop();

    // With a reserve it never comes to that: the store stops by itself, and says so.
    fill(60 * 1024 ** 2);
    service = serviceOf(t, dataDir, journalDir, '', { warnBytes: 120 * 1024 ** 2, stopBytes: 90 * 1024 ** 2 });
    session.append(2_000);
    const held = await eventually('a reason', () => {
      const status = service.status();
      return /only \d+ MB are free/.test(status.reason) && status;
    });
    assert.equal(held.disk?.level, 'full');
    assert.ok(held.backlog > 2_000);
    fs.rmSync(filler);
    fill(110 * 1024 ** 2);
    session.end();
    await eventually('all rows', () => service.status().rows === session.writer.lastSequence);
    assert.equal(service.status().disk?.level, 'low', 'enough to store, too little not to warn');
    await assertStored(dataDir, journalDir, session.writer.lastSequence);
    await service.stop();
  },
);

test('a server that hangs is given up', async (t) => {
  const server = new EmbeddedPostgres(temporaryDataDir());
  const address = await server.start();
  t.after(() => server.stop());
  const session = await PostgresSession.open(address, { applicationName: 'test', timeoutMs: 200 });
  await assert.rejects(session.query('SELECT pg_sleep(30)'), /did not answer within 200 ms/);
  assert.ok(session.isBroken);
  await assert.rejects(session.query('SELECT 1'), /did not answer/);
  const limited = await PostgresSession.open(address, { applicationName: 'test', statementTimeoutMs: 100 });
  await assert.rejects(limited.query('SELECT pg_sleep(30)'), /statement timeout/);
  assert.deepEqual(await limited.query('SELECT 1 AS one'), [{ one: 1 }], 'and the connection lives on');
  const sleeping = assert.rejects(limited.query('SET statement_timeout = 0; SELECT pg_sleep(30)'), /user request/);
  await sleep(100);
  limited.cancel();
  await sleeping;
  await limited.close();
});

for (const live of [true, false]) {
  test(`records that a damaged journal lost leave the store too (storage ${live ? 'running' : 'away'})`, async (t) => {
    const dataDir = temporaryDataDir();
    const journalDir = path.join(dataDir, 'journal');
    const first = new SampleSession(journalDir);
    first.append(100);
    first.end();
    const second = new SampleSession(journalDir);
    second.append(2000);
    second.end();
    let service = serviceOf(t, dataDir, journalDir);
    t.after(() => service.stop());
    await eventually('all rows', () => service.status().rows === second.writer.lastSequence);
    if (!live) await service.stop();
    // A flipped bit in the middle of the last segment.
    const file = path.join(journalDir, segmentFileName(2));
    const bytes = fs.readFileSync(file);
    const at = 72 + 72 * 1000 + 30;
    bytes[at] = (bytes[at] as number) ^ 1;
    fs.writeFileSync(file, bytes);
    const third = new SampleSession(journalDir);
    assert.equal(third.recovery.seal, 'quarantined');
    assert.ok(third.recovery.lastSequence < second.writer.lastSequence - 500);
    third.append(300);
    third.end();
    if (!live) service = serviceOf(t, dataDir, journalDir);
    await eventually('the rows of the journal', () => service.status().rows === third.writer.lastSequence);
    await assertStored(dataDir, journalDir, third.writer.lastSequence);
    assert.equal(service.status().backlog, 0);
  });
}

test('damage in a sealed segment stops the tailer with a reason that names the place', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  for (let i = 0; i < 2; i++) {
    const session = new SampleSession(journalDir);
    session.append(100);
    session.end();
  }
  const file = path.join(journalDir, segmentFileName(1));
  const bytes = fs.readFileSync(file);
  bytes[72 * 431] = (bytes[72 * 431] as number) ^ 1;
  fs.writeFileSync(file, bytes);
  const service = serviceOf(t, dataDir, journalDir);
  t.after(() => service.stop());
  const status = await eventually('down', () => {
    const now = service.status();
    return now.state === 'down' && now;
  });
  assert.match(status.reason, /00000001\.xmj at byte 31032: expected record 431/);
  assert.ok(status.backlog > 0);
  await eventually('what came before the damage', () => service.status().rows >= 400);
});
