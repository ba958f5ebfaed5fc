import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgres, type EmbeddedPostgresOptions, type PostgresAddress } from './embedded-postgres.ts';
import { migrate, SchemaTooNewError } from './migrations.ts';
import { findPostgresPrograms, type PostgresPrograms } from './postgres-launch.ts';
import { PostgresSession } from './postgres-session.ts';
import { MIGRATIONS } from './schema.ts';
import { eventually, temporaryDataDir } from './storage.test-support.ts';

const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
const rootOnly = isRootOnLinux ? {} : { skip: 'NOT TESTED here: needs root on Linux' };

/** A zombie counts as gone: in a container nobody may reap it. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return !/^State:\s*Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function whoAmI(address: PostgresAddress): Promise<string> {
  const client = new pg.Client(address);
  await client.connect();
  const { rows } = await client.query('SELECT current_user AS me');
  await client.end();
  return rows[0].me;
}

/** Starts, asks, stops, twice: the second start finds the cluster. */
async function useTwice(dataDir: string, options: EmbeddedPostgresOptions): Promise<string[]> {
  const progress: string[] = [];
  for (let i = 0; i < 2; i++) {
    const server = new EmbeddedPostgres(dataDir, { ...options, progress: (text) => progress.push(text) });
    try {
      assert.equal(await whoAmI(await server.start()), 'christmas');
    } finally {
      await server.stop();
    }
    assert.equal(server.pid, 0);
  }
  return progress;
}

/** A folder only its owner may enter, with the server's programs and room for data: like /root in a container. */
async function closedFolder(): Promise<{ dataDir: string; programs: PostgresPrograms }> {
  const home = path.join(temporaryDataDir(), 'root');
  fs.mkdirSync(home, { mode: 0o700 });
  const programs = await findPostgresPrograms();
  const native = path.join(home, 'node_modules', 'native');
  fs.cpSync(path.dirname(path.dirname(programs.postgres)), native, { recursive: true, verbatimSymlinks: true });
  const bin = (file: string): string => path.join(native, 'bin', path.basename(file));
  return {
    dataDir: path.join(home, 'data'),
    programs: { initdb: bin(programs.initdb), postgres: bin(programs.postgres), pgCtl: bin(programs.pgCtl) },
  };
}

test('starts twice, second time without making the cluster; secrets are private', async () => {
  const dataDir = temporaryDataDir();
  const progress = await useTwice(dataDir, {});
  assert.equal(progress.filter((text) => /first start/.test(text)).length, 1);
  assert.equal(fs.statSync(path.join(dataDir, 'postgres', 'password')).mode & 0o777, 0o600);
  assert.equal(fs.statSync(path.join(dataDir, 'postgres')).mode & 0o777, 0o700);
});

test('a wrong password is refused, and only loopback is listened on', async (t) => {
  const server = new EmbeddedPostgres(temporaryDataDir());
  const address = await server.start();
  t.after(() => server.stop());
  await assert.rejects(whoAmI({ ...address, password: 'wrong' }), /password authentication failed/);
  const client = new pg.Client(address);
  await client.connect();
  const { rows } = await client.query('SHOW listen_addresses');
  assert.equal(rows[0].listen_addresses, '127.0.0.1');
  await client.end();
});

test('as root below folders of mode 0700: data and programs', rootOnly, async () => {
  const { dataDir, programs } = await closedFolder();
  const progress = await useTwice(dataDir, { programs });
  assert.equal(
    progress.some((text) => /the database is in/.test(text)),
    false,
    'the cluster stays in the data folder',
  );
  assert.notEqual(fs.statSync(path.join(dataDir, 'postgres', 'data')).uid, 0);
});

test('as root below folders of mode 0700 without setpriv: elsewhere, and it says so', rootOnly, async () => {
  const { dataDir, programs } = await closedFolder();
  const fallbackBase = path.join(temporaryDataDir(), 'fallback');
  const progress = await useTwice(dataDir, { programs, launch: { useSetpriv: false, fallbackBase } });
  assert.match(progress[0] as string, /Postgres may not run as root .* the database is in .*fallback/);
});

test('as root without setpriv where the path is open', rootOnly, async () => {
  await useTwice(temporaryDataDir(), { launch: { useSetpriv: false } });
});

test('as an ordinary user, also on a folder that is private to it', rootOnly, async () => {
  const dataDir = path.join(temporaryDataDir(), 'home');
  fs.mkdirSync(dataDir, { mode: 0o700 });
  fs.chownSync(dataDir, 65534, 65534);
  const child = forkServer(dataDir, { uid: 65534, gid: 65534 });
  const address = await child.address;
  assert.equal(await whoAmI(address), 'christmas');
  assert.equal(fs.statSync(path.join(dataDir, 'postgres', 'data')).uid, 65534);
  await child.stop();
  assert.equal(fs.existsSync(path.join(dataDir, 'postgres', 'data', 'postmaster.pid')), false, 'stopped cleanly');
  // The same folder by root: runs as its owner.
  assert.equal((await useTwice(dataDir, {})).length > 0, true);
});

