/** The machine's two clocks; injected so that tests own them. */
export interface MachineClocks {
  /** ns, never goes back; stands still while the machine sleeps on some systems, goes on on others. */
  monotonicNs(): number;
  /** us since the epoch; can be set at any time. */
  wallUs(): number;
}

export interface ClockWatchListener {
  /** Time has passed that this process did not see. One line for the user. */
  onResumed(reason: string): void;
  /** The wall clock was set. One line for the user. */
  onClockSet(text: string): void;
}

/** How often to look. */
export const CLOCK_WATCH_MS = 500;
/** Nothing that this process does itself takes as long; what it knows of the market is older than any book's watchdog allows. */
const RESUME_NS = 5e9;
/** Below this a clock is being slewed. */
const SET_NS = 250e6;

/**
 * Notices that the machine slept (or the process was stopped) and that its wall clock was set. A session's own time is
 * steady and goes by the monotonic clock, so neither makes a latency negative; but after a sleep everything known about
 * the market is old.
 */
export class ClockWatch {
  readonly #clocks: MachineClocks;
  readonly #listener: ClockWatchListener;
  #monotonicNs: number;
  #wallUs: number;

  constructor(clocks: MachineClocks, listener: ClockWatchListener) {
    this.#clocks = clocks;
    this.#listener = listener;
    this.#monotonicNs = clocks.monotonicNs();
    this.#wallUs = clocks.wallUs();
  }

  /** Call every {@link CLOCK_WATCH_MS}. */
  tick(): void {
    const monotonicNs = this.#clocks.monotonicNs();
    const wallUs = this.#clocks.wallUs();
    const passedNs = monotonicNs - this.#monotonicNs;
    const setNs = (wallUs - this.#wallUs) * 1000 - passedNs;
    this.#monotonicNs = monotonicNs;
    this.#wallUs = wallUs;
    if (passedNs > RESUME_NS) {
      this.#listener.onResumed(`this process did not run for ${seconds(passedNs)}`);
    } else if (setNs > RESUME_NS) {
      // Where the monotonic clock sleeps too, a sleep and a clock that was set forward look the same: take the worse.
      this.#listener.onResumed(`this machine slept for ${seconds(setNs)}, or its clock was set forward`);
    } else if (Math.abs(setNs) > SET_NS) {
      const direction = setNs < 0 ? 'back' : 'forward';
      this.#listener.onClockSet(`The clock of this machine was set ${direction} by ${seconds(Math.abs(setNs))}`);
    }
  }
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(1)} s`;
}
