import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlEvent, ProcessConfig, TradingConfig, VenueReady } from '../../contract/process.ts';
import type { TradingReport } from '../../contract/report.ts';
import { type ProbeSample, probeFlags } from './trading-probe.ts';
import type { StormStatus } from './storm-venue.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const stormSymbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
const apiKey = 'k'.repeat(64);
const apiSecret = 's'.repeat(64);

/** A child that speaks the control channel, with what it said last. */
export class EngineProcess {
  readonly child: ChildProcess;
  #requestId = 0;
  readonly #ended: Promise<number | null>;

  constructor(script: string, nodeFlags: readonly string[]) {
    this.child = fork(script, [], {
      execArgv: [...nodeFlags],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '', CHRISTMAS_PARENT_PID: String(process.pid) },
    });
    this.#ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  on(listener: (event: ControlEvent | ProbeSample) => void): void {
    this.child.on('message', (message) => listener(message as ControlEvent));
  }

  /** Resolves to what `ready` said. @throws Error when it ends or refuses instead */
  configure<Ready>(config: ProcessConfig): Promise<Ready> {
    return new Promise((resolve, reject) => {
      this.on((event) => {
        if (event.type === 'accepting') this.child.send({ type: 'configure', config });
        else if (event.type === 'ready') resolve(event.ready as Ready);
        else if (event.type === 'fatal' || event.type === 'crashing') reject(new Error(event.error));
      });
      void this.#ended.then((code) => reject(new Error(`${config.process} ended with code ${code}`)));
    });
  }

  report(): Promise<TradingReport> {
    const requestId = ++this.#requestId;
    return new Promise((resolve, reject) => {
      this.on((event) => {
        if (event.type !== 'answer' || event.requestId !== requestId) return;
        if (event.ok) resolve(event.result as TradingReport);
        else reject(new Error(event.error));
      });
      this.child.send({ type: 'query', requestId, query: 'tradingReport' });
    });
  }

  /** In good order; killed after 10 s. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    if (this.child.connected) this.child.send({ type: 'shutdown' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
  }
}

export interface StormProcesses {
  trading: EngineProcess;
  /** Of the storm venue's control. */
  url: string;
  stop(): Promise<void>;
}

/** Starts the storm venue and the trading process as it ships, its strategy trading on the first symbol. */
export async function startStormProcesses(
  dataDir: string,
  probe: { periodMs: number; forced: boolean },
): Promise<StormProcesses> {
  const script = join(root, 'dist', 'processes', 'trading.cjs');
  if (!existsSync(script)) throw new Error(`Expected ${script}, was none: run "npm run build" first`);
  const venue = new EngineProcess(join(root, 'engine', 'bench', 'storm', 'storm-venue.process.ts'), [
    '--import',
    'tsx',
    '--max-semi-space-size=32',
  ]);
  const symbols = stormSymbols;
  const common = { process: 'venue', dataDir, seed: 1, symbols, port: 0, apiKey, apiSecret } as const;
  const addresses = await venue.configure<VenueReady>(common);
  const trading = new EngineProcess(script, [
    '--min-semi-space-size=16',
    '--max-semi-space-size=64',
    '--no-parallel-scavenge',
    ...probeFlags(probe.periodMs, probe.forced),
  ]);
  const stop = async (): Promise<void> => {
    await trading.stop();
    await venue.stop();
  };
  try {
    await trading.configure(tradingConfig(dataDir, addresses));
    return { trading, url: addresses.restUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function tradingConfig(dataDir: string, { restUrl, streamUrl, apiUrl }: VenueReady): TradingConfig {
  return {
    process: 'trading',
    dataDir,
    journalDir: join(dataDir, 'journal'),
    source: { kind: 'sim', restUrl, streamUrl, apiUrl, apiKey, apiSecret, symbols: stormSymbols },
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
      symbol: stormSymbols[0],
      // In and out with every update of the book: as many executions as round trips allow.
      parameters: {
        levels: 1,
        entryImbalance: 0.5,
        momentumBps: 0,
        momentumWindowMs: 50,
        orderValue: 50,
        slippageBps: 0,
        cooldownMs: 0,
        takeProfitBps: 0.01,
        stopLossBps: 0.01,
      },
    },
    waitStrategy: 'block',
  };
}

async function json<T>(url: string, method: 'GET' | 'POST'): Promise<T> {
  const response = await fetch(url, { method, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url}: expected status 200, was ${response.status}`);
  return (await response.json()) as T;
}

export function setRate(url: string, messagesPerSecond: number): Promise<StormStatus> {
  return json(`${url}/storm/rate/${messagesPerSecond}`, 'POST');
}

export function stormStatus(url: string): Promise<StormStatus> {
  return json(`${url}/storm/status`, 'GET');
}

export function stormExecutions(url: string): Promise<number[]> {
  return json(`${url}/storm/executions`, 'GET');
}

/** @throws Error when the books are not live and the first order not filled within 20 s */
export async function waitUntilTrading(url: string): Promise<void> {
  const untilMs = Date.now() + 20_000;
  for (;;) {
    const { executions } = await stormStatus(url);
    if (executions > 0) return;
    if (Date.now() > untilMs) throw new Error('Expected the first execution within 20 s, was none');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
