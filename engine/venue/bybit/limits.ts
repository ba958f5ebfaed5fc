import type { VenueLimits } from '../venue-limits.ts';

/** bybit-exchange/docs, 2026-07-24. */
export const bybitLimits: VenueLimits = {
  address: { restUrl: 'https://api.bybit.com', streamUrl: 'wss://stream.bybit.com' },
  // No number is published for public streams; a subscription takes ten topics.
  messages: [{ count: 10, perMs: 1_000 }],
  connects: [{ count: 500, perMs: 300_000 }],
  connectionLifetimeMs: 0,
  // It answers the ping of every 20 s.
  silenceLimitMs: 60_000,
  socketPingMs: 0,
  // 600 requests in 5 s; beyond, 403 and ten minutes.
  requests: { weight: 600, perMs: 5_000, reserved: 300 },
  usedWeightHeader: '',
  snapshotWeight: 0,
  refusals: { 403: 600_000, 429: 0 },
};
