/** Time and timers of whatever carries the bytes: the system's for sockets, virtual ones in a sweep. */
export interface LinkClock {
  /** ms since the epoch. */
  nowMs(): number;
  after(delayMs: number, run: () => void): void;
}

export const systemLinkClock: LinkClock = {
  nowMs: Date.now,
  after: (delayMs, run) => {
    setTimeout(run, delayMs).unref();
  },
};
