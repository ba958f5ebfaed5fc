import { BookState } from '../contract/record.ts';
import type { FeedCounters } from './market-adapter.ts';

/** Counters of a feed that has not begun. */
export function newFeedCounters(): FeedCounters {
  return {
    depth: 0,
    trades: 0,
    quotes: 0,
    discarded: 0,
    applied: 0,
    gaps: 0,
    resyncs: 0,
    badMessages: 0,
    badReason: '',
    checksums: 0,
    checksumFailures: 0,
    state: BookState.connecting,
    stateReason: '',
    tradesReason: '',
    feedLagNs: 0,
  };
}

/** Counts a message that could not be used. One of nobody's counts with the first: it must show up in some report. */
export function countBad(counters: readonly FeedCounters[], instrument: number, reason: string): void {
  const own = counters[Math.max(0, instrument)] as FeedCounters;
  own.badMessages++;
  own.badReason = reason;
}
