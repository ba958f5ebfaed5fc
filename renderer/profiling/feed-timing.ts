/** How far behind the venue the page's market is: figures of the engine, made ready for the screen, and their recent past. */
import type { FeedStats } from '../../engine/contract/trading-messages.ts';

/** Below this change a lag counts as steady, ns per second. */
const STEADY_NS_PER_S = 500_000;

/** Lag of the feed with the clock offset taken out, ns: what is left is the way of the data. Raw while no offset is known. */
export function feedLagNs(feed: Pick<FeedStats, 'feedLagNs' | 'clock'>): number {
  return feed.feedLagNs + (feed.clock?.offsetNs ?? 0);
}

export type LagTrend = 'rising' | 'steady' | 'falling';

export function lagTrend(slopeNsPerS: number | undefined): LagTrend {
  if (slopeNsPerS === undefined || Math.abs(slopeNsPerS) < STEADY_NS_PER_S) return 'steady';
  return slopeNsPerS > 0 ? 'rising' : 'falling';
}

/** Samples kept per instrument: some minutes, at the engine's rate of stats. */
export const LAG_SAMPLES = 240;

/** The last lags of every instrument, in rings. */
export class LagHistory {
  readonly #rings = new Map<number, { lags: Float64Array; written: number }>();

  clear(): void {
    this.#rings.clear();
  }

  /** Takes the lags of one stats message; an instrument whose book gets nothing has no lag to speak of. */
  record(feeds: readonly FeedStats[]): void {
    for (const [instrument, feed] of feeds.entries()) {
      if (feed.removed || feed.feedLagNs === 0) continue;
      let ring = this.#rings.get(instrument);
      if (!ring) {
        ring = { lags: new Float64Array(LAG_SAMPLES), written: 0 };
        this.#rings.set(instrument, ring);
      }
      ring.lags[ring.written % LAG_SAMPLES] = feedLagNs(feed);
      ring.written++;
    }
  }

  /** Oldest first, ns. */
  lagsNs(instrument: number): number[] {
    const ring = this.#rings.get(instrument);
    if (!ring) return [];
    const count = Math.min(ring.written, LAG_SAMPLES);
    return Array.from({ length: count }, (_, i) => ring.lags[(ring.written - count + i) % LAG_SAMPLES] as number);
  }
}

/** A clock offset in the unit that reads best, always signed: `−1.270 s`, `+12.4 ms`. */
export function formatOffsetNs(ns: number): string {
  const sign = ns < 0 ? '−' : '+';
  const size = Math.abs(ns);
  if (size >= 1e9) return `${sign}${(size / 1e9).toFixed(3)} s`;
  return `${sign}${(size / 1e6).toFixed(size < 1e8 ? 1 : 0)} ms`;
}

/** A lag, which is below zero where the offset is not exact: `12.3 ms`, `−0.2 ms`. */
export function formatLagNs(ns: number): string {
  const sign = ns < -50_000 ? '−' : '';
  const size = Math.abs(ns);
  if (size >= 1e9) return `${sign}${(size / 1e9).toFixed(2)} s`;
  return `${sign}${(size / 1e6).toFixed(size < 1e8 ? 1 : 0)} ms`;
}
