/** The one requestAnimationFrame loop: drains frames, then draws dirty panels in priority order within a time budget. */

/** Something drawn from hot data. Lower `priority` first: the ladder is 0. */
export interface Drawable {
  readonly name: string;
  readonly priority: number;
  /** Shortest time from one draw to the next, ms; what came in between is drawn then. Absent: every frame. */
  readonly leastMs?: number;
  draw(nowMs: number): void;
}

interface Entry {
  drawable: Drawable;
  dirty: boolean;
  /** Frames it had to wait since it became dirty. */
  deferred: number;
  /** Start of the frame that drew it last. */
  drawnMs: number;
}

/** A panel waits at most this many frames for its turn, however full the budget. */
export const MAX_DEFERRED_FRAMES = 3;

export interface FrameClock {
  request(callback: (nowMs: number) => void): void;
  nowMs(): number;
}

export interface FrameTiming {
  /** Start of the frame, ms. */
  startMs: number;
  /** Time spent in drain and draw. */
  workMs: number;
  deferredPanels: number;
}

export class FrameScheduler {
  readonly #clock: FrameClock;
  readonly #budgetMs: number;
  readonly #entries: Entry[] = [];
  #drain: () => void = () => undefined;
  #drawn: (timing: FrameTiming) => void = () => undefined;
  #requested = false;
  #continuous = 0;
  readonly #timing: FrameTiming = { startMs: 0, workMs: 0, deferredPanels: 0 };

  constructor(clock: FrameClock, budgetMs = 6) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
  }

  /** `drain` runs at the start of each frame, `drawn` after the last panel of it. The timing object is reused. */
  connect(drain: () => void, drawn: (timing: FrameTiming) => void): void {
    this.#drain = drain;
    this.#drawn = drawn;
  }

  /** Adds a panel, dirty at once. Returns how to remove it. */
  add(drawable: Drawable): () => void {
    const entry: Entry = { drawable, dirty: true, deferred: 0, drawnMs: Number.NEGATIVE_INFINITY };
    this.#entries.push(entry);
    this.#entries.sort((a, b) => a.drawable.priority - b.drawable.priority);
    this.wake();
    return () => {
      const at = this.#entries.indexOf(entry);
      if (at >= 0) this.#entries.splice(at, 1);
    };
  }

  /** Marks one panel, or all of them, as out of date. */
  invalidate(drawable?: Drawable): void {
    for (const entry of this.#entries) {
      if (drawable === undefined || entry.drawable === drawable) entry.dirty = true;
    }
    this.wake();
  }

  /** Marks a panel as out of date and draws it with the next frame, however lately it was drawn: a hand waits for it. */
  hurry(drawable: Drawable): void {
    for (const entry of this.#entries) if (entry.drawable === drawable) entry.drawnMs = Number.NEGATIVE_INFINITY;
    this.invalidate(drawable);
  }

  /** Asks for a frame: there is something to drain. */
  wake(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#clock.request(this.#frame);
  }

  /** Keeps frames coming even when nothing changes, to measure them. Returns how to stop. */
  keepRunning(): () => void {
    this.#continuous++;
    this.wake();
    let stopped = false;
    return () => {
      if (!stopped) this.#continuous--;
      stopped = true;
    };
  }

  readonly #frame = (startMs: number): void => {
    this.#requested = false;
    const beganMs = this.#clock.nowMs();
    this.#drain();
    let waiting = 0;
    let early = false;
    for (const entry of this.#entries) {
      if (!entry.dirty) continue;
      const { leastMs = 0 } = entry.drawable;
      // Half a frame of grace: frames do not come to the millisecond.
      if (startMs - entry.drawnMs < leastMs - 8) {
        early = true;
        continue;
      }
      const spent = this.#clock.nowMs() - beganMs;
      if (spent > this.#budgetMs && entry.drawable.priority > 0 && entry.deferred < MAX_DEFERRED_FRAMES) {
        entry.deferred++;
        waiting++;
        continue;
      }
      entry.dirty = false;
      entry.deferred = 0;
      entry.drawnMs = startMs;
      entry.drawable.draw(startMs);
    }
    this.#timing.startMs = startMs;
    this.#timing.workMs = this.#clock.nowMs() - beganMs;
    this.#timing.deferredPanels = waiting;
    this.#drawn(this.#timing);
    if (waiting > 0 || early || this.#continuous > 0) this.wake();
  };
}
