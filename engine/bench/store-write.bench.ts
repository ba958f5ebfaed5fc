/**
 * One load of the same trades: `store-write.bench.ts <ours|copy> <partitioned|heap|hypertable>`. `ours`: the tailer, from
 * a journal into the store, exactly once, with candles and counters. `copy`: `psql \copy` of the same rows into a table
 * of the same kind with the same indexes, and nothing else. Both into a new embedded server (hypertable: the server of
 * CHRISTMAS_TEST_TIMESCALE_URL). Prints a BenchSample.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { EventSlot } from '../core/event-slot.ts';
import { EmbeddedPostgres } from '../storage/embedded-postgres.ts';
import { PlainLayout } from '../storage/plain/plain-layout.ts';
import { PostgresSession } from '../storage/postgres-session.ts';
import { layoutOf, prepareStore } from '../storage/prepare-store.ts';
import type { StoreLayout } from '../storage/store-layout.ts';
import { Tailer } from '../storage/tailer.ts';
import type { BenchSample } from './bench-result.ts';
import { benchFolder, fillTrade, openStoreJournal, storeOriginUs, tradeColumns, tradeText } from './store-workload.ts';

const trades = 400_000;
type TableKind = 'partitioned' | 'heap' | 'hypertable';

/** The store with one table that is not partitioned: the rows of this bench go nowhere else. */
class HeapLayout extends PlainLayout {
  override async ensureDays(): Promise<void> {
    // A heap has room.
  }
  override async maintain(): Promise<string[]> {
    return [];
  }
}

async function makeHeap(db: PostgresSession): Promise<void> {
  await db.query(`ALTER TABLE trades RENAME TO trades_before; CREATE TABLE trades (LIKE trades_before);
    DROP TABLE trades_before CASCADE; CREATE INDEX ON trades USING brin (time);
    CREATE INDEX ON trades (series, exchange_time, trade_id)`);
}

async function tail(url: string, layout: StoreLayout, folder: string): Promise<number> {
  const journalDir = path.join(folder, 'journal');
  const writer = openStoreJournal(journalDir);
  const slot = new EventSlot();
  for (let n = 1; n <= trades; n++) {
    fillTrade(slot, n);
    writer.append(slot);
  }
  writer.close();
  const tailer = new Tailer({
    journalDirs: [journalDir],
    connect: async () => ({ db: await PostgresSession.open(url, { applicationName: 'bench' }), layout }),
    log: (text) => console.error(text),
  });
  const startMs = performance.now();
  tailer.start();
  while (tailer.status().rows < writer.lastSequence) {
    if (tailer.status().reason !== '') throw new Error(tailer.status().reason);
    await sleep(10);
  }
  const seconds = (performance.now() - startMs) / 1000;
  await tailer.stop(0);
  return trades / seconds;
}

/** As one who copies a file with psql: the client's start is part of it, the making of the file is not. */
function copy(url: string, folder: string): number {
  const file = path.join(folder, 'trades.txt');
  const slot = new EventSlot();
  const lines: string[] = [];
  for (let n = 1; n <= trades; n++) {
    fillTrade(slot, n);
    lines.push(tradeText(slot, n));
  }
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  const startMs = performance.now();
  const command = `\\copy christmas.trades (${tradeColumns}) from '${file}'`;
  const run = spawnSync('psql', [url, '-q', '-X', '-v', 'ON_ERROR_STOP=1', '-c', command], { encoding: 'utf8' });
  if (run.error !== undefined) throw new Error(`Expected psql to be installed: ${run.error.message}`);
  if (run.status !== 0) throw new Error(run.stderr);
  return trades / ((performance.now() - startMs) / 1000);
}

async function run(name: 'ours' | 'copy', kind: TableKind): Promise<BenchSample> {
  const folder = benchFolder();
  const server = kind === 'hypertable' ? undefined : new EmbeddedPostgres(folder);
  const address = await server?.start();
  let url = process.env['CHRISTMAS_TEST_TIMESCALE_URL'] ?? '';
  if (address !== undefined) {
    const { user, password, host, port, database } = address;
    url = `postgres://${user}:${password}@${host}:${port}/${database}`;
  }
  try {
    if (server === undefined) url = await newTimescaleDatabase(url);
    await prepareStore(url, defaultStoreSettings, (text) => console.error(text));
    const db = await PostgresSession.open(url, { applicationName: 'bench' });
    if (kind === 'heap') await makeHeap(db);
    const layout = kind === 'heap' ? new HeapLayout(defaultStoreSettings) : await layoutOf(db);
    if (layout.kind !== (kind === 'hypertable' ? 'timescale' : 'plain')) throw new Error(`Was a ${layout.kind} store`);
    await layout.ensureDays(db, [storeOriginUs / 86_400e6]);
    const rate = name === 'ours' ? await tail(url, layout, folder) : copy(url, folder);
    const sums = await db.query(
      `SELECT count(*) AS n, sum(price_ticks * size_lots) AS value, sum(extract(epoch FROM exchange_time)) AS times,
        sum(extract(epoch FROM time)) AS engine_times, sum(series) AS series, sum(side) AS sides FROM trades`,
    );
    await db.close();
    return { figures: { rows: rate / 1000 }, checksums: { rows: JSON.stringify(sums[0]) } };
  } finally {
    await server?.stop();
  }
}

async function newTimescaleDatabase(url: string): Promise<string> {
  const name = 'christmas_bench';
  const admin = await PostgresSession.open(url, { applicationName: 'bench' });
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.close();
  const own = new URL(url);
  own.pathname = `/${name}`;
  const db = await PostgresSession.open(own.href, { applicationName: 'bench' });
  await db.query('CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public');
  await db.close();
  return own.href;
}

const [name = '', kind = ''] = process.argv.slice(2);
if (name !== 'ours' && name !== 'copy') throw new RangeError(`Expected ours or copy, was ${name}`);
if (!['partitioned', 'heap', 'hypertable'].includes(kind)) {
  throw new RangeError(`Expected partitioned, heap or hypertable, was ${kind}`);
}
console.log(JSON.stringify(await run(name, kind as TableKind)));
process.exit(0);
