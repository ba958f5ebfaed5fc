/** What the page saw of itself while it was measured. */
export interface PageFigures {
  seconds: number;
  frames: number;
  /** Longest time between two frames, ms. */
  longestGapMs: number;
  /** Tasks of the main thread over 50 ms. */
  longTasks: number[];
  /** Frames over 50 ms, with the script that took longest. */
  longFrames: { durationMs: number; script: string }[];
  /** Input event to the end of the frame that followed it, ms. */
  inputToFrameMs: number[];
}

/** Self-contained: runs inside the page, before its own scripts. Counts only between `start` and `stop`. */
export function installPageProbe(): void {
  interface ScriptTiming {
    duration: number;
    invoker?: string;
    sourceFunctionName?: string;
  }
  const figures: PageFigures = {
    seconds: 0,
    frames: 0,
    longestGapMs: 0,
    longTasks: [],
    longFrames: [],
    inputToFrameMs: [],
  };
  let running = false;
  let startedMs = 0;
  let lastFrameMs = 0;
  const frame = (nowMs: number): void => {
    if (!running) return;
    figures.frames++;
    if (lastFrameMs > 0) figures.longestGapMs = Math.max(figures.longestGapMs, nowMs - lastFrameMs);
    lastFrameMs = nowMs;
    requestAnimationFrame(frame);
  };
  const observe = (type: string, take: (entry: PerformanceEntry) => void): void => {
    new PerformanceObserver((list) => {
      // The start counts: what began before the measurement is not part of it.
      for (const entry of list.getEntries()) if (running && entry.startTime >= startedMs) take(entry);
    }).observe({ type });
  };
  observe('longtask', (entry) => figures.longTasks.push(entry.duration));
  observe('long-animation-frame', (entry) => {
    const scripts = (entry as PerformanceEntry & { scripts?: ScriptTiming[] }).scripts ?? [];
    const longest = [...scripts].sort((a, b) => b.duration - a.duration)[0];
    const script = longest ? `${longest.invoker ?? ''} ${longest.sourceFunctionName ?? ''} ${longest.duration} ms` : '';
    figures.longFrames.push({ durationMs: entry.duration, script });
  });
  const onInput = (event: Event): void => {
    if (!running || !event.isTrusted) return;
    requestAnimationFrame(() => {
      // A message posted within a frame is delivered once that frame has been drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        figures.inputToFrameMs.push(performance.now() - event.timeStamp);
        port1.close();
      };
      port2.postMessage(0);
    });
  };
  for (const type of ['pointerdown', 'keydown']) addEventListener(type, onInput, { capture: true });
  Object.assign(globalThis, {
    stormProbe: {
      start: () => {
        running = true;
        startedMs = performance.now();
        requestAnimationFrame(frame);
      },
      stop: (): PageFigures => {
        running = false;
        figures.seconds = (performance.now() - startedMs) / 1000;
        return figures;
      },
    },
  });
}
