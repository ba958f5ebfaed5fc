import type { VenueLimits } from '../venue-limits.ts';

/** web-socket-streams.md and rest-api.md of binance-spot-api-docs, 2026-07-21. */
export const binanceSpotLimits: VenueLimits = {
  address: { restUrl: 'https://api.binance.com', streamUrl: 'wss://stream.binance.com:9443' },
  // 5 a second, pings and pongs included.
  messages: [{ count: 4, perMs: 1_000 }],
  connects: [{ count: 300, perMs: 300_000 }],
  connectionLifetimeMs: 24 * 3_600_000,
  // It pings every 20 s.
  silenceLimitMs: 60_000,
  socketPingMs: 0,
  requests: { weight: 6_000, perMs: 60_000, reserved: 600 },
  usedWeightHeader: 'x-mbx-used-weight-1m',
  snapshotWeight: 250,
  refusals: { 429: 0, 418: 120_000, 403: 60_000 },
};
