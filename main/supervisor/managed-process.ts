import type { FaultCommand } from '../../engine/contract/fault-menu.ts';
import type {
  ControlEvent,
  ControlRequest,
  ProcessConfig,
  ProcessHealth,
  ProcessName,
  ProcessReady,
  ProcessState,
  ProcessStatus,
} from '../../engine/contract/process.ts';
import type { Launcher, LaunchedProcess, ProcessExit } from './launcher.ts';

/** All times in milliseconds. */
export interface ProcessTimings {
  /** Launch to `accepting`. */
  acceptMs: number;
  /** `configure`, or the last `progress`, to `ready`. */
  readyMs: number;
  backoffFirstMs: number;
  backoffMaxMs: number;
  /** Ready for this long: the next crash starts with the first back-off again. */
  healthyMs: number;
  /** `shutdown` to SIGTERM, and SIGTERM to SIGKILL. */
  shutdownMs: number;
  terminateMs: number;
  queryMs: number;
  /** Ready but without a sign of health for this long: it hangs, and is killed and started again. */
  hangMs: number;
}

export const defaultProcessTimings: ProcessTimings = {
  acceptMs: 30_000,
  readyMs: 60_000,
  backoffFirstMs: 250,
  backoffMaxMs: 10_000,
  healthyMs: 30_000,
  shutdownMs: 10_000,
  terminateMs: 3_000,
  queryMs: 30_000,
  hangMs: 30_000,
};

export interface ManagedProcessOptions<Transfer> {
  name: ProcessName;
  v8Flags: readonly string[];
  launcher: Launcher<Transfer>;
  timings: ProcessTimings;
  /** The configuration of the next start, or undefined while something it depends on is not ready. */
  configuration(): ProcessConfig | undefined;
  /** Shown as detail while `configuration` is undefined. */
  waitingFor: string;
  onStatus(status: ProcessStatus): void;
  onReady(ready: ProcessReady): void;
  onReplayFinished(): void;
  /** What a session watches now: symbols came or went. */
  onSubscriptions(subscriptions: Extract<ControlEvent, { type: 'subscriptions' }>): void;
  onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  log(line: string): void;
}

/**
 * A hang is counted in looks of main's own timer rather than in time: after the machine slept only one look has passed.
 */
const HANG_LOOKS = 6;
/** It stands in the status bar. */
const MAX_LAST_WORDS = 300;

type Query = Extract<ControlRequest, { type: 'query' }>['query'];
type QueryMessage = Extract<ControlRequest, { type: 'query' }>;
type Answer = Extract<ControlEvent, { type: 'answer'; ok: true }>['result'];
interface PendingQuery {
  resolve(result: Answer): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * One supervised process: two-step readiness, restart with back-off, queries, and an orderly end. It is `wanted` from
 * start() to stop(); a wanted process that exits is started again, unless it said `fatal`.
 */
export class ManagedProcess<Transfer> {
  readonly #options: ManagedProcessOptions<Transfer>;
  #process: LaunchedProcess<Transfer> | undefined;
  #wanted = false;
  #fatal = '';
  #backoffMs: number;
  #restartTimer: NodeJS.Timeout | undefined;
  /** Of the step under way: accepting, ready, then healthy. */
  #stepTimer: NodeJS.Timeout | undefined;
  #configured = false;
  #nextRequestId = 1;
  readonly #queries = new Map<number, PendingQuery>();
  #exitWaiters: (() => void)[] = [];
  /** Stops and starts run one after another. */
  #sequence: Promise<void> = Promise.resolve();
  #state: ProcessState = 'stopped';
  #detail = '';
  #sinceMs = Date.now();
  #restarts = 0;
  #health: ProcessHealth | undefined;
  #killReason = '';
  /** It has been told to end: whatever it says of being ready, it takes nothing on any more. */
  #isEnding = false;
  /** Why it said that it would end. */
  #lastWords = '';
  #hangTimer: NodeJS.Timeout | undefined;
  #looksWithoutHealth = 0;

  constructor(options: ManagedProcessOptions<Transfer>) {
    this.#options = options;
    this.#backoffMs = options.timings.backoffFirstMs;
  }

