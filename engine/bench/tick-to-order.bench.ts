/** One run: `tick-to-order.bench.ts <ours|echo>`; prints a BenchSample with latencies in us. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlEvent, TradingConfig } from '../contract/process.ts';
import { benchSymbol } from './bench-feed.ts';
import { BenchVenue, sleep } from './bench-venue.ts';
import { latencySample } from './latency-sample.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const warmUpMs = 4_000;
const measureMs = 8_000;
type Addresses = Awaited<ReturnType<BenchVenue['open']>>;

/** The whole trading process as it ships: feed decoding, book, journal on disk, strategy, rails, signing. */
async function startTrading(addresses: Addresses, dataDir: string): Promise<ChildProcess> {
  const script = join(root, 'dist', 'processes', 'trading.cjs');
  if (!existsSync(script)) throw new Error(`Expected ${script}, was none: run "npm run build" first`);
  const config: TradingConfig = {
    process: 'trading',
    dataDir,
    journalDir: join(dataDir, 'journal'),
    source: { kind: 'sim', ...addresses, apiKey: 'k'.repeat(64), apiSecret: 's'.repeat(64), symbols: [benchSymbol] },
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
    waitStrategy: 'block',
  };
  const child = fork(script, [], {
    execArgv: ['--max-semi-space-size=64'],
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

function startEcho(addresses: Addresses): ChildProcess {
  return fork(join(root, 'engine', 'bench', 'echo-client.ts'), [addresses.streamUrl, addresses.apiUrl], {
    execArgv: ['--max-semi-space-size=64', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function run(name: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'christmas-bench-'));
  const venue = new BenchVenue();
  let child: ChildProcess | undefined;
  try {
    const addresses = await venue.open(name === 'echo');
    child = name === 'echo' ? startEcho(addresses) : await startTrading(addresses, dataDir);
    const untilMs = Date.now() + 10_000;
    while (!venue.isConnected) {
      if (Date.now() > untilMs) throw new Error(`Expected ${name} to connect within 10 s`);
      await sleep(20);
    }
    const { latenciesUs, folded } = await venue.run(warmUpMs, measureMs);
    const sample = latencySample(latenciesUs);
    sample.figures['folded'] = folded;
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

const name = process.argv[2] ?? '';
if (name !== 'ours' && name !== 'echo') throw new RangeError(`Expected ours or echo, was "${name}"`);
await run(name);
process.exit(0);
