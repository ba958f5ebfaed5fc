/** The servers that the store must work on: the embedded one, the system's, and one with TimescaleDB by its URL. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgres, freePort } from './embedded-postgres.ts';
import { SCHEMA_NAME } from './schema.ts';
import { temporaryDataDir } from './storage.test-support.ts';

export interface TestServer {
  name: string;
  /** Why it cannot be tested here; else empty. */
  skip: string;
  layout: 'plain' | 'timescale';
  /** A new, empty database. Dropped when the test file ends. */
  createDatabase(): Promise<string>;
}

const TIMESCALE_VARIABLE = 'CHRISTMAS_TEST_TIMESCALE_URL';

/** Each is started when its first database is asked for, and stopped after the tests of this file. */
export function testServers(): TestServer[] {
  const programs = systemPrograms();
  const timescaleUrl = process.env[TIMESCALE_VARIABLE] ?? '';
  return [
    server('embedded Postgres', '', 'plain', startEmbedded),
    server(
      "the system's Postgres",
      programs === undefined ? 'NOT TESTED here: no PostgreSQL server is installed in /usr/lib/postgresql' : '',
      'plain',
      () => startSystem(programs as string),
    ),
    server(
      'TimescaleDB',
      timescaleUrl === '' ? `NOT TESTED here: ${TIMESCALE_VARIABLE} names no server` : '',
      'timescale',
      async () => ({ url: timescaleUrl, stop: async () => undefined }),
    ),
  ];
}

interface RunningServer {
  /** Of a superuser, to any database. */
  url: string;
  stop: () => Promise<void>;
}

function server(
  name: string,
  skip: string,
  layout: TestServer['layout'],
  start: () => Promise<RunningServer>,
): TestServer {
  let running: Promise<RunningServer> | undefined;
  const created: string[] = [];
  after(async () => {
    const { url, stop } = (await running) ?? {};
    if (url === undefined) return;
    for (const database of created) await administer(url, `DROP DATABASE ${database} WITH (FORCE)`);
    await stop?.();
  });
  return {
    name,
    skip,
    layout,
    async createDatabase() {
      running ??= start();
      const { url } = await running;
      const database = `christmas_test_${randomBytes(6).toString('hex')}`;
      await administer(url, `CREATE DATABASE ${database}`);
      created.push(database);
      const own = new URL(url);
      own.pathname = `/${database}`;
      if (layout === 'timescale') await administer(own.href, 'CREATE EXTENSION IF NOT EXISTS timescaledb');
      return own.href;
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** A client that looks into the store's schema. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET search_path = ${SCHEMA_NAME}`);
  return client;
}

async function startEmbedded(): Promise<RunningServer> {
  const embedded = new EmbeddedPostgres(temporaryDataDir());
  const { user, password, host, port, database } = await embedded.start();
  return { url: `postgres://${user}:${password}@${host}:${port}/${database}`, stop: () => embedded.stop() };
}

/** Folder of the newest server's programs as Debian installs them; undefined when there is none. */
export function systemPrograms(): string | undefined {
  const base = '/usr/lib/postgresql';
  if (!fs.existsSync(base)) return undefined;
  const versions = fs.readdirSync(base).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => path.join(base, version, 'bin'))
    .find((bin) => fs.existsSync(path.join(bin, 'postgres')));
}

/** A server with its stock settings, as the user `postgres` where this is root. */
export async function startSystem(bin: string, settings: readonly string[] = []): Promise<RunningServer> {
  const home = temporaryDataDir();
  const data = path.join(home, 'data');
  const identity = process.getuid?.() === 0 ? userPostgres() : {};
  if (identity.uid !== undefined) fs.chownSync(home, identity.uid, identity.gid as number);
  const made = spawnSync(path.join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync'], {
    ...identity,
    cwd: home,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const child = spawn(
    path.join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...settings],
    { ...identity, cwd: home, stdio: 'ignore' },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGQUIT'));
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  for (let attempt = 0; ; attempt++) {
    try {
      await administer(url, 'SELECT 1');
      break;
    } catch (error) {
      if (attempt > 300 || child.exitCode !== null) throw error;
      await sleep(50);
    }
  }
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      await exited;
    },
  };
}

function userPostgres(): { uid?: number; gid?: number } {
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}