test('dies with a killed parent, and the next start works', { skip: process.platform !== 'linux' }, async () => {
  const dataDir = temporaryDataDir();
  const child = forkServer(dataDir, {});
  await child.address;
  const pid = postmasterPid(dataDir);
  assert.ok(isRunning(pid));
  child.kill();
  await eventually('the server to end with its parent', () => !isRunning(pid));
  await useTwice(dataDir, {});
});

test('an orphan is stopped before the next start: never two servers on one folder', rootOnly, async (t) => {
  const dataDir = temporaryDataDir();
  // Without setpriv nothing ties the server to its parent.
  const child = forkServer(dataDir, {}, { useSetpriv: false });
  await child.address;
  const orphan = postmasterPid(dataDir);
  child.kill();
  await sleep(300);
  assert.ok(isRunning(orphan), 'the orphan lives on');
  const progress: string[] = [];
  const server = new EmbeddedPostgres(dataDir, { progress: (text) => progress.push(text) });
  t.after(() => server.stop());
  await server.start();
  assert.ok(!isRunning(orphan));
  assert.ok(progress.some((text) => /left behind/.test(text)));
  // A second one on the folder while the first lives is refused.
  await assert.rejects(new EmbeddedPostgres(dataDir).start(), /in use/);
});

test('kill -9 of the server and a pid file of a stranger: starts again', async (t) => {
  const dataDir = temporaryDataDir();
  let exits = 0;
  const server = new EmbeddedPostgres(dataDir, { onExit: () => exits++ });
  await server.start();
  t.after(() => server.stop());
  process.kill(server.pid, 'SIGKILL');
  await eventually('the exit to be reported', () => exits === 1);
  await server.start();
  process.kill(server.pid, 'SIGKILL');
  await eventually('the exit to be reported', () => exits === 2);
  const pidFile = path.join(dataDir, 'postgres', 'data', 'postmaster.pid');
  const lines = fs.readFileSync(pidFile, 'utf8').split('\n');
  // The pid now belongs to some other program: this one.
  fs.writeFileSync(pidFile, [process.pid, ...lines.slice(1)].join('\n'));
  await whoAmI(await server.start());
});

test('schema: migrates once, refuses a newer one and leaves it alone', async (t) => {
  const server = new EmbeddedPostgres(temporaryDataDir());
  const address = await server.start();
  t.after(() => server.stop());
  const open = (): Promise<PostgresSession> => PostgresSession.open(address, { applicationName: 'test' });
  const sessions = await Promise.all([open(), open(), open()]);
  const newest = MIGRATIONS.length;
  assert.deepEqual(await Promise.all(sessions.map((each) => migrate(each))), [newest, newest, newest]);
  const session = sessions[0] as PostgresSession;
  assert.equal(await migrate(session, [...MIGRATIONS, 'CREATE TABLE added (n int)']), newest + 1);
  await assert.rejects(migrate(session), SchemaTooNewError);
  await assert.rejects(migrate(session, [...MIGRATIONS, '', 'CREATE TABLE x (n int); SELECT nonsense']), /nonsense/);
  assert.deepEqual(await session.query('SELECT version FROM schema_version'), [{ version: newest + 1 }]);
  assert.deepEqual(await session.query(`SELECT to_regclass('x') AS x`), [{ x: null }], 'a failed step leaves nothing');
  for (const each of sessions) await each.close();
});

function postmasterPid(dataDir: string): number {
  return Number(fs.readFileSync(path.join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

interface ServerChild {
  address: Promise<PostgresAddress>;
  stop(): Promise<void>;
  kill(): void;
}

/** The server in a process of its own, which can be killed. */
function forkServer(
  dataDir: string,
  identity: { uid?: number; gid?: number },
  launch: EmbeddedPostgresOptions['launch'] = {},
): ServerChild {
  const child = fork(
    path.join(import.meta.dirname, 'embedded-postgres.test-child.ts'),
    [dataDir, JSON.stringify(launch)],
    {
      execArgv: ['--import', 'tsx'],
      cwd: path.join(import.meta.dirname, '..', '..'),
      ...identity,
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    address: new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as unknown as PostgresAddress));
      child.once('exit', (code) => reject(new Error(`exit code ${code}`)));
    }),
    async stop() {
      child.send('stop');
      await exited;
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}
