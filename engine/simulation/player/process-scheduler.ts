import { setImmediate, setTimeout } from 'node:timers/promises';
import type { PlayerScheduler } from './recording-player.ts';

/** The real event loop's time, for a process that plays a recording. */
export const processScheduler: PlayerScheduler = {
  nowMs: () => performance.now(),
  sleep: (ms) => (ms <= 0 ? setImmediate() : setTimeout(ms)),
};
