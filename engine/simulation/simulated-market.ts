import { Side } from '../contract/units.ts';
import type { MarketIds } from './market-ids.ts';
import { MatchingEngine, type MatchListener } from './matching-engine.ts';
import type { FlowMarket, OrderFlow } from './order-flow.ts';
import type { SymbolSpec } from './symbol-spec.ts';

/** Levels that changed since the last publication at one interval. */
export interface DepthChange {
  intervalMs: number;
  /** Ids of the first change of it, and of the last one of the publication before. */
  firstUpdateId: number;
  previousUpdateId: number;
  /** Prices, best first; their totals as of now are the engine's. */
  bidTicks: number[];
  askTicks: number[];
}

/** Public market data as it happens; the receiver encodes it at once and sends it when the exchange flushes. */
export interface FeedSink {
  onTrade(market: SimulatedMarket, trade: PublicTrade): void;
  /** All trades of one taker order at one price. */
  onAggregateTrade(market: SimulatedMarket, trade: PublicTrade, aggregateId: number, firstTradeId: number): void;
  /** The best bid or ask has a new price or size. */
  onQuote(market: SimulatedMarket): void;
  /** What changed up to `market.updateId`. */
  onDepth(market: SimulatedMarket, change: DepthChange): void;
}

/** The object is reused: copy what must outlive the call. */
export interface PublicTrade {
  tradeId: number;
  priceTicks: number;
  sizeLots: number;
  takerSide: Side;
  timeMs: number;
}

/** A trade with an order of the account on one side (or both). */
export type OwnTradeListener = (market: SimulatedMarket, orderId: number, trade: PublicTrade, isMaker: boolean) => void;

interface DirtyLevels {
  readonly intervalMs: number;
  readonly bids: Set<number>;
  readonly asks: Set<number>;
  /** Update id of the first change since; 0 when there is none. */
  first: number;
  /** Last update id published at this interval. */
  sent: number;
}

export interface MarketOptions {
  onOwnTrade?: OwnTradeListener;
  /** Intervals at which changed levels are collected for {@link FeedSink.onDepth}; default none. */
  depthIntervalsMs?: readonly number[];
  /** Up to this many update ids are passed over at a change, as where ids count for all symbols; default 1: none. */
  idStep?: number;
  /** Keep the time of each level's last change. */
  keepLevelTimes?: boolean;
}

const noOwnTrade: OwnTradeListener = (market, orderId) => {
  throw new RangeError(`Expected no order of an account on ${market.spec.symbol}, was ${orderId}`);
};

