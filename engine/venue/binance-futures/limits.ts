import type { VenueLimits } from '../venue-limits.ts';
import { type FuturesMarket, futuresHosts } from './stream-routes.ts';

/** developers.binance.com, derivatives. */
export const binanceFuturesLimits: Readonly<Record<FuturesMarket, VenueLimits>> = {
  usdm: limitsOf('usdm'),
  coinm: limitsOf('coinm'),
};

function limitsOf(market: FuturesMarket): VenueLimits {
  return {
    address: { restUrl: futuresHosts[market].rest, streamUrl: futuresHosts[market].stream },
    // 10 a second, pings and pongs included.
    messages: [{ count: 8, perMs: 1_000 }],
    connects: [{ count: 300, perMs: 300_000 }],
    connectionLifetimeMs: 24 * 3_600_000,
    // It pings every 3 minutes only, and a connection with trades alone may have nothing to say for long.
    silenceLimitMs: 60_000,
    socketPingMs: 20_000,
    requests: { weight: 2_400, perMs: 60_000, reserved: 240 },
    usedWeightHeader: 'x-mbx-used-weight-1m',
    // 1,000 levels.
    snapshotWeight: 20,
    refusals: { 429: 0, 418: 120_000, 403: 60_000 },
  };
}
