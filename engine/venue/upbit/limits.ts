import type { VenueLimits } from '../venue-limits.ts';

/**
 * docs.upbit.com/kr, v1.6.4. A request with an `Origin` header may come once in 10 s only: a Node client sends none, a
 * page would. Frames arrive as binary: UTF-8 JSON.
 */
export const upbitLimits: VenueLimits = {
  address: { restUrl: 'https://api.upbit.com', streamUrl: 'wss://api.upbit.com' },
  messages: [
    { count: 5, perMs: 1_000 },
    { count: 100, perMs: 60_000 },
  ],
  connects: [{ count: 5, perMs: 1_000 }],
  connectionLifetimeMs: 0,
  // It answers the ping of every 20 s, and cuts after 120 s without any.
  silenceLimitMs: 60_000,
  socketPingMs: 0,
  // Quotation: 10 a second. Orders have a group of their own.
  requests: { weight: 10, perMs: 1_000, reserved: 2 },
  usedWeightHeader: '',
  snapshotWeight: 0,
  refusals: { 429: 1_000, 418: 60_000 },
};
