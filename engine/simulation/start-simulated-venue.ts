import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { FlowRegime } from './flow-regime.ts';
import { noFaults, type VenueFaults } from './protocol/faults.ts';
import { MarketStreams } from './protocol/market-streams.ts';
import { RateLimits } from './protocol/rate-limits.ts';
import { handleRest } from './protocol/rest-api.ts';
import { WebSocketApi } from './protocol/web-socket-api.ts';
import { type ExchangeSink, SimulatedExchange } from './simulated-exchange.ts';

export interface SimulatedVenueConfig {
  seed: number;
  symbols: readonly string[];
  /** 0 (default) for any free port of 127.0.0.1. */
  port?: number;
  apiKey: string;
  apiSecret: string;
  /** Where orders and balances outlive the process; undefined: nowhere. */
  dataDir?: string;
  /** `live` (default): seeded background trading. `off`: empty books and only what is injected. */
  flow?: 'live' | 'off';
  /** Stay in one regime of the flow. */
  regime?: FlowRegime;
  /** Order rate limit; default 100. */
  ordersPerTenSeconds?: number;
  /** ms since the epoch; default the system's clock. */
  nowMs?: () => number;
  /** Advance with real time by a timer; default true. Without it call `exchange.advance` by hand. */
  autoAdvance?: boolean;
}

export interface SimulatedVenue {
  port: number;
  restUrl: string;
  streamUrl: string;
  apiUrl: string;
  exchange: SimulatedExchange;
  /** What goes wrong, on demand. */
  faults: VenueFaults;
  /** Cut all market stream or order entry connections without a close frame. */
  cutStreams(): void;
  cutApi(): void;
  close(): Promise<void>;
}

/** The flow moves this often: finer than a screen frame, coarse enough to cost little. */
const ADVANCE_MS = 4;
const PING_MS = 20_000;
const MAX_REQUEST_BYTES = 256 * 1024;

/**
 * Starts the simulated exchange with its REST, stream and WebSocket API servers on 127.0.0.1.
 * Rejects when the port is taken, a symbol is no name, or the store in `dataDir` is damaged.
 */
export async function startSimulatedVenue(config: SimulatedVenueConfig): Promise<SimulatedVenue> {
  const nowMs = config.nowMs ?? Date.now;
  const faults = noFaults();
  const limits = new RateLimits(config.ordersPerTenSeconds);
  const credentials = { apiKey: config.apiKey, apiSecret: config.apiSecret };
  const streams = new MarketStreams(faults, nowMs);
  const api = new WebSocketApi(credentials, limits, faults, nowMs);
  const sink: ExchangeSink = {
    onTrade: (market, trade) => streams.onTrade(market, trade),
    onAggregateTrade: (market, trade, id, first) => streams.onAggregateTrade(market, trade, id, first),
    onQuote: (market) => streams.onQuote(market),
    onDepth: (market, interval, first, bids, asks) => streams.onDepth(market, interval, first, bids, asks),
    onExecution: (market, type, order, fill, reason, cancelId) =>
      api.onExecution(market, type, order, fill, reason, cancelId),
    onBalances: (assets, timeMs) => api.onBalances(assets, timeMs),
    flush: () => {
      streams.flush();
      api.flush();
    },
  };
  const exchange = new SimulatedExchange({ ...config, startMs: nowMs() }, sink);
  api.exchange = exchange;
  const context = { exchange, limits, faults, credentials, nowMs };

  const server = createServer((request, response) => handleRest(context, request, response));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_REQUEST_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const path = request.url ?? '/';
    // A peer that resets while connecting only loses its own connection.
    socket.on('error', () => socket.destroy());
    const isApi = path === '/ws-api/v3' || path.startsWith('/ws-api/v3?');
    if (!isApi && !/^\/(ws|stream)([/?]|$)/.test(path)) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // A broken peer only ends its own connection; `close` follows.
      client.on('error', () => client.terminate());
      if (isApi) api.accept(client);
      else streams.accept(client, path);
    });
  });

  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(config.port ?? 0, '127.0.0.1', resolve);
    });
  } catch (error) {
    exchange.close();
    throw error;
  }
  const alive = new WeakSet<WebSocket>();
  const pinging = setInterval(() => pingAll(sockets, alive, nowMs()), PING_MS);
  const advancing = config.autoAdvance === false ? undefined : setInterval(() => exchange.advance(nowMs()), ADVANCE_MS);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    restUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}/stream`,
    apiUrl: `ws://127.0.0.1:${port}/ws-api/v3`,
    exchange,
    faults,
    cutStreams: () => streams.cut(),
    cutApi: () => api.cut(),
    close: async () => {
      clearInterval(pinging);
      clearInterval(advancing);
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      exchange.close();
    },
  };
}

/** Pings every client; one that has not answered the ping before is cut. */
function pingAll(sockets: WebSocketServer, alive: WeakSet<WebSocket>, nowMs: number): void {
  for (const client of sockets.clients) {
    if (client.listenerCount('pong') === 0) client.on('pong', () => alive.add(client));
    else if (!alive.has(client)) {
      client.terminate();
      continue;
    }
    alive.delete(client);
    client.ping(String(nowMs));
  }
}
