/** A core that is ours alone does a piece of work in little more than its CPU time. */
const CROWDED = 1.3;
/** Pause after a batch, in times of what the batch took: at most four fifths of the time are left to others. */
const MOST_PAUSE = 4;
const PAUSE_UP = 1;
const PAUSE_DOWN = 0.5;
const LONGEST_PAUSE_MS = 2_000;
/** Less work says nothing: the clocks of CPU time tick in ms. */
const LEAST_WORK_MS = 20;

/**
 * How long a tailer that is behind rests between batches. Nothing is late because of it but the store: while others wait
 * for the CPUs (the screen, the trading process), it takes a fifth of its time, else all of it.
 */
export class TailerPace {
  #pause = 0;
  /** Of the work since the last verdict. */
  #wallMs = 0;
  #cpuMs = 0;

  /** Tells of a piece of work without waits: how long it took, and the CPU time it used. */
  note(wallMs: number, cpuMs: number): void {
    this.#wallMs += wallMs;
    this.#cpuMs += cpuMs;
    if (this.#cpuMs < LEAST_WORK_MS) return;
    const step = this.#wallMs > this.#cpuMs * CROWDED ? PAUSE_UP : -PAUSE_DOWN;
    this.#wallMs = 0;
    this.#cpuMs = 0;
    this.#pause = Math.max(0, Math.min(MOST_PAUSE, this.#pause + step));
  }

  /** Whether there are pauses now. */
  get isResting(): boolean {
    return this.#pause > 0;
  }

  /** @param batchMs what the batch took, the database's part included */
  pauseMs(batchMs: number): number {
    return Math.min(LONGEST_PAUSE_MS, batchMs * this.#pause);
  }
}
