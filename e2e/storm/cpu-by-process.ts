import { readFileSync } from 'node:fs';
import { descendantsOf } from '../host/process-list.ts';

/** The kernel counts in these. */
const ticksPerSecond = 100;

/**
 * CPU seconds so far of everything below a process, itself left out, by what it is. Linux only; elsewhere nothing.
 * Processes that have ended are not in it.
 */
export function cpuSecondsBelow(pid: number): Map<string, number> {
  const seconds = new Map<string, number>();
  if (process.platform !== 'linux') return seconds;
  for (const { pid: child, command } of descendantsOf(pid)) {
    const used = cpuSecondsOf(child);
    if (used === undefined) continue;
    const name = nameOf(command);
    seconds.set(name, (seconds.get(name) ?? 0) + used);
  }
  return seconds;
}

/** Cores in use between two readings, by name. */
export function coresBetween(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): Record<string, number> {
  const cores: Record<string, number> = {};
  for (const [name, used] of after) {
    const share = (used - (before.get(name) ?? 0)) / seconds;
    if (share >= 0.005) cores[name] = Math.round(share * 100) / 100;
  }
  return cores;
}

function cpuSecondsOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function nameOf(command: string): string {
  const engine = /processes\/(\w+)\.cjs/.exec(command);
  if (engine) return engine[1] as string;
  if (/main\/node\.cjs/.test(command)) return 'main';
  if (/postgres/.test(command)) return 'postgres';
  const part = /--type=([a-z-]+)/.exec(command);
  if (part) return `chromium ${part[1]}`;
  return /chrom/.test(command) ? 'chromium' : 'other';
}
