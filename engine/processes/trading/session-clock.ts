import type { MachineClocks } from './clock-watch.ts';

/** Time of one trading session: engine ns since its origin, and the wall clock at that origin. */
export interface SessionClock {
  /** Wall clock at engine time 0, us since the epoch. */
  readonly originUs: number;
  /** Engine time now, ns. */
  nowNs(): number;
}

/** Monotonic ns of this machine, for measuring stages; unrelated to a recording's time. */
export function monotonicNs(): number {
  return performance.now() * 1e6;
}

/** This machine's own clocks. The wall clock is for noticing that it was set, never for the time of an event. */
export const machineClocks: MachineClocks = { monotonicNs, wallUs: () => Date.now() * 1000 };

export class LiveClock implements SessionClock {
  readonly originUs: number;
  readonly #startNs: number;

  constructor() {
    this.originUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
    this.#startNs = monotonicNs();
  }

  nowNs(): number {
    return monotonicNs() - this.#startNs;
  }
}

/** Time of a recording: stands at the newest event played, so that the same recording gives the same decisions. */
export class ReplayClock implements SessionClock {
  readonly originUs: number;
  #nowNs = 0;

  constructor(originUs: number) {
    this.originUs = originUs;
  }

  nowNs(): number {
    return this.#nowNs;
  }

  advanceTo(timeNs: number): void {
    if (timeNs > this.#nowNs) this.#nowNs = timeNs;
  }
}
