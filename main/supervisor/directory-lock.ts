import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who holds the lock. */
export interface LockOwner {
  pid: number;
  /** Start time of the process as the system counts it; empty where unknown. Tells a reused pid. */
  startTicks: string;
}

/** The data folder is in use by a running process. */
export class LockedError extends Error {
  readonly owner: LockOwner;
  constructor(path: string, owner: LockOwner) {
    super(`${path} is held by running process ${owner.pid}`);
    this.name = 'LockedError';
    this.owner = owner;
  }
}

const RETRY_MS = 50;
/** A lock file without readable content is one being written, unless it is older than this. */
const WRITING_MS = 2_000;
/** Somebody crashed in the middle of taking over. */
const TAKEOVER_MS = 5_000;

/**
 * Takes the lock file; one of a process that no longer runs is taken over. Two starters at once: exactly one wins.
 * @returns a function that gives the lock back (idempotent).
 * @throws LockedError while its owner runs.
 */
export async function takeDirectoryLock(path: string): Promise<() => void> {
  const mine: LockOwner = { pid: process.pid, startTicks: startTicksOf(process.pid) };
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
      return () => {
        const owner = readOwner(path);
        if (owner?.pid === mine.pid && owner.startTicks === mine.startTicks) rmSync(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(path);
    if (owner !== undefined && isRunning(owner)) throw new LockedError(path, owner);
    if (owner !== undefined || ageMs(path) > WRITING_MS) removeStale(path, owner);
    await sleep(RETRY_MS);
  }
}

/** Removes a stale lock. The folder makes it exclusive: else a slow remover could delete the next owner's fresh lock. */
function removeStale(path: string, stale: LockOwner | undefined): void {
  const guard = `${path}.takeover`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (ageMs(guard) > TAKEOVER_MS) rmdirSync(guard);
    return;
  }
  try {
    const now = readOwner(path);
    if (now?.pid === stale?.pid && now?.startTicks === stale?.startTicks) rmSync(path, { force: true });
  } finally {
    rmdirSync(guard);
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockOwner> | null;
    if (typeof value?.pid !== 'number' || typeof value.startTicks !== 'string') return undefined;
    return { pid: value.pid, startTicks: value.startTicks };
  } catch {
    // Gone, or being written: the caller tries again.
    return undefined;
  }
}

function isRunning(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const ticks = startTicksOf(owner.pid);
  return ticks === '' || owner.startTicks === '' || ticks === owner.startTicks;
}

/** Field 22 of /proc/PID/stat, behind the command name, which may hold spaces and brackets. */
function startTicksOf(pid: number): string {
  if (process.platform !== 'linux') return '';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // The process just went, or /proc is not mounted: then the pid alone decides.
    return '';
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    // Gone in the meantime.
    return 0;
  }
}
