/** The engine without a window: one session, then a JSON report. Entry point of `npm run headless`. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeadlessReport } from '../../engine/contract/report.ts';
import type { StorageStatus } from '../../engine/contract/storage-messages.ts';
import { writeFileAtomic } from '../supervisor/atomic-file.ts';
import { ArgumentError } from '../supervisor/command-line.ts';
import { LockedError } from '../supervisor/directory-lock.ts';
import { onExitSignal } from '../supervisor/exit-signals.ts';
import { openSession } from '../supervisor/open-session.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { TimedFault } from './fault-argument.ts';
import { type HeadlessArguments, headlessUsage, readHeadlessArguments } from './headless-arguments.ts';
import { NodeLauncher } from './node-launcher.ts';
import { builtPaths } from './paths.ts';

const POLL_MS = 100;
/** A journal of hours may take a while to reach the database; no progress for this long is an error. */
const STORAGE_STALL_MS = 60_000;
const READY_LIMIT_MS = 180_000;

/** The input is unusable: exit code 2, as for a bad argument. */
class UnusableInputError extends Error {}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(args: HeadlessArguments): Promise<void> {
  const temporary = args.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'christmas-')) : undefined;
  // As root the database server runs as another user, which must be able to pass through.
  if (temporary !== undefined && process.getuid?.() === 0) chmodSync(temporary, 0o711);
  const cleanUp = (): void => {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const session = await openSession<Socket>({
      launcher: new NodeLauncher(builtPaths.process, ['--enable-source-maps']),
      dataRoot: temporary ?? (args.dataDir as string),
      source: args.source,
      replayUnits: {
        ...(args.tickSize === undefined ? {} : { tickSize: args.tickSize }),
        ...(args.lotSize === undefined ? {} : { lotSize: args.lotSize }),
      },
      autoStart: { strategy: args.strategy, ...(args.symbol === undefined ? {} : { symbol: args.symbol }) },
      warn: (text) => note(`warning: ${text}`),
    });
    let report: HeadlessReport;
    try {
      report = await play(session.supervisor, args);
    } finally {
      await session.close();
    }
    const json = JSON.stringify(report, undefined, 2);
    if (args.report === '-') await new Promise<void>((resolve) => process.stdout.write(`${json}\n`, () => resolve()));
    else {
      writeFileAtomic(args.report, `${json}\n`);
      note(`report: ${args.report}`);
    }
  } finally {
    cleanUp();
  }
}

/** One session from start to report. @throws UnusableInputError when a process says its input is unusable. */
async function play(supervisor: Supervisor<Socket>, args: HeadlessArguments): Promise<HeadlessReport> {
  const interrupted = new Promise<void>((resolve) =>
    onExitSignal((signal) => {
      note(`${signal}: ending the session early`);
      resolve();
    }),
  );
  const replayed = new Promise<void>((resolve) => supervisor.onReplayFinished(resolve));
  const failed = new Promise<never>((_resolve, reject) => {
    supervisor.onProcesses((processes) => {
      const broken = processes.find((process) => process.state === 'failed');
      if (broken !== undefined) reject(new UnusableInputError(broken.detail));
      for (const process of processes) {
        if (process.state === 'restarting') note(`${process.name} is restarted: ${process.detail}`);
      }
    });
  });
  // Whoever waits last sees the failure; before that it must not count as unhandled.
  failed.catch(() => undefined);

  supervisor.start();
  const ended = await Promise.race([whenReady(supervisor).then(() => false), interrupted.then(() => true), failed]);
  if (ended) throw new Error('interrupted before the session began');
  const whole = args.source.kind === 'replay' ? replayed : sleep(args.seconds * 1_000);
  const faults = planFaults(supervisor, args.faults);
  try {
    await Promise.race([whole, interrupted, failed, faults.failed]);
  } finally {
    faults.dispose();
  }
  await Promise.race([supervisor.endSession(), failed]);
  const trading = await Promise.race([supervisor.tradingReport(), failed]);
  const storage = await Promise.race([whenStored(supervisor), failed]);
  return { ...trading, storage: { rows: storage.rows, backlog: storage.backlog } };
}

/** Tells the venue of each fault at its time; `failed` rejects when it refuses one. */
function planFaults(
  supervisor: Supervisor<Socket>,
  faults: readonly TimedFault[],
): { failed: Promise<never>; dispose(): void } {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const timers = faults.map(({ atSeconds, command }) =>
    setTimeout(() => {
      supervisor.venueFault(command).then(
        () => note(`fault: ${JSON.stringify(command)}`),
        (error: Error) => fail(new UnusableInputError(`--fault: ${error.message}`)),
      );
    }, atSeconds * 1_000),
  );
  return { failed, dispose: () => timers.forEach(clearTimeout) };
}

async function whenReady(supervisor: Supervisor<Socket>): Promise<void> {
  const giveUpMs = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const waiting = supervisor.processes.filter((process) => process.state !== 'ready');
    if (waiting.length === 0) return;
    if (Date.now() > giveUpMs) {
      const names = waiting.map((process) => `${process.name} is ${process.state} (${process.detail})`).join(', ');
      throw new Error(`not ready after ${READY_LIMIT_MS / 1_000} s: ${names}`);
    }
    await sleep(POLL_MS);
  }
}

/** Waits until the whole journal is in the database. @throws Error when storage makes no progress for a minute. */
async function whenStored(supervisor: Supervisor<Socket>): Promise<StorageStatus> {
  let rows = -1;
  let progressMs = Date.now();
  let reason = 'no answer';
  for (;;) {
    try {
      const status = await supervisor.storageStatus();
      if (status.state === 'up' && status.backlog === 0) return status;
      if (status.rows !== rows) {
        rows = status.rows;
        progressMs = Date.now();
      }
      reason = `${status.state}, ${status.backlog} records behind ${status.reason}`;
    } catch (error) {
      // It may be restarting; the limit below decides.
      reason = (error as Error).message;
    }
    if (Date.now() - progressMs > STORAGE_STALL_MS) throw new Error(`storage does not catch up: ${reason.trim()}`);
    await sleep(POLL_MS);
  }
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message.replace(/\s*\n\s*/g, ' ')}\n`);
  const isInput = [ArgumentError, LockedError, UnusableInputError].some((kind) => error instanceof kind);
  process.exit(isInput ? 2 : 1);
}

try {
  const args = readHeadlessArguments(process.argv.slice(2));
  if (args === undefined) {
    note(headlessUsage);
    process.exit(0);
  }
  run(args).then(() => process.exit(0), fail);
} catch (error) {
  fail(error);
}
