/**
 * `npm run sweep [-- --venue NAME|all] [--seeds N] [--first-seed N] [--fault NAME] [--jobs N]`: seeded sessions of real
 * adapters and a real trading core on the simulated venue, in virtual time, with every fault of the menu.
 * `--seed N` plays one again; `--mutants` shows that planted bugs are found.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { faultNames, isFaultName } from '../engine/contract/fault-menu.ts';
import type { SessionResult } from '../engine/verification/sweep/sweep-session.ts';
import { sweepVenues } from '../engine/verification/sweep/sweep-venue.ts';
import { root } from './run-command.ts';
import { bundleMutant } from './sweep/bundle-mutant.ts';
import { type Mutant, mutants } from './sweep/mutants.ts';
import { SweepTable } from './sweep/sweep-table.ts';

/** A seed takes a fraction of a second; without one for this long something hangs. */
const HANG_MS = 60_000;
const MUTANT_SEEDS = 300;

interface Run {
  /** Arguments of Node before those of the process. */
  program: readonly string[];
  venue: string;
  firstSeed: number;
  seeds: number;
  fault: string | undefined;
  jobs: number;
}

const sources: readonly string[] = ['--import', 'tsx', join(root, 'engine/verification/sweep/sweep-process.ts')];

/** Plays the seeds, shared out over the jobs; stops all at the first failure, which it returns. */
async function play(run: Run, onResult: (result: SessionResult) => void): Promise<SessionResult | undefined> {
  const jobs = Math.min(run.jobs, run.seeds);
  let failed: SessionResult | undefined;
  const children: ReturnType<typeof spawn>[] = [];
  const one = (job: number): Promise<void> => {
    const count = Math.ceil((run.seeds - job) / jobs);
    const args = [run.venue, run.firstSeed + job, count, jobs, run.fault ?? ''].map(String);
    const child = spawn(process.execPath, [...run.program, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let nextSeed = run.firstSeed + job;
    let errors = '';
    const fail = (failure: string, seed = nextSeed): void => {
      failed ??= { seed, failure, outcomes: [], comparisons: 0, probes: 0, accepted: 0 };
      for (const other of children) other.kill('SIGKILL');
    };
    const hang = setTimeout(() => fail(`hangs: no result for ${HANG_MS / 1000} s`), HANG_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-2_000);
    });
    createInterface(child.stdout).on('line', (line) => {
      hang.refresh();
      const result = JSON.parse(line) as SessionResult;
      nextSeed = result.seed + jobs;
      if (failed !== undefined) return;
      if (result.failure === '') onResult(result);
      else fail(result.failure, result.seed);
    });
    return new Promise((resolve) => {
      child.on('close', (code) => {
        clearTimeout(hang);
        if (code !== 0 && failed === undefined) fail(`ended with ${code}: ${errors}`);
        resolve();
      });
    });
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => one(job)));
  return failed;
}

async function sweep(run: Omit<Run, 'program'>): Promise<boolean> {
  const table = new SweepTable();
  const startMs = performance.now();
  const failed = await play({ ...run, program: sources }, (result) => {
    table.add(result);
    if (table.sessions % 100 === 0) console.error(`${run.venue}: ${table.sessions} of ${run.seeds} seeds`);
  });
  if (failed !== undefined) {
    const fault = run.fault === undefined ? '' : ` --fault ${run.fault}`;
    console.error(`${run.venue} seed ${failed.seed}: ${failed.failure}`);
    console.error(`replay: npm run -s sweep -- --venue ${run.venue} --seed ${failed.seed}${fault}`);
    return false;
  }
  for (const line of table.lines(run.venue)) console.log(line);
  console.log(`${run.venue}: ${((performance.now() - startMs) / 1000).toFixed(0)} s, every promise kept\n`);
  return true;
}

/** True when the sweep finds the planted bug. */
async function find(mutant: Mutant, jobs: number): Promise<boolean> {
  // Within the checkout: the bundle takes nothing from elsewhere, but packages are looked up from where it lies.
  const folder = mkdtempSync(join(root, 'node_modules', '.mutant-'));
  try {
    const bundle = join(folder, 'sweep-process.mjs');
    await bundleMutant(mutant, bundle);
    const run = {
      program: [bundle],
      venue: mutant.protocol,
      firstSeed: 1,
      seeds: MUTANT_SEEDS,
      fault: undefined,
      jobs,
    };
    const failed = await play(run, () => undefined);
    const found = failed === undefined ? 'NOT FOUND' : `found by seed ${failed.seed}: ${failed.failure.split('\n')[0]}`;
    console.log(`${mutant.protocol} ${mutant.name}: ${found}`);
    return failed !== undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      venue: { type: 'string', default: 'all' },
      seeds: { type: 'string', default: '1000' },
      'first-seed': { type: 'string', default: '1' },
      seed: { type: 'string' },
      fault: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      mutants: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'seeds' | 'first-seed' | 'seed' | 'jobs'): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`--${name}: expected a whole number of at least 1, was ${values[name]}`);
    }
    return value;
  };
  const names = sweepVenues.map(({ protocol }) => protocol as string);
  if (values.venue !== 'all' && !names.includes(values.venue)) {
    throw new RangeError(`--venue: expected one of all, ${names.join(', ')}, was ${values.venue}`);
  }
  if (values.fault !== undefined && !isFaultName(values.fault)) {
    throw new RangeError(`--fault: expected one of ${faultNames.join(', ')}, was ${values.fault}`);
  }
  const jobs = whole('jobs');
  const venues = values.venue === 'all' ? names : [values.venue];
  let passed = true;
  if (values.mutants) {
    for (const mutant of mutants) if (venues.includes(mutant.protocol)) passed = (await find(mutant, jobs)) && passed;
    return passed ? 0 : 1;
  }
  const seeds = values.seed === undefined ? whole('seeds') : 1;
  const firstSeed = values.seed === undefined ? whole('first-seed') : whole('seed');
  for (const venue of venues) {
    passed = (await sweep({ venue, firstSeed, seeds, fault: values.fault, jobs })) && passed;
  }
  return passed ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
