/**
 * `npm run fuzz [-- --inputs N] [--seed N] [--parser NAME] [--block N] [--jobs N]`: hostile inputs for every parser of bytes
 * that others made. Nothing but a documented refusal may escape, nothing may hang. A failure prints how to play it again.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { fuzzTargetOf, fuzzTargets } from '../engine/verification/fuzz/fuzz-targets.ts';
import type { FuzzProgress } from '../engine/verification/fuzz/fuzz-process.ts';
import { INPUTS_PER_BLOCK } from '../engine/verification/fuzz/run-fuzz.ts';
import { root } from './run-command.ts';

/** A block takes well below a second; without a finished one for this long a parser hangs. */
const HANG_MS = 30_000;

interface Job {
  target: string;
  firstBlock: number;
  blocks: number;
}

function replayCommand(target: string, seed: number, block: number): string {
  return `npm run -s fuzz -- --parser ${target} --seed ${seed} --block ${block}`;
}

interface Outcome {
  inputs: number;
  refused: number;
  failure: string | undefined;
}

function runJob(job: Job, seed: number): Promise<Outcome> {
  const script = join(root, 'engine/verification/fuzz/fuzz-process.ts');
  const args = [job.target, seed, job.firstBlock, job.blocks].map(String);
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome: Outcome = { inputs: 0, refused: 0, failure: undefined };
  let blocksDone = 0;
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2_000);
  });
  const hang = setTimeout(() => {
    outcome.failure = `${job.target}: hangs in block ${job.firstBlock + blocksDone}`;
    child.kill('SIGKILL');
  }, HANG_MS);
  createInterface(child.stdout).on('line', (line) => {
    hang.refresh();
    blocksDone++;
    const { inputs, refused, failure } = JSON.parse(line) as FuzzProgress;
    outcome.inputs += inputs;
    outcome.refused += refused;
    outcome.failure ??= failure;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(hang);
      if (code !== 0)
        outcome.failure ??= `${job.target}: block ${job.firstBlock + blocksDone}: ended with ${code}: ${errors}`;
      resolve(outcome);
    });
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: '1' },
      parser: { type: 'string' },
      block: { type: 'string' },
      jobs: { type: 'string', default: '2' },
    },
  });
  const number = (name: 'inputs' | 'seed' | 'block' | 'jobs'): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`--${name}: expected a whole number, was "${values[name]}"`);
    }
    return value;
  };
  const seed = number('seed');
  const targets = values.parser === undefined ? fuzzTargets : [fuzzTargetOf(values.parser)];
  const blocks = Math.max(1, Math.ceil(number('inputs') / INPUTS_PER_BLOCK / targets.length));
  const jobs = targets.map(
    (target): Job =>
      values.block === undefined
        ? { target: target.name, firstBlock: 0, blocks }
        : { target: target.name, firstBlock: number('block'), blocks: 1 },
  );
  const startedMs = Date.now();
  let inputs = 0;
  const failures: string[] = [];
  const queue = [...jobs];
  const next = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const outcome = await runJob(job, seed);
      inputs += outcome.inputs;
      console.log(`${job.target}: ${outcome.inputs} inputs, ${outcome.refused} refused`);
      if (outcome.failure === undefined) continue;
      const block = /block (\d+)/.exec(outcome.failure)?.[1] ?? '0';
      failures.push(`${outcome.failure}\nagain: ${replayCommand(job.target, seed, Number(block))}`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, number('jobs')) }, next));
  for (const failure of failures) console.error(`FAILED ${failure}`);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  console.log(`${inputs} inputs over ${jobs.length} parsers in ${seconds} s, ${failures.length} failures`);
  return failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 2;
}
