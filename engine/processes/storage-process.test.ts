import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlEvent } from '../contract/process.ts';
import type { StorageStatus } from '../contract/storage-messages.ts';
import {
  assertCandles,
  assertRowsAreRecords,
  connectEmbedded,
  eventually,
  SampleSession,
  storedFigures,
  temporaryDataDir,
} from '../storage/storage.test-support.ts';

/** The real process, as main starts it in the Node host. */
class StorageChild {
  readonly child: ChildProcess;
  readonly events: ControlEvent[] = [];
  readonly exited: Promise<number | null>;
  #requestId = 0;

  constructor(dataDir: string, journalDir: string, identity: { uid?: number; gid?: number } = {}) {
    this.child = fork(path.join(import.meta.dirname, 'storage.ts'), [], {
      execArgv: ['--import', 'tsx'],
      cwd: path.join(import.meta.dirname, '..', '..'),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...identity,
    });
    this.child.stderr?.resume();
    this.child.on('message', (message) => this.events.push(message as ControlEvent));
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.send({
      type: 'configure',
      config: { process: 'storage', dataDir, journalDirs: [journalDir], postgresUrl: '' },
    });
  }

  async status(): Promise<StorageStatus | undefined> {
    const requestId = ++this.#requestId;
    if (!this.child.connected) return undefined;
    this.child.send({ type: 'query', requestId, query: 'storageStatus' });
    const deadline = Date.now() + 500;
    while (Date.now() < deadline) {
      const answer = this.events.find((event) => event.type === 'answer' && event.requestId === requestId);
      if (answer?.type === 'answer' && answer.ok) return answer.result as StorageStatus;
      await sleep(5);
    }
    return undefined;
  }

  async shutdown(): Promise<void> {
    this.child.send({ type: 'shutdown' });
    assert.equal(await this.exited, 0);
  }
}

function postmasterPid(dataDir: string): number {
  const file = path.join(dataDir, 'postgres', 'data', 'postmaster.pid');
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('\n')[0]) : 0;
}

/** Processes with this text on their command line, zombies left out. */
function processesWith(text: string): number[] {
  if (process.platform !== 'linux') return [];
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid) || pid === process.pid) return false;
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false; // Ended meanwhile.
      }
    });
}

async function checkExactlyOnce(dataDir: string, journalDir: string, records: number): Promise<void> {
  const client = await connectEmbedded(dataDir);
  try {
    const figures = await storedFigures(client);
    assert.equal(figures.total, records);
    assert.equal(figures.distinct, records);
    assert.deepEqual([figures.minSequence, figures.maxSequence], [1, records]);
    assert.deepEqual(figures.counters, figures.counted);
    await assertRowsAreRecords(client, journalDir);
    await assertCandles(client, journalDir);
  } finally {
    await client.end();
  }
}

/** How often each of the two is killed; 100 by hand: `CHRISTMAS_TEST_KILLS=100 node --import tsx --test <this file>`. */
const KILLS = Number(process.env['CHRISTMAS_TEST_KILLS'] ?? 6);

test('exactly once through kill -9 of the storage process and of Postgres, while the journal grows', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const session = new SampleSession(journalDir, { segmentBytes: 4_000_000 });
  let storage = new StorageChild(dataDir, journalDir);
  t.after(() => storage.child.kill('SIGKILL'));
  // 10 000 events a second, by the clock: a busy machine runs the timer late.
  const startMs = performance.now();
  let events = 0;
  const writing = setInterval(() => {
    const due = Math.floor((performance.now() - startMs) * 10);
    session.append(due - events);
    events = due;
  }, 8);
  t.after(() => clearInterval(writing));
  const kills = { storage: 0, postgres: 0 };
  // A fixed seed: delays from 40 to 600 ms, at whatever the processes do then (starting included).
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  while (kills.storage < KILLS || kills.postgres < KILLS) {
    const round = kills.storage + kills.postgres;
    if (round % 3 === 0)
      await eventually('records in the store', async () => ((await storage.status())?.rows ?? 0) > 0);
    await sleep(40 + random() * 560);
    if (kills.storage <= kills.postgres) {
      storage.child.kill('SIGKILL');
      await storage.exited;
      kills.storage++;
      storage = new StorageChild(dataDir, journalDir);
      continue;
    }
    const pid = await eventually('a server', () => postmasterPid(dataDir) || false);
    try {
      process.kill(pid, 'SIGKILL');
      kills.postgres++;
    } catch {
      t.diagnostic('Postgres was just gone');
    }
  }
  clearInterval(writing);
  session.end();
  const records = session.writer.lastSequence;
  const status = await eventually(
    'the backlog to be stored',
    async () => {
      const now = await storage.status();
      return now?.state === 'up' && now.backlog === 0 && now;
    },
    120_000,
  );
  t.diagnostic(`${records} records, ${kills.storage} kills of storage, ${kills.postgres} of Postgres`);
  assert.equal(status.rows, records);
  await checkExactlyOnce(dataDir, journalDir, records);
  await storage.shutdown();
  assert.deepEqual(processesWith(dataDir), [], 'no process is left behind');
});

test('ready at once, first start told, the rest stored on shutdown', async (t) => {
  const dataDir = temporaryDataDir();
  const journalDir = path.join(dataDir, 'journal');
  const session = new SampleSession(journalDir);
  session.append(2000);
  const storage = new StorageChild(dataDir, journalDir);
  t.after(() => storage.child.kill('SIGKILL'));
  await eventually('ready', () => storage.events.some((event) => event.type === 'ready'));
  await eventually('up', async () => (await storage.status())?.state === 'up');
  const types = storage.events.map((event) => event.type);
  assert.ok(types.indexOf('accepting') < types.indexOf('ready'));
  const progress = storage.events.flatMap((event) => (event.type === 'progress' ? [event.text] : []));
  assert.match(progress.join('; '), /Creating the database/);
  session.append(3000);
  session.end();
  await storage.shutdown();
  assert.deepEqual(processesWith(dataDir), []);
  const again = new StorageChild(dataDir, journalDir);
  t.after(() => again.child.kill('SIGKILL'));
  const status = await eventually('up', async () => {
    const now = await again.status();
    return now?.state === 'up' && now.backlog === 0 && now;
  });
  assert.equal(status.rows, session.writer.lastSequence);
  await checkExactlyOnce(dataDir, journalDir, session.writer.lastSequence);
  // Main dies: the process and its server go too.
  again.child.disconnect();
  assert.equal(await again.exited, 0);
  assert.deepEqual(processesWith(dataDir), []);
});

const rootOnly =
  process.getuid?.() === 0 && process.platform === 'linux' ? {} : { skip: 'NOT TESTED here: needs root' };

test('as an ordinary user', rootOnly, async (t) => {
  const dataDir = path.join(temporaryDataDir(), 'home');
  fs.mkdirSync(dataDir, { mode: 0o700 });
  const journalDir = path.join(dataDir, 'journal');
  const session = new SampleSession(journalDir);
  session.append(500);
  session.end();
  for (const each of [dataDir, journalDir]) fs.chownSync(each, 65534, 65534);
  const storage = new StorageChild(dataDir, journalDir, { uid: 65534, gid: 65534 });
  t.after(() => storage.child.kill('SIGKILL'));
  const status = await eventually('all rows', async () => {
    const now = await storage.status();
    return now?.state === 'up' && now.backlog === 0 && now;
  });
  assert.equal(status.rows, session.writer.lastSequence);
  await storage.shutdown();
});
