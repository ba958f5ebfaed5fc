import type { FlowRegime } from './flow-regime.ts';
import type { MarketSource } from './market-source.ts';
import { OrderFlow } from './order-flow.ts';
import { type FeedSink, SimulatedMarket } from './simulated-market.ts';
import type { SymbolSpec } from './symbol-spec.ts';

/** Who is told of the markets: events as they happen, and when books are due. */
export interface MarketsSink extends FeedSink {
  /** Books are published at multiples of this, ms. */
  readonly tickMs: number;
  readonly depthIntervalsMs: readonly number[];
  /** Somebody listens to this symbol. */
  isWanted(symbol: string): boolean;
  /** The clock has reached a multiple of `tickMs`. */
  onTick(timeMs: number): void;
  flush(): void;
}

export interface FeedMarketsOptions {
  seed: number;
  specs: readonly SymbolSpec[];
  /** ms since the epoch. */
  startMs: number;
  /** `off`: empty books and only what is put in. */
  flow?: 'live' | 'off' | undefined;
  regime?: FlowRegime | undefined;
  /** See `MarketOptions.idStep`. */
  idStep?: number | undefined;
  /** See `MarketOptions.keepLevelTimes`. */
  keepLevelTimes?: boolean | undefined;
}

/** A jump of the clock longer than this (sleep, clock set) is passed over instead of being simulated. */
const MAX_CATCH_UP_MS = 5000;
/** Ids begin at the clock times this: above all that an earlier run can have given, and below 2^53 until the year 2250. */
const IDS_PER_MS = 1000;

/** A market that nobody has asked for or listened to for this long rests until somebody does again. */
const REST_AFTER_MS = 60_000;
const REST_CHECK_MS = 10_000;

/**
 * Markets of one protocol without an account: each opens, with its own seeded flow, when somebody first asks for it, and
 * rests while nobody wants it.
 */
export class FeedMarkets implements MarketSource {
  readonly specs: readonly SymbolSpec[];
  readonly markets = new Map<string, SimulatedMarket>();
  readonly #running = new Set<SimulatedMarket>();
  /** When each market was last asked for or found to be listened to, and since when it rests; ms. */
  readonly #wantedMs = new Map<string, number>();
  readonly #restingSinceMs = new Map<string, number>();
  readonly #options: FeedMarketsOptions;
  readonly #listed: ReadonlyMap<string, SymbolSpec>;
  #sink: MarketsSink | undefined;
  #nowMs: number;
  #nextTickMs = 0;

  constructor(options: FeedMarketsOptions) {
    this.#options = options;
    this.specs = options.specs;
    this.#listed = new Map(options.specs.map((spec) => [spec.symbol, spec]));
    this.#nowMs = options.startMs;
  }

  /** To be called once, before any market is asked for: the sink is made from these markets. */
  attach(sink: MarketsSink): void {
    this.#sink = sink;
    this.#nextTickMs = nextMultiple(this.#nowMs, sink.tickMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  marketFor(symbol: string): SimulatedMarket | undefined {
    const open = this.markets.get(symbol);
    this.#wantedMs.set(symbol, this.#nowMs);
    if (open !== undefined) {
      this.#wake(open);
      return open;
    }
    const spec = this.#listed.get(symbol);
    return spec === undefined ? undefined : this.#open(spec);
  }

  opened(symbol: string): SimulatedMarket | undefined {
    return this.markets.get(symbol);
  }

  /** Lets the markets run up to `nowMs` and publishes what happened. A clock that goes back is waited for. */
  advance(nowMs: number): void {
    const sink = this.#attached();
    if (Math.abs(nowMs - this.#nowMs) > MAX_CATCH_UP_MS) this.#skip(nowMs);
    if (nowMs <= this.#nowMs) return;
    if (Math.floor(nowMs / REST_CHECK_MS) > Math.floor(this.#nowMs / REST_CHECK_MS)) this.#letRest();
    if (this.#running.size === 0) {
      this.#nowMs = nowMs;
      this.#nextTickMs = nextMultiple(nowMs, sink.tickMs);
      return;
    }
    for (; this.#nextTickMs <= nowMs; this.#nextTickMs += sink.tickMs) {
      this.#run(this.#nextTickMs);
      for (const market of this.#running) market.publishDepth(this.#nextTickMs);
      sink.onTick(this.#nextTickMs);
    }
    this.#run(nowMs);
    sink.flush();
  }

  #open(spec: SymbolSpec): SimulatedMarket {
    const { seed, flow, regime, idStep = 1, keepLevelTimes = false } = this.#options;
    const sink = this.#attached();
    const firstId = this.#nowMs * IDS_PER_MS;
    const ids = { orderId: firstId, tradeId: this.#nowMs, aggregateId: this.#nowMs, updateId: firstId };
    const market = new SimulatedMarket(spec, ids, sink, {
      depthIntervalsMs: sink.depthIntervalsMs,
      idStep,
      keepLevelTimes,
    });
    market.setTime(this.#nowMs);
    this.markets.set(spec.symbol, market);
    this.#running.add(market);
    if (flow !== 'off') {
      market.flow = new OrderFlow(market, {
        seed,
        symbol: spec.symbol,
        priceTicks: spec.startPriceTicks,
        anchorTicks: spec.startPriceTicks,
        maxPriceTicks: spec.maxPriceTicks,
        typicalLots: spec.typicalLots,
        startMs: this.#nowMs,
        ...(regime === undefined ? {} : { regime }),
      });
      market.flow.seed();
    }
    return market;
  }

  #attached(): MarketsSink {
    if (this.#sink === undefined) throw new Error('Expected a sink to be attached before the markets are used');
    return this.#sink;
  }

  #letRest(): void {
    for (const market of this.#running) {
      const { symbol } = market.spec;
      if (this.#attached().isWanted(symbol)) this.#wantedMs.set(symbol, this.#nowMs);
      else if (this.#nowMs - (this.#wantedMs.get(symbol) ?? 0) > REST_AFTER_MS) {
        this.#running.delete(market);
        this.#restingSinceMs.set(symbol, this.#nowMs);
      }
    }
  }

  #wake(market: SimulatedMarket): void {
    const since = this.#restingSinceMs.get(market.spec.symbol);
    if (since === undefined) return;
    this.#restingSinceMs.delete(market.spec.symbol);
    market.flow?.skip(this.#nowMs - since);
    market.setTime(this.#nowMs);
    this.#running.add(market);
  }

  #run(toMs: number): void {
    for (const market of this.#running) {
      market.flow?.advance(toMs);
      market.setTime(toMs);
    }
    this.#nowMs = toMs;
  }

  #skip(nowMs: number): void {
    const ms = nowMs - this.#nowMs;
    this.#nowMs = nowMs;
    this.#nextTickMs = nextMultiple(nowMs, this.#attached().tickMs);
    for (const market of this.#running) {
      market.flow?.skip(ms);
      market.setTime(nowMs);
    }
  }
}

/** The first multiple of `stepMs` after `timeMs`. */
function nextMultiple(timeMs: number, stepMs: number): number {
  return (Math.floor(timeMs / stepMs) + 1) * stepMs;
}
