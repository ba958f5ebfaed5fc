import { LogLimiter } from '../../core/log-limiter.ts';

/** Something that counts what it could not understand; FeedCounters and the order entry adapter fit. */
export interface BadMessageCount {
  readonly badMessages: number;
  readonly badReason: string;
}

/**
 * Says that messages could not be understood, and the newest reason: at most a line a second for all sources together,
 * however many there were. Looked at on a timer, so that it costs a message nothing.
 */
export class BadMessageLog {
  readonly #limiter = new LogLimiter();
  /** Newest count by source. */
  readonly #seen = new Map<string, number>();
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = console.warn) {
    this.#write = write;
  }

  look(source: string, count: BadMessageCount, nowNs: number): void {
    const { badMessages, badReason } = count;
    const before = this.#seen.get(source) ?? 0;
    if (badMessages === before) return;
    this.#seen.set(source, badMessages);
    const line = this.#limiter.line(`${source}: ${badMessages} bad messages, the newest: ${badReason}`, nowNs);
    if (line !== undefined) this.#write(line);
  }

  /** Tells the end of a burst. Call it as often as {@link look}. */
  onTimer(nowNs: number): void {
    const line = this.#limiter.rest(nowNs);
    if (line !== undefined) this.#write(line);
  }
}
