import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ControlEvent, ControlRequest, ProcessStatus } from '../../engine/contract/process.ts';
import { until } from '../testing/running-app.ts';
import type { Launcher, LaunchedProcess, ProcessExit } from './launcher.ts';
import { defaultProcessTimings, ManagedProcess, type ProcessTimings } from './managed-process.ts';

/** A process that does only what the test says. */
class PuppetProcess implements LaunchedProcess<string> {
  readonly pid: number;
  readonly requests: ControlRequest[] = [];
  readonly transfers: (string | undefined)[] = [];
  readonly signals: string[] = [];
  obeysShutdown = true;
  obeysTerm = true;
  #event: (event: ControlEvent) => void = () => undefined;
  #exit: (exit: ProcessExit) => void = () => undefined;

  constructor(pid: number) {
    this.pid = pid;
  }
  post(request: ControlRequest, transfer?: string): void {
    this.requests.push(request);
    this.transfers.push(transfer);
    if (request.type === 'shutdown' && this.obeysShutdown) setImmediate(() => this.exit(0));
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
    this.signals.push(signal);
    if (signal === 'SIGKILL' || this.obeysTerm) setImmediate(() => this.#exit({ code: null, signal }));
  }
  emit(event: ControlEvent): void {
    this.#event(event);
  }
  exit(code: number): void {
    this.#exit({ code, signal: null });
  }
  becomeReady(): void {
    this.emit({ type: 'accepting' });
    this.emit({ type: 'ready', ready: { process: 'storage' } });
  }
}

interface Stage {
  managed: ManagedProcess<string>;
  launched: PuppetProcess[];
  statuses: ProcessStatus[];
  log: string[];
  launchTimesMs: number[];
  newest(): PuppetProcess;
  isConfigurable: boolean;
  /** Applied to every process at its launch. */
  prepare(process: PuppetProcess): void;
  beforeLaunch(action: () => void): void;
}

function stage(timings: Partial<ProcessTimings> = {}): Stage {
  const launched: PuppetProcess[] = [];
  const launchTimesMs: number[] = [];
  const statuses: ProcessStatus[] = [];
  const log: string[] = [];
  let beforeLaunch = (): void => undefined;
  const launcher: Launcher<string> = {
    launch: () => {
      beforeLaunch();
      const process = new PuppetProcess(1_000 + launched.length);
      launched.push(process);
      launchTimesMs.push(performance.now());
      result.prepare(process);
      return process;
    },
  };
  const result: Stage = {
    launched,
    launchTimesMs,
    statuses,
    log,
    isConfigurable: true,
    prepare: () => undefined,
    beforeLaunch: (action) => {
      beforeLaunch = action;
    },
    newest: () => launched.at(-1) as PuppetProcess,
    managed: new ManagedProcess<string>({
      name: 'storage',
      v8Flags: [],
      launcher,
      timings: { ...defaultProcessTimings, backoffFirstMs: 5, backoffMaxMs: 40, ...timings },
      configuration: () =>
        result.isConfigurable ? { process: 'storage', dataDir: '/d', journalDirs: [], postgresUrl: '' } : undefined,
      waitingFor: 'the venue',
      onStatus: (status) => statuses.push(status),
      onReady: () => undefined,
      onReplayFinished: () => undefined,
      onSubscriptions: () => undefined,
      onOutput: () => undefined,
      log: (line) => log.push(line),
    }),
  };
  return result;
}

describe('managed process', () => {
  test('a launch that throws is tried again, and a failed change does not keep the stop from being done', async () => {
    const { managed, newest, launched, beforeLaunch } = stage();
    let failures = 2;
    beforeLaunch(() => {
      if (failures-- > 0) throw new Error('spawn ENOMEM');
    });
    managed.start();
    assert.match(managed.status.detail, /could not be started: spawn ENOMEM/);
    await until('launched', () => launched.length === 1);
    newest().becomeReady();
    failures = 1;
    await managed.restart('asked for');
    await until('launched again', () => launched.length === 2);
    await managed.stop();
    assert.equal(managed.state, 'stopped');
  });

  test('what it says before it crashes is shown, not only its exit code', async () => {
    const { managed, newest, launched } = stage();
    managed.start();
    newest().becomeReady();
    newest().emit({ type: 'crashing', error: 'journal failed: write: ENOSPC' });
    newest().exit(1);
    assert.equal(managed.state, 'restarting');
    assert.equal(managed.status.detail, 'journal failed: write: ENOSPC');
    await until('launched', () => launched.length === 2);
    newest().exit(1);
    assert.equal(managed.status.detail, 'exited with code 1', 'the words of an earlier run are not repeated');
    await managed.stop();
  });

  test('two-step readiness: configured when accepting, ready when it says so', async () => {
    const { managed, newest, statuses } = stage();
    managed.start();
    assert.equal(managed.state, 'starting');
    assert.deepEqual(newest().requests, []);
    newest().emit({ type: 'accepting' });
    newest().emit({ type: 'accepting' });
    assert.deepEqual(
      newest().requests.map((request) => request.type),
      ['configure'],
    );
    newest().emit({ type: 'progress', text: 'creating the database' });
    assert.equal(managed.status.detail, 'creating the database');
    newest().emit({ type: 'ready', ready: { process: 'storage' } });
    assert.deepEqual(
      statuses.map((status) => status.state).filter((state, i, all) => state !== all[i - 1]),
      ['starting', 'accepting', 'ready'],
    );
    await managed.stop();
    assert.equal(managed.state, 'stopped');
  });

  test('waits with the configuration until what it depends on is there', async () => {
    const it = stage();
    it.isConfigurable = false;
    it.managed.start();
    it.newest().emit({ type: 'accepting' });
    assert.deepEqual(it.newest().requests, []);
    assert.equal(it.managed.status.detail, 'waiting for the venue');
    it.isConfigurable = true;
    it.managed.configure();
    it.managed.configure();
    assert.equal(it.newest().requests.length, 1);
    await it.managed.stop();
  });

  test('starts again after a crash, later each time, and from the first delay once it was healthy', async () => {
    const { managed, launched, launchTimesMs, newest } = stage({
      backoffFirstMs: 10,
      backoffMaxMs: 320,
      healthyMs: 30,
    });
    managed.start();
    const delays = [10, 20, 40, 80, 160, 320, 320];
    for (let i = 1; i <= delays.length; i++) {
      newest().exit(7);
      assert.equal(managed.state, 'restarting');
      assert.equal(managed.status.detail, 'exited with code 7');
      await until('the next launch', () => launched.length === i + 1);
    }
    assert.equal(managed.status.restarts, delays.length);
    const gaps = launchTimesMs.slice(1).map((time, i) => time - (launchTimesMs[i] as number));
    // A timer may be early by its granularity of 1 ms.
    for (const [i, least] of delays.entries()) assert.ok((gaps[i] as number) >= least - 2, `gap ${i} was ${gaps[i]}`);
    newest().becomeReady();
    await new Promise((resolve) => setTimeout(resolve, 60));
    newest().exit(7);
    const crashed = performance.now();
    await until('the next launch', () => launched.length === delays.length + 2);
    assert.ok((launchTimesMs.at(-1) as number) - crashed < 300, 'expected the first back-off again, not the last');
    await managed.stop();
  });

  test('fatal: failed with its text, ended, not started again; restart by hand works', async () => {
    const { managed, launched, newest } = stage();
    managed.start();
    newest().emit({ type: 'accepting' });
    newest().emit({ type: 'fatal', error: 'no snapshot' });
    await until('its end', () => managed.status.pid === 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(managed.state, 'failed');
    assert.equal(managed.status.detail, 'no snapshot');
    assert.equal(launched.length, 1);
    await managed.restart('asked for');
    assert.equal(launched.length, 2);
    newest().becomeReady();
    assert.equal(managed.state, 'ready');
    await managed.stop();
  });

  test('a process that gets nowhere is killed and started again, with the reason', async () => {
    const it = stage({ acceptMs: 20, readyMs: 20 });
    it.managed.start();
    await until('a second launch', () => it.launched.length === 2);
    assert.deepEqual(it.launched[0]?.signals, ['SIGKILL']);
    assert.match(
      it.statuses.find((status) => status.state === 'restarting')?.detail ?? '',
      /not accepting after 20 ms/,
    );
    it.newest().emit({ type: 'accepting' });
    await until('a third launch', () => it.launched.length === 3);
    assert.match(
      it.statuses.findLast((status) => status.state === 'restarting')?.detail ?? '',
      /not ready after 20 ms/,
    );
    await it.managed.stop();
  });

  test('a process that stops giving signs of health is killed and started again', async () => {
    const { managed, launched, newest } = stage({ hangMs: 60 });
    const health = {
      type: 'health',
      health: { cpuFraction: 0, rssBytes: 1, heapUsedBytes: 0, loopDelayP99Ms: 0 },
    } as const;
    managed.start();
    newest().becomeReady();
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(launched.length, 1, 'expected no watch over a process that never reports');
    for (let i = 0; i < 20; i++) {
      newest().emit(health);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(launched.length, 1);
    await until('the next launch', () => launched.length === 2);
    assert.deepEqual(launched[0]?.signals, ['SIGKILL']);
    await managed.stop();
  });

  test('stop: shutdown, then SIGTERM, then SIGKILL', async () => {
    for (const [obeysShutdown, obeysTerm, signals] of [
      [true, true, []],
      [false, true, ['SIGTERM']],
      [false, false, ['SIGTERM', 'SIGKILL']],
    ] as const) {
      const it = stage({ shutdownMs: 20, terminateMs: 20 });
      it.prepare = (process) => {
        process.obeysShutdown = obeysShutdown;
        process.obeysTerm = obeysTerm;
      };
      it.managed.start();
      it.newest().becomeReady();
      await it.managed.stop();
      assert.deepEqual(it.newest().signals, signals);
      assert.equal(it.managed.state, 'stopped');
      assert.equal(it.launched.length, 1);
    }
  });

  test('stop while waiting for a restart', async () => {
    const { managed, launched, newest } = stage({ backoffFirstMs: 20 });
    managed.start();
    newest().exit(1);
    await managed.stop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(launched.length, 1);
    assert.equal(managed.state, 'stopped');
  });

  test('queries: answered by id, failed by an error, a time-out and an exit', async () => {
    const { managed, newest } = stage({ queryMs: 30 });
    await assert.rejects(managed.query('storageStatus'), /not running/);
    managed.start();
    newest().becomeReady();
    const first = managed.query('storageStatus');
    const second = managed.query('storageStatus');
    const ids = newest()
      .requests.filter((request) => request.type === 'query')
      .map((request) => request.requestId);
    newest().emit({ type: 'answer', requestId: ids[1] as number, ok: false, error: 'down' });
    newest().emit({ type: 'answer', requestId: ids[0] as number, ok: true, result: null });
    assert.equal(await first, null);
    await assert.rejects(second, /^Error: down$/);
    await assert.rejects(managed.query('storageStatus'), /did not answer "storageStatus" in 30 ms/);
    const third = managed.query('storageStatus');
    newest().exit(3);
    await assert.rejects(third, /storage exited with code 3/);
    await managed.stop();
  });

  test('connections are taken only while ready', async () => {
    const { managed, newest } = stage();
    assert.equal(managed.connect({ type: 'connect' }, 'socket'), false);
    managed.start();
    newest().emit({ type: 'accepting' });
    assert.equal(managed.connect({ type: 'connect' }, 'socket'), false);
    newest().emit({ type: 'ready', ready: { process: 'storage' } });
    assert.equal(managed.connect({ type: 'connect' }, 'socket'), true);
    assert.equal(newest().transfers.at(-1), 'socket');
    await managed.stop();
  });

  test('told to end while it starts, it becomes ready no more and takes no connection', async () => {
    const { managed, launched, newest } = stage();
    managed.start();
    newest().emit({ type: 'accepting' });
    newest().obeysShutdown = false;
    const stopped = managed.stop();
    await until('the shutdown', () => launched[0]?.requests.some(({ type }) => type === 'shutdown') === true);
    newest().emit({ type: 'ready', ready: { process: 'storage' } });
    assert.notEqual(managed.state, 'ready');
    assert.equal(managed.connect({ type: 'connect' }, 'socket'), false);
    newest().exit(0);
    await stopped;
  });

  test('events of a process that was replaced are not heard', async () => {
    const { managed, launched, newest } = stage();
    managed.start();
    const old = newest();
    old.exit(1);
    await until('the next launch', () => launched.length === 2);
    old.emit({ type: 'accepting' });
    old.emit({ type: 'ready', ready: { process: 'storage' } });
    assert.equal(managed.state, 'starting');
    await managed.stop();
  });
});
