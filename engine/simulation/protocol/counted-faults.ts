import { type FeedFaults, noFeedFaults } from '../dialect/dialect.ts';
import type { VenueFaults } from './faults.ts';

/** The feed's part of {@link VenueFaults}: what is counted down there takes hold here. */
export function countedFaults(faults: VenueFaults): FeedFaults {
  return {
    ...noFeedFaults,
    book: (_protocol, update) => {
      if (faults.loseDepthUpdates === 0) return [update];
      faults.loseDepthUpdates--;
      return [];
    },
    snapshot: () => {
      if (faults.failSnapshots === 0) return { delayMs: 0, stale: false, status: 200 };
      faults.failSnapshots--;
      return { delayMs: 0, stale: false, status: 500 };
    },
    payload: (_protocol, _symbol, kind, payload) =>
      faults.stallStreams && kind !== 'control' && kind !== 'snapshot' ? undefined : payload,
  };
}
