import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFolder } from '../journal/journal-lock.ts';
import { keepInBackground } from './background-priority.ts';
import { readPostmaster, stopOrphan } from './orphan-postgres.ts';
import {
  findPostgresPrograms,
  type LaunchOptions,
  planPostgresLaunch,
  type PostgresLaunch,
  type PostgresPrograms,
} from './postgres-launch.ts';

export const EMBEDDED_USER = 'christmas';
const START_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 6;
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/** Where and how to log in. The password stays inside the process and in a 0600 file. */
export interface PostgresAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

export interface EmbeddedPostgresOptions {
  progress?: (text: string) => void;
  /** The server ended without being asked to. Called at most once a start. */
  onExit?: (reason: string) => void;
  /** Default: those of this platform's npm package. */
  programs?: PostgresPrograms;
  launch?: LaunchOptions;
}

/**
 * A private Postgres server in `<dataDir>/postgres`: made on the first start, listening on loopback only, password
 * protected, stopped with this process. Everything in it is derived from the journals, so it may always be deleted.
 */
export class EmbeddedPostgres {
  readonly #folder: string;
  readonly #options: EmbeddedPostgresOptions;
  #launch: PostgresLaunch | undefined;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;
  #unlock: (() => void) | undefined;

  constructor(dataDir: string, options: EmbeddedPostgresOptions = {}) {
    this.#folder = path.resolve(dataDir, 'postgres');
    this.#options = options;
  }

