/**
 * `npm run bench [-- NAME] [--json] [--runs N]`: every bench against its peers, in the same run. Implementations take
 * turns, each run in a process of its own, so that a slow minute of the machine hits all of them.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench, BenchImplementation, BenchRow, BenchSample } from '../engine/bench/bench-result.ts';
import { runFlood } from '../engine/bench/storm/storm-flood.ts';
import { buildStale } from './bundle.ts';
import { benches } from './bench/benches.ts';
import { summarise } from './bench/summarise.ts';
import { root, runCommand } from './run-command.ts';

const fewestRuns = 5;
/** Not one of the benches with a peer, and only run when it is named: `npm run storm` does more of it. */
const stormName = 'storm';
const storm = { messagesPerSecond: 50_000, seconds: 60 } as const;

function nodeArguments({ nodeFlags, script, args }: BenchImplementation): string[] {
  return [...nodeFlags, '--import', 'tsx', join(root, script), ...args];
}

/** One run of one implementation in a child process. @throws Error with its output when it fails. */
async function sampleOf(implementation: BenchImplementation, shared: string[]): Promise<BenchSample> {
  const result = await runCommand(process.execPath, [...nodeArguments(implementation), ...shared], { quiet: true });
  // What a child process says while it ends may come behind the figures.
  const last = result.output.split('\n').findLast((line) => line.startsWith('{"figures":'));
  if (result.code !== 0 || last === undefined) {
    throw new Error(`${implementation.label} ended with code ${result.code}:\n${result.output}`);
  }
  return JSON.parse(last) as BenchSample;
}

/** Starts what all runs of a bench share. @throws Error when it ends before it is ready */
async function startShared(implementation: BenchImplementation): Promise<{ line: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, nodeArguments(implementation), {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
    ended.then((code) => Promise.reject(new Error(`${implementation.script} ended with code ${code}`))),
  ]);
  return {
    line,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

export async function runBench(bench: Bench, runs: number, log: (line: string) => void): Promise<BenchRow[]> {
  const shared = bench.shared === undefined ? undefined : await startShared(bench.shared);
  try {
    return summarise(bench, await takeTurns(bench, runs, shared === undefined ? [] : [shared.line], log));
  } finally {
    await shared?.stop();
  }
}

async function takeTurns(
  bench: Bench,
  runs: number,
  shared: string[],
  log: (line: string) => void,
): Promise<Map<BenchImplementation, BenchSample[]>> {
  const all = [bench.ours, ...bench.peers];
  const samples = new Map<BenchImplementation, BenchSample[]>(all.map((one) => [one, []]));
  for (let run = 0; run < runs; run++) {
    // A different one goes first each time.
    for (let i = 0; i < all.length; i++) {
      const implementation = all[(i + run) % all.length] as BenchImplementation;
      const sample = await sampleOf(implementation, shared);
      samples.get(implementation)?.push(sample);
      const figures = Object.entries(sample.figures).map(([key, value]) => `${key} ${value.toPrecision(4)}`);
      log(`${bench.name} run ${run + 1}/${runs} ${implementation.label}: ${figures.join(', ')}`);
    }
  }
  return samples;
}

/** The storm as a row: how late the newest message is at its end, beside its beginning. @throws Error when something was lost */
async function runStorm(log: (line: string) => void): Promise<BenchRow> {
  const { lagUs, passed, messages, executions } = await runFlood(storm.messagesPerSecond, storm.seconds, log);
  if (!passed.noExecutionLost || !passed.noMessageLost) {
    throw new Error(`storm: expected nothing lost, was ${JSON.stringify({ messages, executions })}`);
  }
  log(`storm: ${messages.received} messages and ${executions.journalled} executions, none lost or repeated`);
  return {
    name: `storm lag p50, last 10 of ${storm.seconds} s at ${storm.messagesPerSecond} messages/s`,
    ours: lagUs.last.p50,
    peer: lagUs.first.p50,
    peerName: 'its first 10 s',
    ratio: lagUs.ratio,
    unit: 'us',
    better: 'lower',
    spread: [lagUs.ratio, lagUs.ratio],
    runs: 1,
  };
}

export function formatRow(row: BenchRow): string {
  const figure = (value: number): string => `${value.toPrecision(4)} ${row.unit}`;
  const [min, max] = row.spread;
  const bytes =
    row.bytesPerEvent === undefined
      ? ''
      : ` | ${row.bytesPerEvent.toFixed(1)} B/event, peer ${row.peerBytesPerEvent?.toFixed(0) ?? '?'}`;
  const added = row.added
    ? ` | ${figure(row.added.median)} added (${row.added.spread.map((value) => value.toPrecision(3)).join(' to ')})`
    : '';
  return `${row.name} | ${figure(row.ours)} | ${row.peerName} ${figure(row.peer)} | ${row.ratio.toFixed(2)} (${row.better} is better) | ${min.toFixed(2)}-${max.toFixed(2)}${added}${bytes}`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: String(fewestRuns) } },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) {
    console.error(`--runs: expected a whole number of at least 1, was ${values.runs}`);
    return 2;
  }
  // `match` stands for `match mixed` and `match resting`.
  const isNamed = (bench: Bench, name: string): boolean => bench.name === name || bench.name.startsWith(`${name} `);
  const unknown = positionals.find((name) => name !== stormName && !benches.some((bench) => isNamed(bench, name)));
  if (unknown !== undefined) {
    console.error(`Expected one of ${[...benches.map((bench) => bench.name), stormName].join(', ')}, was ${unknown}`);
    return 2;
  }
  const chosen = benches.filter(
    (bench) => positionals.length === 0 || positionals.some((name) => isNamed(bench, name)),
  );
  // The trading process is measured as built: never an older one.
  await buildStale((line) => console.error(line));
  const rows: BenchRow[] = [];
  for (const bench of chosen) rows.push(...(await runBench(bench, runs, (line) => console.error(line))));
  if (positionals.includes(stormName)) rows.push(await runStorm((line) => console.error(line)));
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else {
    console.log('name | ours | peer | ratio median | spread (min-max)');
    for (const row of rows) console.log(formatRow(row));
    if (runs < fewestRuns) console.log(`Only ${runs} runs: fewer than ${fewestRuns} prove nothing`);
  }
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await main();