/** One listed symbol: matching engine, its counters, and the public feed made from what happens in it. */
export class SimulatedMarket implements MatchListener, FlowMarket {
  readonly spec: SymbolSpec;
  readonly engine: MatchingEngine;
  readonly ids: MarketIds;
  /** Symbol as stream names spell it. */
  readonly streamPrefix: string;
  flow: OrderFlow | undefined;
  lastPriceTicks: number;
  timeMs = 0;
  /** Best levels as last published. */
  quote = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 };
  readonly #sink: FeedSink;
  readonly #onOwnTrade: OwnTradeListener;
  readonly #own = new Set<number>();
  readonly #dirty: DirtyLevels[];
  readonly #idStep: number;
  /** By price, ms since the epoch; undefined when they are not kept. */
  readonly #levelTimes: { bids: Map<number, number>; asks: Map<number, number> } | undefined;
  readonly #trade: PublicTrade = { tradeId: 0, priceTicks: 0, sizeLots: 0, takerSide: Side.none, timeMs: 0 };
  readonly #aggregate: PublicTrade = { tradeId: 0, priceTicks: 0, sizeLots: 0, takerSide: Side.none, timeMs: 0 };
  #aggregateFirstId = 0;
  readonly #scratch = new Float64Array(64);

  constructor(spec: SymbolSpec, ids: MarketIds, sink: FeedSink, options: MarketOptions = {}) {
    this.spec = spec;
    this.streamPrefix = spec.symbol.toLowerCase();
    this.ids = ids;
    this.lastPriceTicks = spec.startPriceTicks;
    this.#sink = sink;
    this.#onOwnTrade = options.onOwnTrade ?? noOwnTrade;
    this.#idStep = options.idStep ?? 1;
    this.#levelTimes = options.keepLevelTimes === true ? { bids: new Map(), asks: new Map() } : undefined;
    this.engine = new MatchingEngine(this, { maxPriceTicks: spec.maxPriceTicks });
    this.#dirty = (options.depthIntervalsMs ?? []).map((intervalMs) => ({
      intervalMs,
      bids: new Set(),
      asks: new Set(),
      first: 0,
      sent: ids.updateId,
    }));
  }

  get bestBidTicks(): number {
    return this.engine.bestBidTicks;
  }
  get bestAskTicks(): number {
    return this.engine.bestAskTicks;
  }
  get updateId(): number {
    return this.ids.updateId;
  }

  setTime(timeMs: number): void {
    this.timeMs = timeMs;
  }

  topLots(side: Side, levels: number): number {
    const count = this.engine.copyLevels(side, this.#scratch, levels);
    let lots = 0;
    for (let i = 0; i < count; i++) lots += this.#scratch[i * 2 + 1] as number;
    return lots;
  }

  placeBackground(side: Side, priceTicks: number, sizeLots: number): number {
    const id = this.ids.orderId + 1;
    if (!this.engine.postOnly(id, side, this.#onBand(side, priceTicks), sizeLots)) return 0;
    this.ids.orderId = id;
    this.#settle();
    return id;
  }

  takeBackground(side: Side, limitTicks: number, sizeLots: number): void {
    this.engine.immediateOrCancel(++this.ids.orderId, side, limitTicks, sizeLots);
    this.#settle();
  }

  cancelBackground(orderId: number): void {
    this.engine.cancel(orderId);
    this.#settle();
  }

  /** Takes the next order id for an order of the account: its trades are told to the account from now on. */
  newOwnOrderId(): number {
    const id = ++this.ids.orderId;
    this.#own.add(id);
    return id;
  }
  /** Registers an order read back from the store. */
  adoptOwnOrder(orderId: number): void {
    this.#own.add(orderId);
  }
  forgetOwnOrder(orderId: number): void {
    this.#own.delete(orderId);
  }

  /** Runs engine calls of one operation and publishes what they caused. */
  operate<T>(action: (engine: MatchingEngine) => T): T {
    const result = action(this.engine);
    this.#settle();
    return result;
  }

  onTrade(
    makerId: number,
    takerId: number,
    takerSide: Side,
    priceTicks: number,
    sizeLots: number,
    makerLeft: number,
  ): void {
    const trade = this.#trade;
    trade.tradeId = ++this.ids.tradeId;
    trade.priceTicks = priceTicks;
    trade.sizeLots = sizeLots;
    trade.takerSide = takerSide;
    trade.timeMs = this.timeMs;
    this.lastPriceTicks = priceTicks;
    this.#sink.onTrade(this, trade);
    const aggregate = this.#aggregate;
    if (aggregate.sizeLots > 0 && aggregate.priceTicks !== priceTicks) this.#publishAggregate();
    if (aggregate.sizeLots === 0) this.#aggregateFirstId = trade.tradeId;
    const total = aggregate.sizeLots + sizeLots;
    Object.assign(aggregate, trade);
    aggregate.sizeLots = total;
    if (this.#own.has(makerId)) this.#onOwnTrade(this, makerId, trade, true);
    else if (makerLeft === 0) this.flow?.orderGone(makerId);
    if (this.#own.has(takerId)) this.#onOwnTrade(this, takerId, trade, false);
  }

  onLevel(side: Side, priceTicks: number, totalLots: number): void {
    const times = side === Side.buy ? this.#levelTimes?.bids : this.#levelTimes?.asks;
    if (totalLots === 0) times?.delete(priceTicks);
    else times?.set(priceTicks, this.timeMs);
    const step = this.#idStep;
    // Multiplying by an odd number makes holes that look random and are the same in every run.
    this.ids.updateId += step === 1 ? 1 : 1 + ((Math.imul(this.ids.updateId, 0x9e3779b1) >>> 8) % step);
    for (const dirty of this.#dirty) {
      if (dirty.first === 0) dirty.first = this.ids.updateId;
      (side === Side.buy ? dirty.bids : dirty.asks).add(priceTicks);
    }
  }

  /** Publishes the levels changed since the last time at each interval that is due, if any. */
  publishDepth(timeMs: number): void {
    for (const dirty of this.#dirty) if (Math.floor(timeMs) % dirty.intervalMs === 0) this.#publish(dirty);
  }

  /** The nearest order price that is no better for the taker: bids go down, asks up. */
  #onBand(side: Side, priceTicks: number): number {
    const band = this.spec.priceBands?.find(({ fromTicks }) => priceTicks >= fromTicks);
    if (band === undefined) return priceTicks;
    const below = priceTicks - (priceTicks % band.stepTicks);
    if (below === priceTicks || side === Side.buy) return Math.max(1, below);
    return below + band.stepTicks;
  }

  /** ms since the epoch of a level's last change; now where there is no level, or times are not kept. */
  levelTimeMs(side: Side, priceTicks: number): number {
    const times = side === Side.buy ? this.#levelTimes?.bids : this.#levelTimes?.asks;
    return times?.get(priceTicks) ?? this.timeMs;
  }

  #publish(dirty: DirtyLevels): void {
    if (dirty.first === 0) return;
    const change: DepthChange = {
      intervalMs: dirty.intervalMs,
      firstUpdateId: dirty.first,
      previousUpdateId: dirty.sent,
      bidTicks: [...dirty.bids].sort((a, b) => b - a),
      askTicks: [...dirty.asks].sort((a, b) => a - b),
    };
    dirty.sent = this.ids.updateId;
    dirty.first = 0;
    dirty.bids.clear();
    dirty.asks.clear();
    this.#sink.onDepth(this, change);
  }

  #settle(): void {
    if (this.#aggregate.sizeLots > 0) this.#publishAggregate();
    const { engine, quote } = this;
    const bidTicks = engine.bestBidTicks;
    const askTicks = engine.bestAskTicks;
    const bidLots = bidTicks === 0 ? 0 : engine.levelLots(Side.buy, bidTicks);
    const askLots = askTicks === 0 ? 0 : engine.levelLots(Side.sell, askTicks);
    if (
      bidTicks === quote.bidTicks &&
      askTicks === quote.askTicks &&
      bidLots === quote.bidLots &&
      askLots === quote.askLots
    ) {
      return;
    }
    quote.bidTicks = bidTicks;
    quote.bidLots = bidLots;
    quote.askTicks = askTicks;
    quote.askLots = askLots;
    if (bidTicks > 0 && askTicks > 0) this.#sink.onQuote(this);
  }

  #publishAggregate(): void {
    this.#sink.onAggregateTrade(this, this.#aggregate, ++this.ids.aggregateId, this.#aggregateFirstId);
    this.#aggregate.sizeLots = 0;
  }
}
