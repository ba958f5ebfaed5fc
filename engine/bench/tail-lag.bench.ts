/**
 * From a record in the journal to its row being visible, at 10 000 rows a second: `tail-lag.bench.ts <ours|copy>`.
 * `ours`: the storage process tails a journal. `copy`, the least that a store of the same rows costs: a binary COPY of
 * what has come, every 50 ms, by a process that does nothing else. Prints a BenchSample: lag in ms, and what the writing
 * process and Postgres take of one core.
 */
import { type ChildProcess, fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { EventSlot } from '../core/event-slot.ts';
import { LatencyHistogram } from '../core/histogram.ts';
import { CopyBuffer } from '../storage/copy-buffer.ts';
import { EmbeddedPostgres, type PostgresAddress } from '../storage/embedded-postgres.ts';
import { PostgresSession } from '../storage/postgres-session.ts';
import { layoutOf, prepareStore } from '../storage/prepare-store.ts';
import { TABLE_LAYOUTS } from '../storage/record-tables.ts';
import type { BenchSample } from './bench-result.ts';
import { benchFolder, fillTrade, openStoreJournal } from './store-workload.ts';

const rowsPerSecond = 10_000;
const warmUpSeconds = 3;
const seconds = 8;
const appendEveryMs = 10;
const copyEveryMs = 50;
const pollEveryMs = 3;

interface Writer {
  /** Takes the n-th trade. */
  append: (n: number) => void;
  /** Trades up to here have been handed over. */
  flush: () => Promise<void> | void;
  /** Trades that are visible to others now. */
  visible: () => Promise<number>;
  pids: number[];
  stop: () => Promise<void>;
}

async function ours(folder: string): Promise<Writer> {
  const root = path.join(import.meta.dirname, '..', '..');
  const journalDir = path.join(folder, 'journal');
  const journal = openStoreJournal(journalDir, Date.now() * 1000);
  const first = journal.lastSequence;
  const child: ChildProcess = fork(path.join(root, 'engine/processes/storage.ts'), [], {
    execArgv: ['--import', 'tsx'],
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.send({
    type: 'configure',
    config: { process: 'storage', dataDir: folder, journalDirs: [journalDir], postgresUrl: '' },
  });
  const connection = path.join(folder, 'postgres', 'connection.json');
  while (!fs.existsSync(connection)) await sleep(50);
  const address = JSON.parse(fs.readFileSync(connection, 'utf8')) as PostgresAddress;
  const db = await PostgresSession.open(address, { applicationName: 'bench' });
  const position = async (): Promise<number> => {
    const rows = await db.query(`SELECT to_regclass('christmas.journal_position') IS NOT NULL AS there`);
    if (rows[0]?.['there'] !== true) return 0;
    return Number((await db.query('SELECT max(sequence)::float8 AS s FROM journal_position'))[0]?.['s'] ?? 0);
  };
  while ((await position()) < first) await sleep(50);
  const slot = new EventSlot();
  return {
    append(n) {
      fillTrade(slot, n);
      journal.append(slot);
    },
    flush: () => journal.flush(),
    visible: async () => {
      const rows = await db.query('SELECT max(sequence)::float8 AS s FROM journal_position');
      return Number(rows[0]?.['s']) - first;
    },
    pids: [child.pid as number, ...serverPids(folder)],
    async stop() {
      await db.close();
      journal.close();
      child.send({ type: 'shutdown' });
      await exited;
    },
  };
}

async function copy(folder: string): Promise<Writer> {
  const server = new EmbeddedPostgres(folder);
  const address = await server.start();
  await prepareStore(address, defaultStoreSettings, (text) => console.error(text));
  const db = await PostgresSession.open(address, { applicationName: 'bench' });
  const watcher = await PostgresSession.open(address, { applicationName: 'bench' });
  await (await layoutOf(db)).ensureDays(db, [19_943]);
  const slot = new EventSlot();
  const buffer = new CopyBuffer(TABLE_LAYOUTS.trades);
  const context = { journal: 1, session: 1, series: 1, timeUs: 0 };
  await db.query('CREATE TABLE position (n bigint); INSERT INTO position VALUES (0)');
  let appended = 0;
  let copiedMs = 0;
  let copying = Promise.resolve();
  return {
    append(n) {
      fillTrade(slot, n);
      slot.sequence = n;
      context.timeUs = slot.exchangeTimeUs;
      buffer.addRecord(slot, context);
      appended = n;
    },
    async flush() {
      if (performance.now() - copiedMs < copyEveryMs) return;
      copiedMs = performance.now();
      await copying;
      const bytes = Buffer.from(buffer.finish());
      buffer.clear();
      const upTo = appended;
      copying = db.transaction(async () => {
        await db.copy('trades', buffer.layout.columns, bytes);
        await db.query(`UPDATE position SET n = ${upTo}`);
      });
    },
    visible: async () => Number((await watcher.query('SELECT n::float8 FROM position'))[0]?.['n']),
    pids: [process.pid, ...serverPids(folder)],
    async stop() {
      await copying;
      await db.close();
      await watcher.close();
      await server.stop();
    },
  };
}

/** The postmaster; its children are found by their parent when they are counted. */
function serverPids(folder: string): number[] {
  return [Number(fs.readFileSync(path.join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])];
}

/** CPU time of processes and their living children, s; 0 where the system has no /proc. */
function cpuSeconds(pids: readonly number[]): number {
  if (process.platform !== 'linux') return 0;
  let ticks = 0;
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (!pids.includes(Number(name)) && !pids.slice(1).includes(Number(fields[1]))) continue;
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // Ended meanwhile.
    }
  }
  return ticks / 100;
}

async function measure(writer: Writer): Promise<BenchSample> {
  const lag = new LatencyHistogram();
  const perAppend = (rowsPerSecond * appendEveryMs) / 1000;
  const total = rowsPerSecond * (warmUpSeconds + seconds);
  const startMs = performance.now();
  let handed = 0;
  let seen = 0;
  let cpuStart = 0;
  let cpuStartMs = 0;
  let polledMs = 0;
  while (seen < total) {
    const nowMs = performance.now();
    // By the clock: a timer that runs late hands over what was due.
    const due = Math.min(total, Math.floor((nowMs - startMs) / appendEveryMs) * perAppend);
    if (due > handed) {
      while (handed < due) writer.append(++handed);
      await writer.flush();
    }
    if (cpuStartMs === 0 && nowMs - startMs > warmUpSeconds * 1000) {
      cpuStart = cpuSeconds(writer.pids);
      cpuStartMs = nowMs;
    }
    if (nowMs - polledMs >= pollEveryMs) {
      polledMs = nowMs;
      const visible = await writer.visible();
      const atMs = performance.now();
      // Lag counts from when a row was due: what waits for a writer that is late counts too.
      for (; seen < visible; seen++) {
        const dueMs = startMs + (Math.floor(seen / perAppend) + 1) * appendEveryMs;
        if (dueMs - startMs > warmUpSeconds * 1000) lag.record((atMs - dueMs) * 1e6);
      }
    }
    await sleep(1);
    if (handed === total) await writer.flush();
  }
  const cpu = (cpuSeconds(writer.pids) - cpuStart) / ((performance.now() - cpuStartMs) / 1000);
  return {
    figures: { p50: lag.percentile(0.5) / 1e6, p99: lag.percentile(0.99) / 1e6, cpu: cpu * 100 },
    checksums: { rows: String(lag.count) },
  };
}

const name = process.argv[2] ?? '';
if (name !== 'ours' && name !== 'copy') throw new RangeError(`Expected ours or copy, was ${name}`);
const folder = benchFolder();
const writer = await (name === 'ours' ? ours(folder) : copy(folder));
try {
  console.log(JSON.stringify(await measure(writer)));
} finally {
  await writer.stop();
}
process.exit(0);
