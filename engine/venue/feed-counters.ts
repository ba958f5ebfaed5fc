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
    state: BookState.connecting,
    stateReason: '',
    tradesReason: '',
    feedLagNs: 0,
  };
}
