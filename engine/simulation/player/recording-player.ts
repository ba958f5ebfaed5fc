import { CsvTradeConverter } from './csv-trades.ts';
import { readTimeNs, toEpochUs } from './local-time.ts';
import { type RecordingBlock, readRecording } from './recording-reader.ts';
import type { RecordingScan } from './recording-scan.ts';
import { JSON_OFFSET } from './stream-line.ts';

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
  onSnapshot(bytes: Uint8Array, timeNs: number): void;
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
const LINE_FEED = 10;

/**
 * Plays a scanned recording into a market adapter: at recorded pace, N times faster, or as fast as the target takes it.
 * What the target sees, and at which recording times, does not depend on the speed.
 */
export class RecordingPlayer {
  readonly #o: RecordingPlayerOptions;
  readonly #csv: CsvTradeConverter | undefined;
  readonly #originUs: number;
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
    this.#originUs = toEpochUs(options.scan.origin);
    if (options.scan.format !== 'stream') this.#csv = new CsvTradeConverter(options.scan.symbol);
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
    let fileIndex = -1;
    for await (const block of readRecording(this.#o.scan.files)) {
      if (this.#stopped) return;
      await this.#playBlock(block, block.fileIndex !== fileIndex);
      fileIndex = block.fileIndex;
    }
    this.#endSlice();
  }

  async #playBlock(block: RecordingBlock, startsFile: boolean): Promise<void> {
    const { bytes } = block;
    let from = 0;
    if (startsFile && this.#csv && CsvTradeConverter.isHeader(bytes, 0)) from = this.#lineEnd(bytes, 0) + 1;
    while (from < bytes.length) {
      const to = this.#lineEnd(bytes, from);
      const timeNs = this.#timeOf(bytes, from, to, block);
      // Only a due line is played without an await: a promise for every line would halve the speed.
      if (this.#mustWait(timeNs)) await this.#waitUntil(timeNs);
      if (this.#stopped) return;
      this.#playLine(bytes, from, to, timeNs);
      from = to + 1;
    }
    this.#progress = { file: block.file, fraction: block.fraction, timeNs: this.#timeNs };
  }

  #lineEnd(bytes: Buffer, from: number): number {
    const feed = bytes.indexOf(LINE_FEED, from);
    return feed < 0 ? bytes.length : feed;
  }

  /** Recording time of a line; one that goes back takes the time of the line before. */
  #timeOf(bytes: Buffer, from: number, to: number, block: RecordingBlock): number {
    let timeNs: number;
    if (this.#csv) {
      if (to === from) return this.#timeNs;
      if (!this.#csv.read(bytes, from, to)) throw new Error(`${block.file}: ${this.#csv.error}`);
      timeNs = (this.#csv.timeUs() - this.#originUs) * 1000;
    } else {
      timeNs = to - from > JSON_OFFSET ? readTimeNs(bytes, from, this.#o.scan.origin) : Number.NaN;
      if (Number.isNaN(timeNs)) throw new Error(`${block.file}: changed since it was scanned`);
    }
    return Math.max(timeNs, this.#timeNs);
  }

  #playLine(bytes: Buffer, from: number, to: number, timeNs: number): void {
    const { target } = this.#o;
    while (this.#timerNs > 0 && this.#nextTimerNs <= timeNs) {
      target.onTimer?.(this.#nextTimerNs);
      this.#nextTimerNs += this.#timerNs;
    }
    this.#timeNs = timeNs;
    if (this.#csv) {
      if (to > from) target.onMessage(this.#csv.toJson(), timeNs);
      return;
    }
    const json = bytes.subarray(from + JSON_OFFSET, bytes[to - 1] === 13 ? to - 1 : to);
    if (isSnapshot(json)) target.onSnapshot(json, timeNs);
    else target.onMessage(json, timeNs);
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

/** `{"lastUpdateId":` starts a REST snapshot; stream messages start with `stream` or an event's own fields. */
function isSnapshot(json: Uint8Array): boolean {
  return json[1] === 34 && json[2] === 108 && json[3] === 97 && json[4] === 115 && json[5] === 116;
}

function checkSpeed(speed: number | 'max'): number | 'max' {
  if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed))) {
    throw new RangeError(`speed: expected "max" or a number above 0, was ${speed}`);
  }
  return speed;
}
