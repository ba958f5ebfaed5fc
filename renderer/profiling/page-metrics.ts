/** What the page measures about itself. Written by the scheduler and the links, read by strip and status bar. */
import type { FrameTiming } from '../hot/frame-scheduler.ts';
import { LogHistogram } from './log-histogram.ts';

const FPS_WINDOW = 120;

export class PageMetrics {
  /** Engine time of the newest event in a frame to the end of the draw that showed it, ms. */
  readonly tickToPaint = new LogHistogram();
  /** Script time of a frame that drew something, ms. */
  readonly frameWork = new LogHistogram();
  /** Mouse press or key to the engine's answer, ms. */
  readonly clickToAnswer = new LogHistogram();
  /** Main-thread blocks over 50 ms (long animation frames), count and longest, ms. */
  longFrames = 0;
  longestFrameMs = 0;
  /** Time the profiling strip itself spent drawing, ms a second. */
  overlayMsPerSecond = 0;
  deferredPanels = 0;
  readonly #starts = new Float64Array(FPS_WINDOW);
  #next = 0;
  #filled = 0;

  /** Takes one frame. */
  recordFrame(timing: FrameTiming): void {
    if (timing.drew) this.frameWork.record(timing.workMs);
    this.deferredPanels += timing.deferredPanels;
    this.#starts[this.#next] = timing.startMs;
    this.#next = (this.#next + 1) % FPS_WINDOW;
    if (this.#filled < FPS_WINDOW) this.#filled++;
  }

  /** Frames in the last second before `nowMs`. */
  framesPerSecond(nowMs: number): number {
    let frames = 0;
    for (let i = 0; i < this.#filled; i++) if (nowMs - (this.#starts[i] as number) <= 1000) frames++;
    return frames;
  }

  /** Lets old samples fade; once every few seconds. */
  decay(): void {
    this.tickToPaint.decay();
    this.frameWork.decay();
  }
}

/** Counts long animation frames where the browser reports them. Returns how to stop. */
export function observeLongFrames(metrics: PageMetrics): () => void {
  if (!PerformanceObserver.supportedEntryTypes.includes('long-animation-frame')) return () => undefined;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      metrics.longFrames++;
      metrics.longestFrameMs = Math.max(metrics.longestFrameMs, entry.duration);
    }
  });
  observer.observe({ type: 'long-animation-frame', buffered: false });
  return () => observer.disconnect();
}
