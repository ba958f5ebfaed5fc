import { type MarketProtocol, marketProtocols } from '../contract/market-protocol.ts';
import type { VenueAddress } from '../contract/settings.ts';
import { BinanceDialect } from './dialect/binance-dialect.ts';
import { BookMemory } from './dialect/book-memory.ts';
import type { FeedFaults } from './dialect/dialect.ts';
import { spotVariant } from './dialect/spot-variant.ts';
import { createFeedVenue, FeedVenue } from './feed-venue.ts';
import type { FlowRegime } from './flow-regime.ts';
import { FaultMenu } from './faults/fault-menu.ts';
import { FeedFaultMenu } from './faults/feed-fault-menu.ts';
import { systemLinkClock } from './faults/link-clock.ts';
import { type VenueConnection, VenueConnections } from './faults/venue-connections.ts';
import { LoopbackServer } from './protocol/loopback-server.ts';
import { RateLimits } from './protocol/rate-limits.ts';
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
  /** What goes wrong in the feeds; default what {@link SimulatedVenue.faults} is told. */
  feedFaults?: FeedFaults;
  /** Copies of each book that are remembered; default a few seconds' worth. */
  rememberedBooks?: number;
  /** False: OKX sends its checksums as 0; default true. */
  checksums?: boolean;
  /** Symbols of the protocols beside Binance spot, as they spell them; default their usual lists. */
  feedSymbols?: Partial<Record<MarketProtocol, readonly string[]>>;
  /** Advance with real time by a timer; default true. Without it call `exchange.advance` by hand. */
  autoAdvance?: boolean;
}

export interface SimulatedVenue {
  port: number;
  restUrl: string;
  streamUrl: string;
  apiUrl: string;
  /** Base addresses of every protocol: what follows is the venue's own path. */
  addresses: Record<MarketProtocol, VenueAddress>;
  exchange: SimulatedExchange;
  /** What goes wrong, on demand. */
  faults: FaultMenu;
  /** The feed of a protocol, opened where nobody has asked for it yet. */
  feed(protocol: MarketProtocol): FeedVenue;
  /** Open stream connections of all protocols. */
  connections: Iterable<VenueConnection>;
  /** Lets everything run up to `nowMs`. */
  advance(nowMs: number): void;
  /** Cut all market stream or order entry connections without a close frame. */
  cutStreams(): void;
  cutApi(): void;
  close(): Promise<void>;
}

/** The flow moves this often: finer than a screen frame, coarse enough to cost little. */
const ADVANCE_MS = 4;

/**
 * Starts the simulated exchange on 127.0.0.1: Binance spot with order entry, and the feeds of the other protocols, each of
 * which costs nothing until somebody asks for it.
 * Rejects when the port is taken, a symbol is no name, or the store in `dataDir` is damaged.
 */
export async function startSimulatedVenue(config: SimulatedVenueConfig): Promise<SimulatedVenue> {
  const nowMs = config.nowMs ?? Date.now;
  const faults = new FaultMenu(nowMs);
  const feedFaults = config.feedFaults ?? new FeedFaultMenu(faults, config.seed, nowMs);
  const limits = new RateLimits(config.ordersPerTenSeconds);
  const credentials = { apiKey: config.apiKey, apiSecret: config.apiSecret };
  const api = new WebSocketApi(credentials, limits, faults, nowMs);
  let spot: FeedVenue | undefined;
  const sink: ExchangeSink = {
    onTrade: (market, trade) => spot?.dialect.onTrade(market, trade),
    onAggregateTrade: (market, trade, id, first) => spot?.dialect.onAggregateTrade(market, trade, id, first),
    onQuote: (market) => spot?.dialect.onQuote(market),
    onDepth: (market, change) => spot?.dialect.onDepth(market, change),
    onExecution: (market, type, order, fill, reason, cancelId) =>
      api.onExecution(market, type, order, fill, reason, cancelId),
    onBalances: (assets, timeMs) => api.onBalances(assets, timeMs),
    flush: () => {
      spot?.dialect.flush();
      api.flush();
    },
  };
  const exchange = new SimulatedExchange({ ...config, startMs: nowMs() }, sink);
  api.exchange = exchange;
  const memory = new BookMemory(config.rememberedBooks);
  const parts = { markets: exchange, faults: feedFaults, memory, checksums: true };
  const context = { protocol: 'binance-spot', ...parts, limits, credentials, nowMs } as const;
  spot = new FeedVenue(new BinanceDialect(context, spotVariant(context)), context, exchange);

  const feeds = new Map<MarketProtocol, FeedVenue>([['binance-spot', spot]]);
  const feed = (wanted: MarketProtocol): FeedVenue => {
    const open = feeds.get(wanted);
    if (open !== undefined) return open;
    const { seed, flow, regime, rememberedBooks, checksums } = config;
    const symbols = config.feedSymbols?.[wanted];
    const options = { seed, flow, regime, rememberedBooks, checksums, symbols, faults: feedFaults };
    const opened = createFeedVenue({ protocol: wanted, ...options, startMs: nowMs() });
    feeds.set(wanted, opened);
    return opened;
  };
  const advance = (toMs: number): void => {
    for (const one of feeds.values()) one.advance(toMs);
  };

  const connections = new VenueConnections(systemLinkClock, () => feeds.values());
  faults.onInstant = (status) => connections.act(status);
  const server = new LoopbackServer({
    faults,
    connections,
    apiKey: config.apiKey,
    seed: config.seed,
    nowMs,
    feed,
    acceptApi: (socket) => api.accept(socket),
    catchUp: (of) => feeds.get(of)?.advance(nowMs()),
  });
  let port: number;
  try {
    port = await server.listen(config.port ?? 0);
  } catch (error) {
    exchange.close();
    throw error;
  }
  const advancing = config.autoAdvance === false ? undefined : setInterval(() => advance(nowMs()), ADVANCE_MS);
  const base = `127.0.0.1:${port}`;
  return {
    port,
    restUrl: `http://${base}`,
    streamUrl: `ws://${base}/stream`,
    apiUrl: `ws://${base}/ws-api/v3`,
    addresses: Object.fromEntries(
      marketProtocols.map((name) => [name, { restUrl: `http://${base}/${name}`, streamUrl: `ws://${base}/${name}` }]),
    ) as Record<MarketProtocol, VenueAddress>,
    exchange,
    faults,
    feed,
    connections: connections.open,
    advance,
    cutStreams: () => connections.cutAll(),
    cutApi: () => api.cut(),
    close: async () => {
      clearInterval(advancing);
      await server.close();
      exchange.close();
    },
  };
}
