import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dist } from './paths.ts';

const path = join(dist, '.building');
const POLL_MS = 100;

/** Runs `task` while no other process builds into dist/; one that crashed does not block. */
export async function withBuildLock<T>(task: () => Promise<T>): Promise<T> {
  mkdirSync(dist, { recursive: true });
  while (!take()) await sleep(POLL_MS);
  try {
    return await task();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (!isRunning(owner())) rmSync(path, { force: true });
  return false;
}

function owner(): number {
  try {
    // Empty while it is being written: counts as running.
    return Number(readFileSync(path, 'utf8')) || process.pid;
  } catch {
    // Given back just now.
    return process.pid;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
