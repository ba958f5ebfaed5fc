import type { FrameClock } from './frame-scheduler.ts';

/** Frames as the browser draws them. */
export function browserFrames(): FrameClock {
  const { port1, port2 } = new MessageChannel();
  let called: () => void = () => undefined;
  port1.onmessage = () => called();
  return {
    request: (callback) => requestAnimationFrame(callback),
    // A message posted within a frame is delivered once that frame has been drawn.
    afterFrame: (callback) => {
      called = callback;
      port2.postMessage(0);
    },
    nowMs: () => performance.now(),
  };
}
