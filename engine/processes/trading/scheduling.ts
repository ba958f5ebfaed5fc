import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants, getPriority, setPriority } from 'node:os';
import { promisify } from 'node:util';
import type { TradingConfig } from '../../contract/process.ts';

export type SchedulingWish = Pick<TradingConfig, 'processPriority' | 'cpuAffinity'>;

const run = promisify(execFile);
const TASKSET_TIMEOUT_MS = 5_000;

/**
 * Asks the operating system for what the settings wish of this process: a higher priority, and certain CPUs for all of
 * its threads. Never fails: what was refused is part of the answer.
 * @returns one line for the screen saying what is in force; empty where nothing was asked for.
 */
export async function applyScheduling(wish: SchedulingWish): Promise<string> {
  const parts: string[] = [];
  // Threads that already run keep their own: those of the engine's work come from the main thread, which both reach.
  if (wish.cpuAffinity !== undefined && wish.cpuAffinity.length > 0) parts.push(await pinTo(wish.cpuAffinity));
  if (wish.processPriority === 'high') parts.push(raisePriority());
  return parts.join('; ');
}

function raisePriority(): string {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    return `high priority refused (${codeOf(error)}), is ${getPriority()}`;
  }
  return `priority ${getPriority()}`;
}

/** Linux only, by `taskset`: Node has no call for it. */
async function pinTo(cpus: readonly number[]): Promise<string> {
  const asked = [...cpus].sort((a, b) => a - b).join(',');
  if (process.platform !== 'linux') return `CPUs ${asked} not available on ${process.platform}`;
  try {
    await run('taskset', ['-acp', asked, String(process.pid)], { timeout: TASKSET_TIMEOUT_MS });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') return `CPUs ${asked} not available: taskset is not installed`;
    const reason = stderr?.trim().split('\n').at(-1) || codeOf(error);
    return `CPUs ${asked} refused (${reason}), on ${await allowedCpus()}`;
  }
  // What it really is: the kernel leaves out CPUs that are offline or belong to another container.
  const allowed = await allowedCpus();
  return listOf(allowed) === asked ? `CPUs ${allowed}` : `CPUs ${allowed} (asked for ${asked})`;
}

async function allowedCpus(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8');
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? 'unknown';
}

/** `0-2,5` as `0,1,2,5`. */
function listOf(ranges: string): string {
  const cpus = ranges.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return cpus.join(',');
}

function codeOf(error: unknown): string {
  const { info, code, message } = error as { info?: { code?: string }; code?: unknown; message?: string };
  // A SystemError has the system's own word in `info`.
  return info?.code ?? (typeof code === 'string' ? code : (message ?? String(error)));
}
