import type { MarketProtocol } from '../contract/market-protocol.ts';
import { BookMemory } from './dialect/book-memory.ts';
import { createDialect } from './dialect/create-dialect.ts';
import {
  type Dialect,
  type DialectClient,
  type DialectContext,
  type DialectSession,
  type FeedFaults,
  type HeaderReader,
  noFeedFaults,
  type RestAnswer,
  type RestRequest,
} from './dialect/dialect.ts';
import { feedSpecs } from './dialect/venue-listing.ts';
import { FeedMarkets } from './feed-markets.ts';
import type { FlowRegime } from './flow-regime.ts';
import type { MarketSource } from './market-source.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** Markets that run with a clock. */
export interface RunningMarkets extends MarketSource {
  /** Those that are open, by symbol. */
  readonly markets: ReadonlyMap<string, SimulatedMarket>;
  advance(nowMs: number): void;
}

export interface FeedVenueOptions {
  protocol: MarketProtocol;
  seed: number;
  /** ms since the epoch. */
  startMs: number;
  /** As the venue spells them; default its usual list. */
  symbols?: readonly string[] | undefined;
  flow?: 'live' | 'off' | undefined;
  regime?: FlowRegime | undefined;
  faults?: FeedFaults | undefined;
  /** Copies of each book that can be compared with; default a few seconds' worth. */
  rememberedBooks?: number | undefined;
  /** See {@link DialectContext.checksums}; default true. */
  checksums?: boolean | undefined;
}

/**
 * One protocol of the simulated venue without sockets: its markets, and the dialect that speaks of them. All time is what
 * {@link advance} says, so thousands of sessions can run in a minute; the loopback server only adds sockets.
 */
export class FeedVenue {
  readonly dialect: Dialect;
  readonly markets: RunningMarkets;
  /** The venue's own books at the ids that it has told. */
  readonly memory: BookMemory;
  readonly #faults: FeedFaults;

  constructor(dialect: Dialect, context: DialectContext, markets: RunningMarkets) {
    this.dialect = dialect;
    this.markets = markets;
    this.memory = context.memory;
    this.#faults = context.faults;
  }

  get protocol(): MarketProtocol {
    return this.dialect.protocol;
  }

  /** Lets the markets run up to `nowMs`; what they caused has been sent when it returns. */
  advance(nowMs: number): void {
    this.markets.advance(nowMs);
    this.dialect.onTimer(this.markets.nowMs);
  }

  /** HTTP status that a connection is refused with, 0 when it may be opened. `path` as in {@link connect}. */
  refuses(path: string, header: HeaderReader = () => undefined): number {
    if (!this.dialect.accepts(path)) return 404;
    return this.#faults.connection(this.protocol, path) || this.dialect.admit(header);
  }

  /** `path` with its query, relative to the protocol's base address. A number is the HTTP status of a refusal. */
  connect(client: DialectClient, path: string): DialectSession | number {
    return this.refuses(path) || this.dialect.open(client, path);
  }

  rest(request: RestRequest): RestAnswer {
    const refused = this.#faults.request(this.protocol, request.path);
    return refused === 0 ? this.dialect.rest(request) : this.dialect.refusal(refused);
  }
}

/** A venue of one protocol on its own: what a sweep runs. Binance spot comes without its order entry. */
export function createFeedVenue(options: FeedVenueOptions): FeedVenue {
  const { protocol, seed, startMs, flow, regime } = options;
  const specs = feedSpecs(protocol, options.symbols);
  const idStep = protocol === 'binance-usdm' || protocol === 'binance-coinm' ? 40 : 1;
  const markets = new FeedMarkets({
    seed,
    specs,
    startMs,
    flow,
    regime,
    idStep,
    keepLevelTimes: protocol === 'kraken',
  });
  const context: DialectContext = {
    protocol,
    markets,
    faults: options.faults ?? noFeedFaults,
    memory: new BookMemory(options.rememberedBooks),
    checksums: options.checksums ?? true,
  };
  const dialect = createDialect(context);
  markets.attach(dialect);
  return new FeedVenue(dialect, context, markets);
}
