import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { ControlEvent, ControlRequest, ProcessConfig, ProcessName } from '../../engine/contract/process.ts';
import { defaultRiskRails } from '../../engine/contract/risk-rails.ts';
import { tradingProcessName } from '../../engine/contract/trading-shards.ts';
import { until } from '../testing/running-app.ts';
import { openSession, type Session, type SessionOptions } from './open-session.ts';
import type { Launcher, LaunchedProcess, LaunchSpec, ProcessExit } from './launcher.ts';

const root = mkdtempSync(join(tmpdir(), 'christmas-supervisor-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Gets ready by itself, except a venue, which the test lets be ready on a port. */
class Actor implements LaunchedProcess<string> {
  readonly pid: number;
  readonly spec: LaunchSpec;
  config: ProcessConfig | undefined;
  #event: (event: ControlEvent) => void = () => undefined;
  #exit: (exit: ProcessExit) => void = () => undefined;

  constructor(pid: number, spec: LaunchSpec) {
    this.pid = pid;
    this.spec = spec;
    setImmediate(() => this.#event({ type: 'accepting' }));
  }
  post(request: ControlRequest): void {
    if (request.type === 'shutdown') setImmediate(() => this.exit(0));
    if (request.type !== 'configure') return;
    this.config = request.config;
    if (request.config.process !== 'venue') this.#event({ type: 'ready', ready: { process: request.config.process } });
  }
  venueReady(port: number): void {
    const base = `127.0.0.1:${port}`;
    const ready = {
      process: 'venue',
      port,
      restUrl: `http://${base}`,
      streamUrl: `ws://${base}`,
      apiUrl: `ws://${base}/a`,
      addresses: { bybit: { restUrl: `http://${base}/bybit`, streamUrl: `ws://${base}/bybit` } },
    } as const;
    this.#event({ type: 'ready', ready });
  }
  say(event: ControlEvent): void {
    this.#event(event);
  }
  onEvent(listener: (event: ControlEvent) => void): void {
    this.#event = listener;
  }
  onOutput(): void {
    // Says nothing.
  }
  onExit(listener: (exit: ProcessExit) => void): void {
    this.#exit = listener;
  }
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#exit({ code: null, signal });
  }
  exit(code: number): void {
    this.#exit({ code, signal: null });
  }
}

interface Play {
  session: Session<string>;
  launches: Actor[];
  newest(name: ProcessName): Actor;
  count(name: ProcessName): number;
}

let folders = 0;
async function play(options: Partial<SessionOptions<string>> = {}): Promise<Play> {
  const launches: Actor[] = [];
  const launcher: Launcher<string> = {
    launch: (spec) => {
      const actor = new Actor(100 + launches.length, spec);
      launches.push(actor);
      return actor;
    },
  };
  const quick = { backoffFirstMs: 1 };
  const session = await openSession<string>({
    launcher,
    dataRoot: join(root, String(folders++)),
    warn: () => undefined,
    timings: { venue: quick, trading: quick, storage: quick },
    ...options,
  });
  session.supervisor.start();
  const of = (name: ProcessName): Actor[] => launches.filter(({ spec }) => spec.name === name);
  return { session, launches, newest: (name) => of(name).at(-1) as Actor, count: (name) => of(name).length };
}

describe('supervisor', () => {
  test('wishes about scheduling reach the next start of trading', async () => {
    const { session, newest, count } = await play({
      source: { kind: 'replay', files: ['/a'], protocol: 'binance-spot', speed: 4 },
    });
    await until('trading', () => newest('trading').config !== undefined);
    session.supervisor.updateSettings({ processPriority: 'high', cpuAffinity: [1, 3], waitStrategy: 'hybrid' });
    assert.equal(count('trading'), 1, 'a running session is left alone');
    await session.supervisor.restartProcess('trading');
    await until('trading again', () => count('trading') === 2 && newest('trading').config !== undefined);
    const trading = newest('trading').config;
    assert.ok(trading?.process === 'trading');
    assert.deepEqual([trading.processPriority, trading.cpuAffinity, trading.waitStrategy], ['high', [1, 3], 'hybrid']);
    await session.close();
  });

  test('symbols are sharded over several trading processes, each with its own journal and share of the rails', async () => {
    const { session, newest, count } = await play();
    session.supervisor.updateSettings({ tradingProcesses: 2 });
    await until('two of them', () => count('trading-1') === 1 && count('venue') === 2);
    await until('the venue configured', () => newest('venue').config !== undefined);
    newest('venue').venueReady(5_001);
    await until('both configured', () => [0, 1].every((i) => newest(tradingProcessName(i)).config !== undefined));
    const configs = [newest('trading').config, newest('trading-1').config];
    const dealt = configs.map((config) => {
      assert.ok(config?.process === 'trading' && config.source.kind === 'sim');
      return [config.source.symbols, basename(config.journalDir), config.rails.maxDailyLoss];
    });
    const loss = defaultRiskRails.maxDailyLoss / 2;
    assert.deepEqual(dealt, [
      [['BTCUSDT', 'SOLUSDT'], 'trading-0', loss],
      [['ETHUSDT'], 'trading-1', loss],
    ]);
    assert.deepEqual(
      session.supervisor.processes.map(({ name }) => name),
      ['venue', 'trading', 'trading-1', 'storage'],
    );
    await until('storage knows both journals', () => {
      const config = newest('storage').config;
      return config?.process === 'storage' && config.journalDirs.some((dir) => /sim.trading-1$/.test(dir));
    });
    session.supervisor.updateSettings({ source: { kind: 'replay', files: ['/a'], protocol: 'okx', speed: 1 } });
    await until('one for a recording', () => session.supervisor.processes.length === 2);
    await session.close();
  });

  test('launches all at once; trading is configured with the addresses of a ready venue', async () => {
    const { session, newest, launches } = await play();
    assert.deepEqual(
      launches.map(({ spec }) => spec.name),
      ['venue', 'trading', 'storage'],
    );
    await until('storage ready without the venue', () => session.supervisor.processes[2]?.state === 'ready');
    assert.equal(newest('trading').config, undefined);
    assert.equal(session.supervisor.processes[1]?.detail, 'waiting for the venue');
    const venue = newest('venue').config;
    assert.ok(venue?.process === 'venue' && venue.port === 0);
    newest('venue').venueReady(5_001);
    const trading = newest('trading').config;
    assert.ok(trading?.process === 'trading' && trading.source.kind === 'sim');
    assert.equal(trading.source.restUrl, 'http://127.0.0.1:5001');
    assert.equal(trading.source.apiSecret, venue.apiSecret);
    assert.equal(trading.strategy.autoStart, false);
    assert.match(trading.journalDir, /journal.sim.trading-0$/);
    const storage = newest('storage').config;
    assert.ok(storage?.process === 'storage' && storage.journalDirs.includes(trading.journalDir));
    await session.close();
  });

  test('a venue that crashed asks for its old port, and trading stays', async () => {
    const { session, newest, count } = await play();
    await until('venue configured', () => newest('venue').config !== undefined);
    newest('venue').venueReady(5_001);
    newest('venue').exit(9);
    await until('the next venue', () => count('venue') === 2 && newest('venue').config !== undefined);
    const venue = newest('venue').config;
    assert.ok(venue?.process === 'venue' && venue.port === 5_001);
    newest('venue').venueReady(5_001);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(count('trading'), 1);
    // Its port was taken meanwhile: trading must learn the new one.
    newest('venue').exit(9);
    await until('the third venue', () => count('venue') === 3 && newest('venue').config !== undefined);
    newest('venue').venueReady(6_002);
    await until('trading again', () => count('trading') === 2 && newest('trading').config !== undefined);
    const trading = newest('trading').config;
    assert.ok(trading?.process === 'trading' && trading.source.kind === 'sim');
    assert.equal(trading.source.restUrl, 'http://127.0.0.1:6002');
    await session.close();
  });

  test('a strategy starts by itself once, never after a crash', async () => {
    const { session, newest, count } = await play({ autoStart: { strategy: 'imbalance', symbol: 'BTCUSDT' } });
    await until('venue configured', () => newest('venue').config !== undefined);
    newest('venue').venueReady(5_001);
    const first = newest('trading').config;
    assert.ok(first?.process === 'trading' && first.strategy.autoStart && first.strategy.symbol === 'BTCUSDT');
    newest('trading').exit(1);
    await until('trading again', () => count('trading') === 2 && newest('trading').config !== undefined);
    const second = newest('trading').config;
    assert.ok(second?.process === 'trading' && !second.strategy.autoStart);
    await session.close();
  });

  test('a replay runs without a venue, with its own journal; its speed alone restarts nothing', async () => {
    const source = { kind: 'replay', files: ['/a'], protocol: 'binance-spot', speed: 4 } as const;
    const { session, newest, count } = await play({
      source: { ...source, files: ['/a'] },
      replayUnits: { tickSize: '0.01' },
    });
    await until('trading', () => newest('trading').config !== undefined);
    assert.equal(count('venue'), 0);
    const { supervisor } = session;
    assert.deepEqual(
      supervisor.processes.map(({ name }) => name),
      ['trading', 'storage'],
    );
    const trading = newest('trading').config;
    assert.ok(trading?.process === 'trading' && trading.source.kind === 'replay');
    assert.equal(trading.source.tickSize, '0.01');
    assert.match(trading.journalDir, /journal.replay.trading-0$/);
    assert.throws(() => supervisor.connect('venue', { type: 'connect' }, 'socket'), /simulated market/);
    supervisor.updateSettings({ source: { ...source, files: ['/a'], speed: 'max' } });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(count('trading'), 1);
    supervisor.updateSettings({ source: { ...source, files: ['/b'] } });
    await until('trading on the other file', () => count('trading') === 2 && newest('trading').config !== undefined);
    await session.close();
  });

  test('symbols that a session was given are kept for its next start, and restart nothing', async () => {
    const source = {
      kind: 'sim',
      seed: 1,
      symbols: ['BTCUSDT'],
      feeds: [{ venue: 'bybit', symbols: ['BTCUSDT'] }],
    } as const;
    const { session, newest, count } = await play();
    const shown: unknown[] = [];
    session.supervisor.onSettings((settings) => shown.push(settings.source));
    session.supervisor.updateSettings({
      source: { ...source, symbols: ['BTCUSDT'], feeds: [{ venue: 'bybit', symbols: ['BTCUSDT'] }] },
    });
    await until('the venue again', () => count('venue') === 2 && newest('venue').config !== undefined);
    newest('venue').venueReady(5_003);
    await until('trading again', () => count('trading') === 2 && newest('trading').config !== undefined);
    const address = { restUrl: 'http://127.0.0.1:5003/bybit', streamUrl: 'ws://127.0.0.1:5003/bybit' };
    const trading = newest('trading').config;
    assert.ok(trading?.process === 'trading' && trading.source.kind === 'sim');
    assert.deepEqual(trading.source.feeds, [{ venue: 'bybit', symbols: ['BTCUSDT'], address }]);
    assert.deepEqual(trading.source.addresses, { bybit: address });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const feeds = [{ venue: 'bybit' as const, symbols: ['BTCUSDT', 'ETHUSDT'] }];
    newest('trading').say({ type: 'subscriptions', symbols: ['BTCUSDT', 'ETHUSDT'], feeds });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([count('trading'), count('venue')], [2, 2]);
    const grown = { kind: 'sim', seed: 1, symbols: ['BTCUSDT', 'ETHUSDT'], feeds };
    assert.deepEqual(session.supervisor.settingsForPage.source, grown);
    assert.deepEqual(shown.at(-1), grown);
    await session.supervisor.restartProcess('trading');
    await until('trading once more', () => count('trading') === 3 && newest('trading').config !== undefined);
    const next = newest('trading').config;
    assert.ok(next?.process === 'trading' && next.source.kind === 'sim');
    assert.deepEqual(next.source.symbols, ['BTCUSDT', 'ETHUSDT']);
    await session.close();
  });

  test('what is filled on paper has the journal of recordings, not that of what a venue holds', async () => {
    const feeds = [{ venue: 'bybit' as const, symbols: ['BTCUSDT'] }];
    const { session, newest } = await play({ source: { kind: 'sim', seed: 1, symbols: [], feeds } });
    await until('the venue', () => newest('venue').config !== undefined);
    newest('venue').venueReady(5_004);
    await until('trading', () => newest('trading').config !== undefined);
    const trading = newest('trading').config;
    assert.ok(trading?.process === 'trading');
    assert.match(trading.journalDir, /journal.replay.trading-0$/);
    await session.close();
  });

  test('another database restarts storage only; its password reaches no log', async () => {
    const { session, newest, count } = await play();
    session.supervisor.updateSettings({ postgresUrl: 'postgres://me:hunter2hunter2@db/x' });
    await until('storage again', () => count('storage') === 2 && newest('storage').config !== undefined);
    const config = newest('storage').config;
    assert.ok(config?.process === 'storage' && config.postgresUrl.includes('hunter2'));
    session.supervisor.log('could not reach postgres://me:hunter2hunter2@db/x with hunter2hunter2');
    assert.ok(!readFileSync(join(session.directory.logs, 'main.log'), 'utf8').includes('hunter2'));
    assert.equal(count('trading'), 1);
    await session.close();
  });

  test('a Redis and its password reach storage alone: no page, no settings file, no log', async () => {
    const { session, newest, count } = await play();
    const { supervisor, directory } = session;
    const { redis } = supervisor.settingsForPage;
    supervisor.updateSettings({ redis: { ...redis, hosts: ['cache:6380'], user: 'ticks' } });
    await until('storage again', () => count('storage') === 2 && newest('storage').config !== undefined);
    const shown: unknown[] = [];
    supervisor.onSettings((settings) => shown.push(settings));
    await supervisor.setRedisPassword('hunter2hunter2');
    await until('storage once more', () => count('storage') === 3 && newest('storage').config !== undefined);
    const config = newest('storage').config;
    assert.ok(config?.process === 'storage');
    assert.deepEqual(config.redis, { ...redis, hosts: ['cache:6380'], user: 'ticks', password: 'hunter2hunter2' });
    supervisor.log('WRONGPASS for hunter2hunter2');
    const texts = [
      readFileSync(join(directory.logs, 'main.log'), 'utf8'),
      readFileSync(directory.settings, 'utf8'),
      JSON.stringify([shown, supervisor.settingsForPage]),
    ];
    assert.ok(!texts.join().includes('hunter2'));
    assert.match(readFileSync(directory.secrets, 'utf8'), /hunter2/);
    assert.equal(count('trading'), 1);
    await session.close();
  });

  test('after close nothing runs and nothing is started', async () => {
    const { session, launches } = await play();
    const before = launches.length;
    session.supervisor.updateSettings({ source: { kind: 'sim', seed: 9, symbols: ['BTCUSDT'] } });
    await Promise.all([session.close(), session.close()]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(launches.length, before);
    assert.ok(session.supervisor.processes.every(({ state }) => state === 'stopped'));
    await assert.rejects(session.supervisor.restartProcess('trading'), /closing/);
  });
});
