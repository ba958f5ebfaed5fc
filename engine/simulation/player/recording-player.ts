import { openCursor } from './open-cursor.ts';
import { CursorKind, type RecordingCursor } from './recording-cursor.ts';
import type { RecordingScan } from './scanned-recording.ts';

/** Time of the player's surroundings; injected so that tests and replays own it. */
export interface PlayerScheduler {
  /** Monotonic ms. */
  nowMs(): number;
  /** Resolves after `ms`; 0 lets pending input and output go first. */
  sleep(ms: number): Promise<void>;
}

export interface PlayerProgress {
  file: string;
  /** 0..1 of all bytes. */
  fraction: number;
  /** Recording time of the newest message, ns. */
  timeNs: number;
}

/** Receives the recording. Bytes are valid only during the call; times never go back. */
export interface PlayerTarget {
  onMessage(bytes: Uint8Array, timeNs: number): void;
  /** @param symbol empty where the recording has only one. */
  onSnapshot(bytes: Uint8Array, timeNs: number, symbol: string): void;
  /** A snapshot was asked for and the venue answered with something else. */
  onSnapshotFailed?(symbol: string, timeNs: number, reason: string): void;
  /** The recorder's connection was opened again: what was sent meanwhile is missing. */
  onReopened?(timeNs: number, reason: string): void;
  /** Every `timerIntervalNs` of recording time, in order with the messages: the same at every speed. */
  onTimer?(timeNs: number): void;
  /** After each slice of messages, a few ms long at most: a good moment to flush. */
  onSlice?(progress: PlayerProgress): void;
  onFinished(): void;
  /** The files changed since they were scanned, or the target threw. The player has stopped. */
  onError(error: Error): void;
}

export interface RecordingPlayerOptions {
  scan: RecordingScan;
  target: PlayerTarget;
  scheduler: PlayerScheduler;
  /** 1 is the recorded pace. */
  speed: number | 'max';
  /** Default 50 ms of recording time; 0 for none. */
  timerIntervalNs?: number;
}

/** Longest stretch of messages without letting the event loop turn. */
const SLICE_MS = 4;
/** Longest sleep, so that a change of speed is felt at once even in a quiet hour. */
const LONGEST_SLEEP_MS = 20;
const LINES_PER_CLOCK_CHECK = 32;
/** Of a longer gap the event loop turns meanwhile: days of silence are millions of timers. */
const TIMERS_PER_CLOCK_CHECK = 1_000;

/**
 * Plays a scanned recording into a market adapter: at recorded pace, N times faster, or as fast as the target takes it.
 * What the target sees, and at which recording times, does not depend on the speed.
 */
export class RecordingPlayer {
  readonly #o: RecordingPlayerOptions;
  readonly #timerNs: number;
  #speed: number | 'max';
  #paused = false;
  #stopped = false;
  #started = false;
  #timeNs = 0;
  #nextTimerNs: number;
  /** Pace: recording time `#paceTimeNs` was (or is to be) played at wall time `#paceMs`. */
  #paceMs = 0;
  #paceTimeNs = 0;
  #sliceStartMs = 0;
  #linesSinceCheck = 0;
  #progress: PlayerProgress = { file: '', fraction: 0, timeNs: 0 };

  /** @throws RangeError when the speed is neither `max` nor a positive number. */
  constructor(options: RecordingPlayerOptions) {
    this.#o = options;
    this.#speed = checkSpeed(options.speed);
    this.#timerNs = options.timerIntervalNs ?? 50e6;
    this.#nextTimerNs = this.#timerNs;
  }

  get speed(): number | 'max' {
    return this.#speed;
  }
  get paused(): boolean {
    return this.#paused;
  }
  get progress(): PlayerProgress {
    return this.#progress;
  }

