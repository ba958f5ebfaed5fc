/**
 * One run: `tick-to-order.bench.ts <ours|echo> <block|spin> [--stages]`; prints a BenchSample with latencies in us, and
 * where ours spent them, stage by stage, on standard error.
 */
import { generateKeyPairSync } from 'node:crypto';
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlEvent, TradingConfig } from '../contract/process.ts';
import type { TradingReport } from '../contract/report.ts';
import { benchSymbol } from './bench-feed.ts';
import { BenchVenue, sleep } from './bench-venue.ts';
import { latencySample } from './latency-sample.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Until the compiler has done its work, on both sides. */
const warmUpMs = 8_000;
const measureMs = 8_000;
/** As the supervisor starts it; the peer gets the same. */
const v8Flags = ['--min-semi-space-size=16', '--max-semi-space-size=64', '--no-parallel-scavenge'];
type Wait = 'block' | 'spin';
type Addresses = Awaited<ReturnType<BenchVenue['open']>>;

/** The whole trading process as it ships: feed decoding, book, journal on disk, strategy, rails, order entry. */
async function startTrading(addresses: Addresses, dataDir: string, wait: Wait): Promise<ChildProcess> {
  const script = join(root, 'dist', 'processes', 'trading.cjs');
  if (!existsSync(script)) throw new Error(`Expected ${script}, was none: run "npm run build" first`);
  const config: TradingConfig = {
    process: 'trading',
    dataDir,
    journalDir: join(dataDir, 'journal'),
    source: { kind: 'sim', ...addresses, apiKey: 'k'.repeat(64), apiSecret: logonKey(), symbols: [benchSymbol] },
    rails: {
      maxOrderSize: 1_000,
      maxPosition: 1_000,
      maxOrderValue: 1e9,
      priceCollarBps: 1_000,
      maxOrdersPerSecond: 10_000,
      maxDailyLoss: 1e9,
      maxOpenOrders: 1_000,
    },
    strategy: {
      name: 'imbalance',
      autoStart: true,
      symbol: benchSymbol,
      parameters: {
        levels: 1,
        entryImbalance: 0.5,
        momentumBps: 0,
        momentumWindowMs: 50,
        orderValue: 50,
        slippageBps: 0,
        cooldownMs: 0,
      },
    },
    waitStrategy: wait,
    // Two cores are one for each end here; the product would not spin on them.
    forceWaitStrategy: true,
  };
  const child = fork(script, [], {
    execArgv: v8Flags,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', CHRISTMAS_PARENT_PID: String(process.pid) },
  });
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message) => {
      const event = message as ControlEvent;
      if (event.type === 'accepting') child.send({ type: 'configure', config });
      else if (event.type === 'ready') resolve();
      else if (event.type === 'fatal') reject(new Error(event.error));
    });
    child.on('exit', (code) => reject(new Error(`The trading process ended with code ${code}`)));
  });
  return child;
}

function startEcho(addresses: Addresses, wait: Wait): ChildProcess {
  return fork(join(root, 'engine', 'bench', 'echo-client.ts'), [addresses.streamUrl, addresses.apiUrl, wait], {
    execArgv: [...v8Flags, '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** A key that logs the connection on, the kind that Binance recommends: orders are not signed one by one. */
function logonKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function printStages(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      const event = message as ControlEvent;
      if (event.type !== 'answer' || !event.ok) return;
      for (const [stage, figures] of Object.entries((event.result as TradingReport).latencyNs)) {
        const { count, ...ns } = figures;
        const us = Object.entries(ns).map(([name, value]) => `${name} ${(value / 1e3).toFixed(1)}`);
        console.error(`${stage}: ${us.join(', ')} us of ${count}`);
      }
      resolve();
    });
    child.send({ type: 'query', requestId: 1, query: 'tradingReport' });
  });
}

async function run(name: string, wait: Wait, stages: boolean): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'christmas-bench-'));
  const venue = new BenchVenue();
  let child: ChildProcess | undefined;
  try {
    const addresses = await venue.open(name === 'echo');
    child = name === 'echo' ? startEcho(addresses, wait) : await startTrading(addresses, dataDir, wait);
    const untilMs = Date.now() + 10_000;
    while (!venue.isConnected) {
      if (Date.now() > untilMs) throw new Error(`Expected ${name} to connect within 10 s`);
      await sleep(20);
    }
    const { latenciesUs, folded } = await venue.run(warmUpMs, measureMs);
    const sample = latencySample(latenciesUs);
    sample.figures['folded'] = folded;
    if (stages && name === 'ours') await printStages(child);
    console.log(JSON.stringify(sample));
  } finally {
    venue.close();
    if (child && child.exitCode === null) {
      const exited = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const [name = '', wait = 'block'] = process.argv.slice(2);
if (wait !== 'block' && wait !== 'spin') throw new RangeError(`Expected block or spin, was "${wait}"`);
if (name !== 'ours' && name !== 'echo') throw new RangeError(`Expected ours or echo, was "${name}"`);
await run(name, wait, process.argv.includes('--stages'));
process.exit(0);
