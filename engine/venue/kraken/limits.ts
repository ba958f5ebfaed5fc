import type { VenueLimits } from '../venue-limits.ts';

/** docs.kraken.com, WebSocket v1. */
export const krakenLimits: VenueLimits = {
  address: { restUrl: 'https://api.kraken.com', streamUrl: 'wss://ws.kraken.com' },
  // Not published; it drops clients that send "too much".
  messages: [{ count: 5, perMs: 1_000 }],
  // About 150 in a sliding 10 minutes, by the front's own protection.
  connects: [{ count: 140, perMs: 600_000 }],
  connectionLifetimeMs: 0,
  // A heartbeat a second.
  silenceLimitMs: 60_000,
  socketPingMs: 0,
  // Public calls: about one a second.
  requests: { weight: 10, perMs: 10_000, reserved: 3 },
  usedWeightHeader: '',
  snapshotWeight: 0,
  refusals: { 429: 10_000 },
};
