import type { VenueTime } from '../../venue/venue-times.ts';

export interface ClockProbeOptions {
  /** Base address of the venue's REST documents. */
  restUrl: string;
  time: VenueTime;
  /** Engine time now, ns. */
  nowNs(): number;
  /** GET of a document. */
  fetch(url: string): Promise<Uint8Array>;
  /** The venue's clock showed `venueUs`, us since the epoch, at some moment between the two engine times. */
  onTime(sentNs: number, receivedNs: number, venueUs: number): void;
  /** The first of a row of failures. */
  onFailure(error: Error): void;
  /** Default 1300: of whole seconds each answer then has another phase, and the connection stays open. */
  pauseMs?: number;
  /** Default 30 s. */
  restMs?: number;
}

/** Requests in a row: the first may have to open the connection, which takes several round trips. */
const QUESTIONS = 4;
const PAUSE_MS = 1_300;
const REST_MS = 30_000;
/** A venue that does not answer, or does not have a clock, is asked this much more rarely. */
const FAILURE_FACTOR = 4;

/** Asks one venue for its time, a few requests every half minute, until disposed. */
export class ClockProbe {
  readonly #o: ClockProbeOptions;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;
  #left = QUESTIONS;
  /** Answers of an earlier round are of another time. */
  #round = 0;

  constructor(options: ClockProbeOptions) {
    this.#o = options;
  }

  /** Asks at once; again, when what was known is worth nothing any more. */
  start(): void {
    this.#round++;
    this.#left = QUESTIONS;
    this.#schedule(0);
  }

  dispose(): void {
    this.#round++;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const { restUrl, time, nowNs, fetch, onTime, onFailure } = this.#o;
    const round = this.#round;
    const sentNs = nowNs();
    let receivedNs = 0;
    let venueUs: number;
    try {
      const body = await fetch(restUrl + time.path);
      receivedNs = nowNs();
      venueUs = time.read(body);
    } catch (error) {
      if (round !== this.#round) return;
      if (!this.#failed) onFailure(error as Error);
      this.#failed = true;
      this.#left = QUESTIONS;
      this.#schedule((this.#o.restMs ?? REST_MS) * FAILURE_FACTOR);
      return;
    }
    if (round !== this.#round) return;
    this.#failed = false;
    // Before the callback: it may dispose of this.
    this.#next();
    onTime(sentNs, receivedNs, venueUs);
  }

  #next(): void {
    this.#left--;
    if (this.#left > 0) {
      this.#schedule(this.#o.pauseMs ?? PAUSE_MS);
      return;
    }
    this.#left = QUESTIONS;
    this.#schedule(this.#o.restMs ?? REST_MS);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    // What the listener throws is a bug, and ends the process as an unhandled rejection.
    this.#timer = setTimeout(() => void this.#ask(), delayMs);
  }
}
