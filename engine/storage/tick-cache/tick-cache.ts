import type { TickColumns } from './tick-columns.ts';

export type TickKind = 'trade' | 'quote';

/** Where the ticks of a batch are in their journal: what live readers need to see repeats and holes. */
export interface LiveOrigin {
  journalId: string;
  /** Journal sequence of each tick of the batch, rising. */
  sequences: readonly number[];
  /** That of the tick of the same series and kind before the batch; 0 where it is the first one of the journal. */
  previousSequence: number;
}

/**
 * Newest ticks by series and kind, with the semantics of a Redis sorted set: score = exchange time, members unique,
 * trimmed to the newest `capacity`. A cache: it may lose everything at any time. Whoever fills it replaces what it holds
 * whenever ticks may have been lost, so that it never has a hole.
 */
export interface TickCache {
  readonly kind: 'memory' | 'redis' | 'redis-cluster';
  /** Host and port, never a URL (it may hold a password); empty for memory. */
  readonly server: string;
  /** Ticks kept a series and kind. */
  readonly capacity: number;
  /** Rises whenever ticks may have been lost: a connection was closed, a server restarted or failed over. */
  readonly epoch: number;
  /** Resolves once commands can be sent. @throws Error saying why they cannot, within a few seconds. */
  open(): Promise<void>;
  /**
   * Adds ticks in any order; those already there change nothing. `seriesName`: see tick-series.ts. With `live`, readers of
   * the live stream see them too, where there is one.
   * @throws Error when they, or some of them, may not have been added: add them again.
   */
  add(seriesName: string, kind: TickKind, ticks: TickColumns, live?: LiveOrigin): Promise<void>;
  /** What is held becomes the newest of these ticks, at once: readers see the old or the new. */
  replace(seriesName: string, kind: TickKind, ticks: TickColumns): Promise<void>;
  /** Newest `limit` ticks with timeUs < `beforeUs`, oldest first. */
  newest(seriesName: string, kind: TickKind, beforeUs: number, limit: number): Promise<TickColumns>;
  count(seriesName: string, kind: TickKind): Promise<number>;
  close(): Promise<void>;
}

export const DEFAULT_TICK_CAPACITY = 10_000;

/** @throws RangeError */
export function checkCapacity(capacity: number): number {
  if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`Expected a capacity >= 1, was ${capacity}`);
  return capacity;
}
