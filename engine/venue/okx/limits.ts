import type { VenueLimits } from '../venue-limits.ts';

/** okx.com/docs-v5. */
export const okxLimits: VenueLimits = {
  address: { restUrl: 'https://www.okx.com', streamUrl: 'wss://ws.okx.com:8443' },
  // 480 subscriptions and log-ins an hour; the ping of every 20 s is none, but goes through the same gate: 180 of them.
  messages: [
    { count: 3, perMs: 1_000 },
    { count: 480, perMs: 3_600_000 },
  ],
  connects: [{ count: 3, perMs: 1_000 }],
  connectionLifetimeMs: 0,
  // It answers the ping of every 20 s, and cuts after 30 s of silence.
  silenceLimitMs: 60_000,
  socketPingMs: 0,
  // Instruments: 20 in 2 s.
  requests: { weight: 20, perMs: 2_000, reserved: 10 },
  usedWeightHeader: '',
  snapshotWeight: 0,
  refusals: { 429: 2_000 },
};