  /** Process id of the server, 0 when none runs. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the server and waits until it takes connections. May be called again after an unexpected exit. */
  async start(): Promise<PostgresAddress> {
    if (this.#child !== undefined) throw new Error('Expected a stopped server, was a running one');
    this.#stopping = false;
    const progress = this.#options.progress ?? (() => undefined);
    fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#unlock ??= lockFolder(this.#folder, 'storage.lock');
    if (this.#launch === undefined) {
      const programs = this.#options.programs ?? (await findPostgresPrograms());
      this.#launch = planPostgresLaunch(programs, this.#folder, this.#options.launch);
      if (this.#launch.notice !== '') progress(this.#launch.notice);
    }
    const launch = this.#launch;
    const dataDir = path.join(launch.home, 'data');
    if (fs.existsSync(dataDir)) await stopOrphan(launch, dataDir, progress);
    const password = await this.#ensureCluster(launch, dataDir, progress);
    progress('Starting the database server');
    const port = await this.#startServer(launch, dataDir);
    const address = { host: '127.0.0.1', port, user: EMBEDDED_USER, password, database: 'postgres' };
    // For psql and other tools of the same user, and for tests.
    writePrivate(path.join(this.#folder, 'connection.json'), `${JSON.stringify(address)}\n`);
    return address;
  }

  /** Clean stop: fast shutdown, then harder. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      for (const [signal, waitMs] of [
        ['SIGINT', 15_000],
        ['SIGQUIT', 5_000],
        ['SIGKILL', 5_000],
      ] as const) {
        this.#signal(child, signal);
        const ended = await Promise.race([this.#exited.then(() => true), sleep(waitMs, false, { ref: false })]);
        if (ended) break;
      }
    }
    fs.rmSync(path.join(this.#folder, 'connection.json'), { force: true });
    this.#unlock?.();
    this.#unlock = undefined;
  }

  #signal(child: ChildProcess, signal: NodeJS.Signals): void {
    if (process.platform === 'win32' && signal === 'SIGINT' && this.#launch !== undefined) {
      // Windows has no signals; pg_ctl uses the server's own pipe.
      const dataDir = path.join(this.#launch.home, 'data');
      spawn(this.#launch.programs.pgCtl, ['stop', '-D', dataDir, '-m', 'fast'], { stdio: 'ignore' });
    } else child.kill(signal);
  }

  /** Creates the cluster when missing; returns the password. */
  async #ensureCluster(launch: PostgresLaunch, dataDir: string, progress: (text: string) => void): Promise<string> {
    const passwordFile = path.join(this.#folder, 'password');
    if (fs.existsSync(path.join(dataDir, 'PG_VERSION'))) {
      const version = fs.readFileSync(path.join(dataDir, 'PG_VERSION'), 'utf8').trim();
      const known = await majorVersion(launch);
      if (version !== known) {
        throw new Error(
          `Expected a Postgres ${known} cluster in ${dataDir}, was ${version}; move it away (it is rebuilt from the journals)`,
        );
      }
      if (fs.existsSync(passwordFile)) return fs.readFileSync(passwordFile, 'utf8').trim();
      throw new Error(`Expected the password of ${dataDir} in ${passwordFile}; move the cluster away to rebuild it`);
    }
    progress('Creating the database (first start only)');
    const password = randomBytes(24).toString('hex');
    writePrivate(passwordFile, `${password}\n`);
    const passwordForInit = path.join(launch.home, 'password.initdb');
    const fresh = path.join(launch.home, 'data.new');
    fs.rmSync(fresh, { recursive: true, force: true });
    writePrivate(passwordForInit, `${password}\n`);
    if (launch.owner !== undefined) fs.chownSync(passwordForInit, launch.owner.uid, launch.owner.gid);
    try {
      await run(launch, launch.programs.initdb, [
        ...['-D', fresh, '-U', EMBEDDED_USER, `--pwfile=${passwordForInit}`, '--auth=scram-sha-256'],
        // Not synced to disk: a power cut in these seconds costs a cluster without data. Locale C: bytes compare fastest.
        ...['--no-sync', '--encoding=UTF8', '--locale=C', '--no-instructions'],
      ]);
    } finally {
      fs.rmSync(passwordForInit, { force: true });
    }
    // Only a complete cluster gets the name that is looked for.
    fs.rmSync(dataDir, { recursive: true, force: true });
    fs.renameSync(fresh, dataDir);
    return password;
  }

  async #startServer(launch: PostgresLaunch, dataDir: string): Promise<number> {
    const logFile = path.join(this.#folder, 'server.log');
    const size = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOG_BYTES) fs.renameSync(logFile, `${logFile}.1`);
    const deadline = Date.now() + START_TIMEOUT_MS;
    let reason = '';
    // Again after a taken port, or while processes of a killed server still hold its shared memory.
    for (let attempt = 0; attempt < START_ATTEMPTS && Date.now() < deadline; attempt++) {
      if (attempt > 0) await sleep(300);
      if (this.#stopping) throw new Error('stopped while starting');
      const port = await freePort();
      const logStart = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
      const log = fs.openSync(logFile, 'a', 0o600);
      const child = spawnAs(launch, launch.programs.postgres, ['-D', dataDir, ...settings(port)], log);
      fs.closeSync(log);
      this.#watch(child);
      while (this.#child === child && Date.now() < deadline) {
        const postmaster = readPostmaster(dataDir);
        if (postmaster?.ready === true && postmaster.pid === child.pid) return port;
        await sleep(15);
      }
      if (this.#child === child) {
        child.kill('SIGKILL');
        await this.#exited;
      }
      reason = fs.readFileSync(logFile).subarray(logStart).toString('utf8').trim().split('\n').slice(-3).join(' | ');
    }
    throw new Error(`Postgres did not start: ${reason} (see ${logFile})`);
  }

  #watch(child: ChildProcess): void {
    this.#child = child;
    const startedAt = child;
    const release = child.pid === undefined ? () => undefined : keepInBackground(child.pid);
    this.#exited = new Promise((resolve) => {
      const ended = (reason: string): void => {
        release();
        if (this.#child !== startedAt) return;
        this.#child = undefined;
        resolve();
        if (!this.#stopping) this.#options.onExit?.(reason);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(`Postgres ended (${signal ?? `exit code ${code}`})`));
    });
  }
}

/** For a small desktop: little memory, few processes, large checkpoints. */
function settings(port: number): string[] {
  const values: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 20,
    shared_buffers: '128MB',
    // A commit may be lost in a power cut, never half of one: the journal position is in the same transaction as the
    // rows, so what is lost is read from the journal again.
    synchronous_commit: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '1GB',
    checkpoint_timeout: '15min',
    // Containers give /dev/shm 64 MB: no parallel workers, which would use it.
    max_parallel_workers_per_gather: 0,
    max_parallel_maintenance_workers: 0,
    io_method: 'sync',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
  };
  return Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

function spawnAs(launch: PostgresLaunch, program: string, args: string[], log: number | 'pipe'): ChildProcess {
  const [command, ...rest] = [...launch.prefix, program, ...args];
  const asOwner = launch.prefix.length === 0 && launch.owner !== undefined;
  return spawn(command as string, rest, {
    cwd: launch.home,
    // Out of the terminal's process group: Ctrl-C reaches main, which stops everything in order.
    detached: true,
    windowsHide: true,
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...windowsEnvironment() },
    stdio: ['ignore', log, log],
    ...(asOwner ? { uid: launch.owner?.uid, gid: launch.owner?.gid } : {}),
  });
}

/** Sockets and temporary files do not work on Windows without these. */
function windowsEnvironment(): Record<string, string> {
  if (process.platform !== 'win32') return {};
  const kept: Record<string, string> = {};
  for (const key of ['SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'COMSPEC', 'USERPROFILE', 'APPDATA']) {
    const value = process.env[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

async function run(launch: PostgresLaunch, program: string, args: string[]): Promise<string> {
  const child = spawnAs(launch, program, args, 'pipe');
  let output = '';
  child.stdout?.on('data', (bytes) => {
    output += String(bytes);
  });
  child.stderr?.on('data', (bytes) => {
    output += String(bytes);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    const reason = output.trim().split('\n').slice(-3).join(' | ');
    const hint = /look up effective user/.test(reason)
      ? '; give this user an entry in /etc/passwd, or set a Postgres URL'
      : '';
    throw new Error(`${path.basename(program)} failed (${code}): ${reason}${hint}`);
  }
  return output;
}

async function majorVersion(launch: PostgresLaunch): Promise<string> {
  const text = await run(launch, launch.programs.initdb, ['--version']);
  return /(\d+)/.exec(text.replace(/^.*\)/, ''))?.[1] ?? '';
}

function writePrivate(file: string, text: string): void {
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const port = (server.address() as net.AddressInfo).port;
      server.close(() => resolve(port));
    });
  });
}