  /** Starts playing; `onFinished` or `onError` says how it ended, neither after {@link stop}. */
  start(): void {
    if (this.#started) throw new Error('Expected a player that was not started, was started');
    this.#started = true;
    this.#run().then(
      () => {
        if (!this.#stopped) this.#o.target.onFinished();
      },
      (error: unknown) => {
        if (this.#stopped) return;
        this.#stopped = true;
        this.#o.target.onError(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#setPace();
  }

  /** @throws RangeError when the speed is neither `max` nor a positive number. */
  setSpeed(speed: number | 'max'): void {
    this.#speed = checkSpeed(speed);
    this.#setPace();
  }

  /** Ends playing for good; nothing is called any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#setPace();
    this.#sliceStartMs = this.#o.scheduler.nowMs();
    const cursor = openCursor(this.#o.scan);
    while (await cursor.fill()) {
      if (this.#stopped) return;
      while (cursor.next()) {
        // One that goes back takes the time of the item before.
        const timeNs = Math.max(cursor.timeNs, this.#timeNs);
        // Only a due item is played without an await: a promise for every one would halve the speed.
        if (this.#mustWait(timeNs)) await this.#waitUntil(timeNs);
        if (this.#isLongGap(timeNs)) await this.#playGap(timeNs);
        if (this.#stopped) return;
        this.#play(cursor, timeNs);
      }
      this.#progress = { file: cursor.file, fraction: cursor.fraction, timeNs: this.#timeNs };
    }
    this.#endSlice();
  }

  #isLongGap(toNs: number): boolean {
    return this.#timerNs > 0 && toNs - this.#nextTimerNs > TIMERS_PER_CLOCK_CHECK * this.#timerNs;
  }

  /** Timers of a long gap, in slices as messages are. */
  async #playGap(toNs: number): Promise<void> {
    while (this.#isLongGap(toNs) && !this.#stopped) {
      this.#playTimers(this.#nextTimerNs + TIMERS_PER_CLOCK_CHECK * this.#timerNs);
      this.#timeNs = this.#nextTimerNs - this.#timerNs;
      const isDue = this.#o.scheduler.nowMs() - this.#sliceStartMs >= SLICE_MS;
      if (this.#paused || isDue) await this.#waitUntil(this.#timeNs);
    }
  }

  #playTimers(toNs: number): void {
    while (this.#timerNs > 0 && this.#nextTimerNs <= toNs) {
      this.#o.target.onTimer?.(this.#nextTimerNs);
      this.#nextTimerNs += this.#timerNs;
    }
  }

  #play(cursor: RecordingCursor, timeNs: number): void {
    const { target } = this.#o;
    this.#playTimers(timeNs);
    this.#timeNs = timeNs;
    const { kind } = cursor;
    if (kind === CursorKind.message) target.onMessage(cursor.bytes, timeNs);
    else if (kind === CursorKind.snapshot) target.onSnapshot(cursor.bytes, timeNs, cursor.symbol);
    else if (kind === CursorKind.snapshotFailed) target.onSnapshotFailed?.(cursor.symbol, timeNs, cursor.reason);
    else if (kind === CursorKind.reopened) target.onReopened?.(timeNs, cursor.reason);
  }

  #mustWait(timeNs: number): boolean {
    if (this.#paused) return true;
    if (this.#speed !== 'max' && timeNs > this.#timeNs) {
      if (this.#dueMs(timeNs) > this.#o.scheduler.nowMs()) return true;
    }
    if (++this.#linesSinceCheck < LINES_PER_CLOCK_CHECK) return false;
    this.#linesSinceCheck = 0;
    return this.#o.scheduler.nowMs() - this.#sliceStartMs >= SLICE_MS;
  }

  /** Ends the slice and sleeps until the line is due, or for a turn of the event loop. */
  async #waitUntil(timeNs: number): Promise<void> {
    const { scheduler } = this.#o;
    this.#endSlice();
    let turned = false;
    while (!this.#stopped) {
      let waitMs = 0;
      if (this.#paused) waitMs = LONGEST_SLEEP_MS;
      else if (this.#speed !== 'max') waitMs = this.#dueMs(timeNs) - scheduler.nowMs();
      if (turned && waitMs <= 0) break;
      await scheduler.sleep(Math.max(0, Math.min(LONGEST_SLEEP_MS, waitMs)));
      turned = true;
    }
    this.#sliceStartMs = scheduler.nowMs();
    this.#linesSinceCheck = 0;
  }

  #endSlice(): void {
    this.#progress.timeNs = this.#timeNs;
    this.#o.target.onSlice?.(this.#progress);
  }

  #dueMs(timeNs: number): number {
    return this.#paceMs + (timeNs - this.#paceTimeNs) / 1e6 / (this.#speed as number);
  }

  #setPace(): void {
    this.#paceMs = this.#o.scheduler.nowMs();
    this.#paceTimeNs = this.#timeNs;
  }
}

function checkSpeed(speed: number | 'max'): number | 'max' {
  if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed))) {
    throw new RangeError(`speed: expected "max" or a number above 0, was ${speed}`);
  }
  return speed;
}