  get status(): ProcessStatus {
    const status: ProcessStatus = {
      name: this.#options.name,
      state: this.#state,
      pid: this.#process?.pid ?? 0,
      restarts: this.#restarts,
      detail: this.#detail,
      sinceMs: this.#sinceMs,
    };
    if (this.#health !== undefined) status.health = this.#health;
    return status;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** Starts the process and keeps it running until stop(). */
  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#fatal = '';
    this.#backoffMs = this.#options.timings.backoffFirstMs;
    if (this.#process === undefined) this.#launch();
  }

  /** Ends the process: asks, then SIGTERM, then SIGKILL. Resolves when it is gone. */
  stop(): Promise<void> {
    this.#wanted = false;
    return this.#enqueue(() => {
      this.#fatal = '';
      return this.#end('stopped');
    });
  }

  /** Ends and starts again, also out of `failed`. */
  restart(reason: string): Promise<void> {
    return this.#enqueue(async () => {
      this.#wanted = false;
      await this.#end(reason);
      this.#restarts++;
      this.start();
    });
  }

  /** Hands over the configuration if the process has been waiting for it. */
  configure(): void {
    if (this.#state !== 'accepting' || this.#configured) return;
    const config = this.#options.configuration();
    if (config === undefined) {
      this.#set('accepting', `waiting for ${this.#options.waitingFor}`);
      return;
    }
    this.#configured = true;
    this.#set('accepting', '');
    this.#armReady();
    this.#process?.post({ type: 'configure', config });
  }

  /** Hands a page's connection to the process. @returns false when it is not ready to take it. */
  connect(request: Extract<ControlRequest, { type: 'connect' }>, transfer: Transfer): boolean {
    if (this.#process === undefined || this.#state !== 'ready' || this.#isEnding) return false;
    this.#process.post(request, transfer);
    return true;
  }

  /** Asks the process. Rejects when it is not running, exits, answers with an error or not in time. */
  query(query: Query, command?: FaultCommand): Promise<Answer> {
    const running = this.#process;
    if (running === undefined) return Promise.reject(new Error(`${this.#options.name} is not running`));
    const requestId = this.#nextRequestId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#queries.delete(requestId);
        reject(new Error(`${this.#options.name} did not answer "${query}" in ${this.#options.timings.queryMs} ms`));
      }, this.#options.timings.queryMs);
      this.#queries.set(requestId, { resolve, reject, timer });
      running.post({ type: 'query', requestId, query, ...(command === undefined ? {} : { command }) } as QueryMessage);
    });
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#sequence.then(task);
    // One that failed (its caller is told) must not keep the next ones, a stop above all, from being done.
    this.#sequence = done.catch(() => undefined);
    return done;
  }

  #launch(): void {
    const { name, v8Flags, launcher, timings } = this.#options;
    this.#configured = false;
    this.#isEnding = false;
    this.#killReason = '';
    this.#lastWords = '';
    this.#health = undefined;
    let launched: LaunchedProcess<Transfer>;
    try {
      launched = launcher.launch({ name, v8Flags });
    } catch (error) {
      // Out of memory or handles: as if it had ended at once.
      this.#scheduleRestart(`could not be started: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.#process = launched;
    this.#set('starting', this.#detail);
    launched.onOutput((stream, chunk) => this.#options.onOutput(stream, chunk));
    launched.onEvent((event) => {
      if (this.#process === launched) this.#onEvent(event);
    });
    launched.onExit((exit) => this.#onExit(launched, exit));
    this.#arm(timings.acceptMs, () => this.#giveUp(`not accepting after ${timings.acceptMs} ms`));
  }

  #onEvent(event: ControlEvent): void {
    switch (event.type) {
      case 'accepting':
        if (this.#state !== 'starting' || this.#isEnding) return;
        clearTimeout(this.#stepTimer);
        this.#set('accepting', '');
        this.configure();
        return;
      case 'progress':
        if (this.#state === 'accepting') {
          this.#set('accepting', event.text);
          this.#armReady();
        } else this.#options.log(event.text);
        return;
      case 'ready':
        if (this.#isEnding) return;
        this.#set('ready', '');
        this.#arm(this.#options.timings.healthyMs, () => {
          this.#backoffMs = this.#options.timings.backoffFirstMs;
        });
        this.#options.onReady(event.ready);
        return;
      case 'health':
        this.#health = event.health;
        this.#looksWithoutHealth = 0;
        this.#hangTimer ??= setInterval(() => this.#lookForHang(), this.#options.timings.hangMs / HANG_LOOKS);
        this.#options.onStatus(this.status);
        return;
      case 'answer': {
        const pending = this.#queries.get(event.requestId);
        if (pending === undefined) return;
        this.#queries.delete(event.requestId);
        clearTimeout(pending.timer);
        if (event.ok) pending.resolve(event.result);
        else pending.reject(new Error(event.error));
        return;
      }
      case 'replayFinished':
        this.#options.onReplayFinished();
        return;
      case 'subscriptions':
        this.#options.onSubscriptions(event);
        return;
      case 'crashing':
        this.#lastWords = event.error.slice(0, MAX_LAST_WORDS);
        return;
      case 'fatal':
        this.#fatal = event.error;
        this.#set('failed', event.error);
        // It may end by itself; if it does not, it is ended.
        this.#enqueue(() => this.#end(event.error)).catch((error: unknown) => this.#options.log(String(error)));
        return;
    }
  }

  #onExit(launched: LaunchedProcess<Transfer>, exit: ProcessExit): void {
    if (this.#process !== launched) return;
    this.#process = undefined;
    this.#health = undefined;
    clearTimeout(this.#stepTimer);
    clearInterval(this.#hangTimer);
    this.#hangTimer = undefined;
    const reason = this.#killReason || this.#lastWords || describeExit(exit);
    for (const pending of this.#queries.values()) {
      clearTimeout(pending.timer);
      pending.reject(new Error(`${this.#options.name} ${reason}`));
    }
    this.#queries.clear();
    if (this.#fatal !== '') this.#set('failed', this.#fatal);
    else if (!this.#wanted) this.#set('stopped', '');
    else this.#scheduleRestart(reason);
    const waiters = this.#exitWaiters;
    this.#exitWaiters = [];
    for (const waiter of waiters) waiter();
  }

  #scheduleRestart(reason: string): void {
    const delayMs = this.#backoffMs;
    this.#backoffMs = Math.min(this.#backoffMs * 2, this.#options.timings.backoffMaxMs);
    this.#restarts++;
    this.#set('restarting', reason);
    this.#restartTimer = setTimeout(() => {
      if (this.#wanted && this.#process === undefined) this.#launch();
    }, delayMs);
  }

  async #end(reason: string): Promise<void> {
    clearTimeout(this.#restartTimer);
    const running = this.#process;
    if (running === undefined) {
      this.#set(this.#fatal === '' ? 'stopped' : 'failed', this.#fatal);
      return;
    }
    clearTimeout(this.#stepTimer);
    this.#isEnding = true;
    this.#options.log(`ending: ${reason}`);
    const { shutdownMs, terminateMs } = this.#options.timings;
    const gone = new Promise<void>((resolve) => this.#exitWaiters.push(resolve));
    running.post({ type: 'shutdown' });
    if (await within(gone, shutdownMs)) return;
    this.#options.log(`still there ${shutdownMs} ms after shutdown, sending SIGTERM`);
    running.kill('SIGTERM');
    if (await within(gone, terminateMs)) return;
    this.#options.log(`still there ${terminateMs} ms after SIGTERM, sending SIGKILL`);
    running.kill('SIGKILL');
    await gone;
  }

  #giveUp(reason: string): void {
    this.#killReason = reason;
    this.#options.log(`${reason}, killing it`);
    this.#process?.kill('SIGKILL');
  }

  #lookForHang(): void {
    this.#looksWithoutHealth++;
    if (this.#state !== 'ready' || this.#looksWithoutHealth <= HANG_LOOKS) return;
    this.#giveUp(`gave no sign of health for ${this.#options.timings.hangMs} ms`);
  }

  #armReady(): void {
    const { readyMs } = this.#options.timings;
    this.#arm(readyMs, () => this.#giveUp(`not ready after ${readyMs} ms`));
  }

  #arm(delayMs: number, action: () => void): void {
    clearTimeout(this.#stepTimer);
    this.#stepTimer = setTimeout(action, delayMs);
  }

  #set(state: ProcessState, detail: string): void {
    const changed = state !== this.#state;
    if (!changed && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    if (changed) this.#sinceMs = Date.now();
    this.#options.log(`${state}${detail === '' ? '' : `: ${detail}`}`);
    this.#options.onStatus(this.status);
  }
}

function describeExit(exit: ProcessExit): string {
  return exit.signal === null ? `exited with code ${exit.code ?? 'unknown'}` : `was ended by ${exit.signal}`;
}

async function within(done: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const result = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return result;
}
