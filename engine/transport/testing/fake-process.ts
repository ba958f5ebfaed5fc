/**
 * A process for the tests of main: accepts, gets ready, answers queries, echoes frames. `fake.json` in the data folder
 * says how one misbehaves: `{"trading": {"fatal": "no snapshot"}}`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlRequest, ProcessConfig, ProcessName } from '../../contract/process.ts';
import type { TradingReport } from '../../contract/report.ts';
import type { StorageStatus } from '../../contract/storage-messages.ts';
import { openControlChannel } from '../open-control-channel.ts';

interface Behaviour {
  fatal?: string;
  exitAfterReadyMs?: number;
  ignoreShutdown?: boolean;
  replayFinished?: boolean;
}

const channel = openControlChannel();
let behaviour: Behaviour = {};
let storagePolls = 0;

function behaviourOf(config: ProcessConfig): Behaviour {
  const path = join(config.dataDir, 'fake.json');
  if (!existsSync(path)) return {};
  return (JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<ProcessName, Behaviour>>)[config.process] ?? {};
}

function configure(config: ProcessConfig): void {
  behaviour = behaviourOf(config);
  process.stdout.write(`configured ${JSON.stringify(config)}\n`);
  if (behaviour.fatal !== undefined) {
    channel.post({ type: 'fatal', error: behaviour.fatal });
    return;
  }
  if (config.process === 'venue') {
    const port = config.port === 0 ? 40_000 + (process.pid % 20_000) : config.port;
    const base = `127.0.0.1:${port}`;
    channel.post({
      type: 'ready',
      ready: {
        process: 'venue',
        port,
        restUrl: `http://${base}`,
        streamUrl: `ws://${base}`,
        apiUrl: `ws://${base}/api`,
      },
    });
  } else channel.post({ type: 'ready', ready: { process: config.process } });
  if (behaviour.replayFinished === true) channel.post({ type: 'replayFinished' });
  if (behaviour.exitAfterReadyMs !== undefined) setTimeout(() => process.exit(7), behaviour.exitAfterReadyMs);
}

function answer(query: Extract<ControlRequest, { type: 'query' }>['query']): TradingReport | StorageStatus | null {
  if (query === 'endSession') return null;
  if (query === 'storageStatus') {
    storagePolls++;
    const backlog = Math.max(0, 3 - storagePolls);
    return {
      state: 'up',
      reason: '',
      server: 'embedded',
      rows: 10 - backlog,
      rowsByTable: {},
      backlog,
      committedUs: 1,
      jobs: [],
      cache: { kind: 'memory', server: '', state: 'up', sinceMs: 0, reason: '', ticks: 0, backlog: 0 },
    };
  }
  // Tests look at a few fields only.
  return {
    source: 'fake',
    symbol: 'BTCUSDT',
    journal: { records: 10, bytes: 720 },
    decisionHash: 'abc',
  } as TradingReport;
}

channel.onRequest((request) => {
  if (request.type === 'configure') configure(request.config);
  else if (request.type === 'query') {
    channel.post({ type: 'answer', requestId: request.requestId, ok: true, result: answer(request.query) });
  } else if (request.type === 'shutdown' && behaviour.ignoreShutdown !== true) process.exit(0);
});
channel.onPort((port) => port.onFrame((frame) => port.send(frame)));
channel.onParentGone(() => process.exit(0));
setInterval(() => {
  channel.post({
    type: 'health',
    health: { cpuFraction: 0, rssBytes: process.memoryUsage.rss(), heapUsedBytes: 0, loopDelayP99Ms: 0 },
  });
}, 200);
channel.post({ type: 'accepting' });
