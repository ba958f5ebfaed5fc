import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresLaunch } from './postgres-launch.ts';

/** What `postmaster.pid` of a cluster says; undefined when there is none. */
export function readPostmaster(dataDir: string): { pid: number; port: number; ready: boolean } | undefined {
  let text: string;
  try {
    text = fs.readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3] ?? 0), ready: (lines[7] ?? '').trim() === 'ready' };
}

/**
 * Stops a server that a killed storage process left on this cluster, and removes the trace of one that is gone: a second
 * server on one folder would destroy it, and Postgres itself refuses to start when another program got the old pid.
 */
export async function stopOrphan(
  launch: PostgresLaunch,
  dataDir: string,
  progress: (text: string) => void,
): Promise<void> {
  const postmaster = readPostmaster(dataDir);
  if (postmaster === undefined) return;
  if (process.platform !== 'linux') {
    // Cannot tell whose pid it is; pg_ctl checks that, and does nothing when no server runs.
    spawnSync(launch.programs.pgCtl, ['stop', '-D', dataDir, '-m', 'fast', '-w', '-t', '15'], { stdio: 'ignore' });
    return;
  }
  const isOurs = (): boolean => isPostgresOn(postmaster.pid, dataDir);
  if (isOurs()) {
    progress('Stopping the database server that a crash left behind');
    for (const [signal, waitMs] of [
      ['SIGINT', 15_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ] as const) {
      const deadline = Date.now() + waitMs;
      signalQuietly(postmaster.pid, signal);
      while (isOurs() && Date.now() < deadline) await sleep(20);
      if (!isOurs()) break;
    }
    if (isOurs()) throw new Error(`Expected Postgres process ${postmaster.pid} on ${dataDir} to stop`);
  }
  if (readPostmaster(dataDir)?.pid === postmaster.pid) fs.rmSync(path.join(dataDir, 'postmaster.pid'), { force: true });
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Ended on its own between the check and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** True when `pid` is alive and is a Postgres whose working folder (or argument) is this cluster. */
function isPostgresOn(pid: number, dataDir: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return false;
    const commandLine = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (!path.basename(commandLine[0] ?? '').startsWith('postgres')) return false;
    return commandLine.includes(dataDir) || commandLine.includes(fs.realpathSync(dataDir));
  } catch {
    // No such process (any more).
    return false;
  }
}
