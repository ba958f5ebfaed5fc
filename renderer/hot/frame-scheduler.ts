/** The one requestAnimationFrame loop: drains frames, then draws dirty panels in priority order within a time budget. */

/** Something drawn from hot data. Lower `priority` first: the ladder is 0. */
export interface Drawable {
  readonly name: string;
  readonly priority: number;
  /** Shortest time from one draw to the next, ms; what came in between is drawn then. Absent: every frame. */
  readonly leastMs?: number;
  /** The same while the page is strained, see {@link FrameScheduler}. */
  readonly leastMsWhenStrained?: number;
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

/** Frames that come farther apart than this, on average, are late; at most 60 a second are asked for. */
export const LATE_FRAME_MS = 18.5;
/** Drawn frames that take the thread longer than this, on average, are dear: half of it must be left for the hand. */
export const DEAR_FRAME_MS = 8;
/** Once strained, the page keeps the slower pace this long: at the full one it would be strained again at once. */
const STRAINED_HOLD_MS = 1_000;
/** While strained, a frame sooner than this after one that was drawn is left to input. */
const STRAINED_PACE_MS = 30;
/** So is the frame after a press or a key, unless the page was not drawn for this long: hands must not stop the market. */
const LONGEST_PACE_MS = 60;
/** Longer gaps are no late frames: nothing was to be drawn, or the page was hidden. */
const LONGEST_GAP_MS = 250;
const AVERAGE_WEIGHT = 0.1;

export interface FrameClock {
  request(callback: (nowMs: number) => void): void;
  /** Calls back once the frame that is being drawn has been laid out and painted. */
  afterFrame(callback: () => void): void;
  nowMs(): number;
}

export interface FrameTiming {
  /** Start of the frame, ms. */
  startMs: number;
  /** Time spent in drain and draw. */
  workMs: number;
  deferredPanels: number;
  /** False where the frame was left to input, or nothing was out of date. */
  drew: boolean;
}

/**
 * Draws every frame while that is cheap. While frames come late, or drawing takes most of the thread's time, the page is
 * strained: then it drains and draws in every second frame only, so that input does not wait, and what need not be that
 * new even more seldom. {@link FrameScheduler.hurry} is never held up.
 */
export class FrameScheduler {
  readonly #clock: FrameClock;
  readonly #budgetMs: number;
  readonly #entries: Entry[] = [];
  #drain: () => void = () => undefined;
  #drawn: (timing: FrameTiming) => void = () => undefined;
  #requested = false;
  #continuous = 0;
  #lastStartMs = Number.NEGATIVE_INFINITY;
  #lastDrawMs = Number.NEGATIVE_INFINITY;
  #averageGapMs = 0;
  #averageCostMs = 0;
  #strainedUntilMs = Number.NEGATIVE_INFINITY;
  #hurried = false;
  #handled = false;
  /** Start of the frame whose cost is being measured; NaN when none is. */
  #costFromMs = Number.NaN;
  readonly #timing: FrameTiming = { startMs: 0, workMs: 0, deferredPanels: 0, drew: false };

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
    this.#hurried = true;
    this.invalidate(drawable);
  }

  /** A press or a key: while strained the next frame shows what it did, and what the market did the one after. */
  yieldToInput(): void {
    this.#handled = true;
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

  /** True while frames come late or are dear. */
  #isStrained(startMs: number): boolean {
    const gapMs = startMs - this.#lastStartMs;
    this.#lastStartMs = startMs;
    if (gapMs > LONGEST_GAP_MS) this.#averageGapMs = 0;
    else this.#averageGapMs += (gapMs - this.#averageGapMs) * AVERAGE_WEIGHT;
    if (this.#averageGapMs > LATE_FRAME_MS || this.#averageCostMs > DEAR_FRAME_MS) {
      this.#strainedUntilMs = startMs + STRAINED_HOLD_MS;
    }
    return startMs < this.#strainedUntilMs;
  }

  readonly #measured = (): void => {
    const costMs = this.#clock.nowMs() - this.#costFromMs;
    this.#costFromMs = Number.NaN;
    this.#averageCostMs += (costMs - this.#averageCostMs) * AVERAGE_WEIGHT;
  };

  readonly #frame = (startMs: number): void => {
    this.#requested = false;
    const beganMs = this.#clock.nowMs();
    const isStrained = this.#isStrained(startMs);
    const paceMs = this.#handled ? LONGEST_PACE_MS : STRAINED_PACE_MS;
    const isLeft = isStrained && !this.#hurried && startMs - this.#lastDrawMs < paceMs;
    this.#handled = false;
    this.#timing.startMs = startMs;
    this.#timing.deferredPanels = 0;
    this.#timing.drew = false;
    let isMore = isLeft;
    if (!isLeft) {
      this.#hurried = false;
      this.#drain();
      isMore = this.#draw(startMs, beganMs, isStrained);
    }
    this.#timing.workMs = this.#clock.nowMs() - beganMs;
    this.#drawn(this.#timing);
    if (isMore || this.#continuous > 0) this.wake();
  };

  /** @returns whether something is left for a later frame */
  #draw(startMs: number, beganMs: number, isStrained: boolean): boolean {
    let waiting = 0;
    let early = false;
    let drew = false;
    for (const entry of this.#entries) {
      if (!entry.dirty) continue;
      const { leastMs = 0, leastMsWhenStrained = 0 } = entry.drawable;
      const paceMs = isStrained ? Math.max(leastMs, leastMsWhenStrained) : leastMs;
      // Half a frame of grace: frames do not come to the millisecond.
      if (startMs - entry.drawnMs < paceMs - 8) {
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
      drew = true;
    }
    if (drew) {
      this.#lastDrawMs = startMs;
      if (Number.isNaN(this.#costFromMs)) {
        this.#costFromMs = beganMs;
        this.#clock.afterFrame(this.#measured);
      }
    }
    this.#timing.deferredPanels = waiting;
    this.#timing.drew = drew;
    return waiting > 0 || early;
  }
}
