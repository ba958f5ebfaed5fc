import { Side } from '../contract/units.ts';
import { Account } from './account.ts';
import type { FlowRegime } from './flow-regime.ts';
import { covers, FIRST_IDS, type MarketIds, reserveAhead } from './market-ids.ts';
import { marketBuyCost, MAX_OPEN_ORDERS, type PlaceRequest } from './order-checks.ts';
import { OrderFlow } from './order-flow.ts';
import { isWorking, type OwnFill, type OwnOrder } from './own-order.ts';
import { OwnOrders } from './own-orders.ts';
import type { MarketSource } from './market-source.ts';
import { type FeedSink, type PublicTrade, SimulatedMarket } from './simulated-market.ts';
import { type SymbolSpec, symbolSpecOf } from './symbol-spec.ts';
import { VenueError } from './venue-error.ts';
import { type StoredChange, type StoredState, VenueStore } from './venue-store.ts';

export interface ExchangeOptions {
  seed: number;
  symbols: readonly string[];
  /** Where orders and balances are kept; undefined: nothing outlives the process. */
  dataDir?: string | undefined;
  /** ms since the epoch. */
  startMs: number;
  /** `off`: empty books and only injected events. */
  flow?: 'live' | 'off' | undefined;
  /** Stay in one regime. */
  regime?: FlowRegime | undefined;
}

export type ExecutionType = 'NEW' | 'TRADE' | 'CANCELED' | 'REJECTED' | 'EXPIRED';

/** Receives what happens; sends it only when told to flush, after it has been written to the store. */
export interface ExchangeSink extends FeedSink {
  /** The objects change later: encode at once. */
  onExecution(
    market: SimulatedMarket,
    type: ExecutionType,
    order: OwnOrder,
    fill: OwnFill | undefined,
    reason: string,
    /** Client id of the cancel request, with CANCELED. */
    cancelId?: string,
  ): void;
  onBalances(assets: readonly string[], timeMs: number): void;
  flush(): void;
}

/** An event that a test or bench puts into the book on behalf of the background. */
export type InjectedEvent =
  | { kind: 'rest'; symbol: string; side: Side; priceTicks: number; sizeLots: number }
  | { kind: 'take'; symbol: string; side: Side; limitTicks: number; sizeLots: number }
  | { kind: 'cancel'; symbol: string; orderId: number };

/** Depth streams of Binance spot. */
export const DEPTH_INTERVALS_MS: readonly number[] = [100, 1000];
const DEPTH_MS = 100;
const PRICE_MARK_MS = 1000;
/** A jump of the clock longer than this (sleep, clock set) is passed over instead of being simulated. */
const MAX_CATCH_UP_MS = 5000;
const MAX_FILLS = 50_000;

/**
 * The simulated exchange without its sockets: markets, one account, its orders, and the store behind them. Time is what
 * {@link advance} says. Calls of the account change state and write it to the store; what they caused (public and
 * private events) leaves with the next {@link flush}, so that an answer can go out first.
 */
export class SimulatedExchange implements MarketSource {
  readonly account = new Account();
  readonly markets = new Map<string, SimulatedMarket>();
  readonly #sink: ExchangeSink;
  readonly #store: VenueStore | undefined;
  readonly #orders = new OwnOrders();
  #fills: OwnFill[] = [];
  #nowMs: number;
  #nextDepthMs: number;
  #nextMarkMs: number;
  /** Change since the last commit. */
  readonly #changedOrders = new Set<OwnOrder>();
  #changedFills: OwnFill[] = [];
  readonly #reserved = new Map<string, MarketIds>();
  #executionId: number;

  constructor(options: ExchangeOptions, sink: ExchangeSink) {
    this.#sink = sink;
    this.#nowMs = options.startMs;
    this.#nextDepthMs = options.startMs + DEPTH_MS;
    this.#nextMarkMs = options.startMs;
    this.#executionId = options.startMs;
    if (options.symbols.length === 0) throw new RangeError('Expected at least one symbol, was an empty list');
    const specs = [...new Set(options.symbols)].map(symbolSpecOf);
    let stored: StoredState | undefined;
    if (options.dataDir !== undefined) {
      const opened = VenueStore.open(options.dataDir);
      this.#store = opened.store;
      stored = opened.state;
    }
    for (const [asset, balance] of Object.entries(stored?.balances ?? {})) this.account.restore(asset, balance);
    this.account.open(specs);
    for (const spec of specs) {
      const ids = { ...(stored?.reserved[spec.symbol] ?? FIRST_IDS) };
      const market = new SimulatedMarket(spec, ids, sink, {
        onOwnTrade: this.#onOwnTrade,
        depthIntervalsMs: DEPTH_INTERVALS_MS,
      });
      market.lastPriceTicks = stored?.prices[spec.symbol] ?? spec.startPriceTicks;
      market.setTime(options.startMs);
      this.markets.set(spec.symbol, market);
    }
    this.#restoreOrders(stored);
    if (options.flow !== 'off') {
      for (const market of this.markets.values()) {
        market.flow = new OrderFlow(market, {
          // Another stretch of the same seed after each restart.
          seed: options.seed + ((stored?.starts ?? 1) - 1) * 7919,
          symbol: market.spec.symbol,
          priceTicks: market.lastPriceTicks,
          anchorTicks: market.spec.startPriceTicks,
          maxPriceTicks: market.spec.maxPriceTicks,
          typicalLots: market.spec.typicalLots,
          startMs: options.startMs,
          ...(options.regime === undefined ? {} : { regime: options.regime }),
        });
        market.flow.seed();
      }
    }
    this.#commit();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get specs(): readonly SymbolSpec[] {
    return Array.from(this.markets.values(), (market) => market.spec);
  }

  marketFor(symbol: string): SimulatedMarket | undefined {
    return this.markets.get(symbol);
  }

  opened(symbol: string): SimulatedMarket | undefined {
    return this.markets.get(symbol);
  }

  /** @throws VenueError -1121 for a symbol that is not listed. */
  market(symbol: string): SimulatedMarket {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new VenueError(-1121, 'Invalid symbol.');
    return market;
  }

  /** Lets the markets run up to `nowMs` and publishes what happened. A clock that goes back is waited for. */
  advance(nowMs: number): void {
    if (Math.abs(nowMs - this.#nowMs) > MAX_CATCH_UP_MS) this.#skip(nowMs - this.#nowMs);
    if (nowMs <= this.#nowMs) return;
    while (this.#nextDepthMs <= nowMs) {
      this.#run(this.#nextDepthMs);
      this.publishDepth();
      this.#nextDepthMs += DEPTH_MS;
    }
    this.#run(nowMs);
    this.#commit();
    this.#sink.flush();
  }

  /** Publishes the depth of all markets as of now, out of turn; `advance` does it every 100 ms. */
  publishDepth(): void {
    const dueMs = Math.floor(this.#nowMs / DEPTH_MS) * DEPTH_MS;
    for (const market of this.markets.values()) market.publishDepth(dueMs);
  }

  /**
   * Places an order of the account, checked by `readPlaceRequest` before.
   * @throws VenueError -2010 (balance, duplicate client id, post-only that would trade), -1013 (too many open orders).
   */
  place(request: PlaceRequest): { order: OwnOrder; fills: OwnFill[] } {
    const market = this.market(request.symbol);
    const { spec } = market;
    const existing = this.#orders.byClientId(request.symbol, request.clientOrderId);
    if (existing !== undefined && isWorking(existing)) throw new VenueError(-2010, 'Duplicate order sent.');
    if (request.type !== 'MARKET' && this.#orders.workingCount(request.symbol) >= MAX_OPEN_ORDERS) {
      throw new VenueError(-1013, 'Filter failure: MAX_NUM_ORDERS');
    }
    const side = request.side === 'BUY' ? Side.buy : Side.sell;
    const order: OwnOrder = {
      symbol: request.symbol,
      orderId: -1,
      clientOrderId: request.clientOrderId,
      side: request.side,
      type: request.type,
      timeInForce: request.timeInForce,
      priceTicks: request.priceTicks,
      origLots: request.lots,
      executedLots: 0,
      quoteUnits: 0,
      status: 'NEW',
      timeMs: this.#nowMs,
      updateMs: this.#nowMs,
      lockedUnits: 0,
    };
    if (request.type === 'LIMIT_MAKER' && wouldTake(market, side, request.priceTicks)) {
      this.#sink.onExecution(market, 'REJECTED', order, undefined, 'WOULD_MATCH_IMMEDIATELY');
      throw new VenueError(-2010, 'Order would immediately match and take.');
    }
    const cost =
      side === Side.sell
        ? request.lots * spec.lotUnits
        : request.type === 'MARKET'
          ? marketBuyCost(market, request.lots)
          : request.priceTicks * request.lots * spec.valueUnits;
    try {
      this.account.lock(order, spec, cost);
    } catch (error) {
      this.#sink.onExecution(market, 'REJECTED', order, undefined, 'INSUFFICIENT_BALANCES');
      throw error;
    }
    order.orderId = market.newOwnOrderId();
    this.#orders.add(order);
    this.#changedOrders.add(order);
    this.#sink.onExecution(market, 'NEW', order, undefined, 'NONE');
    market.setTime(this.#nowMs);
    const before = this.#changedFills.length;
    market.operate((engine) => {
      if (request.type === 'MARKET') engine.market(order.orderId, side, request.lots);
      else if (request.timeInForce === 'IOC') {
        engine.immediateOrCancel(order.orderId, side, request.priceTicks, request.lots);
      } else engine.limit(order.orderId, side, request.priceTicks, request.lots);
    });
    const fills = this.#changedFills.slice(before).filter((fill) => fill.orderId === order.orderId);
    if (isWorking(order) && (request.type === 'MARKET' || request.timeInForce === 'IOC')) {
      this.#finish(market, order, 'EXPIRED');
    }
    this.#commit();
    return { order, fills };
  }

  /** Takes a working order off the book. @throws VenueError -2011 when there is none. */
  cancel(symbol: string, orderId: number | undefined, clientOrderId: string | undefined, cancelId: string): OwnOrder {
    const market = this.market(symbol);
    const order = this.find(symbol, orderId, clientOrderId);
    if (order === undefined || !isWorking(order)) throw new VenueError(-2011, 'Unknown order sent.');
    this.#cancel(market, order, cancelId);
    this.#commit();
    return order;
  }

  /** Takes all working orders of a symbol off the book. @throws VenueError -2011 when there is none. */
  cancelAll(symbol: string, newCancelId: () => string): { order: OwnOrder; cancelId: string }[] {
    const market = this.market(symbol);
    const orders = this.openOrders(symbol);
    if (orders.length === 0) throw new VenueError(-2011, 'Unknown order sent.');
    const cancelled = orders.map((order) => ({ order, cancelId: newCancelId() }));
    for (const { order, cancelId } of cancelled) this.#cancel(market, order, cancelId);
    this.#commit();
    return cancelled;
  }

  /** By order id, else the newest with this client id. */
  find(symbol: string, orderId: number | undefined, clientOrderId: string | undefined): OwnOrder | undefined {
    if (orderId !== undefined) return this.#orders.byId(symbol, orderId);
    return clientOrderId === undefined ? undefined : this.#orders.byClientId(symbol, clientOrderId);
  }

  openOrders(symbol?: string): OwnOrder[] {
    return this.orders(symbol).filter(isWorking);
  }

  /** Orders of one or all symbols, oldest first. Finished ones are kept up to a bound. */
  orders(symbol?: string): OwnOrder[] {
    return this.#orders.list(symbol);
  }

  /** Fills of a symbol, oldest first; kept up to a bound. */
  fills(symbol: string): OwnFill[] {
    return this.#fills.filter((fill) => fill.symbol === symbol);
  }

  /** Puts an event of the background into the book now and publishes it. Returns the order id, 0 if none rests. */
  inject(event: InjectedEvent): number {
    const market = this.market(event.symbol);
    market.setTime(this.#nowMs);
    let id = 0;
    if (event.kind === 'rest') id = market.placeBackground(event.side, event.priceTicks, event.sizeLots);
    else if (event.kind === 'take') market.takeBackground(event.side, event.limitTicks, event.sizeLots);
    else market.cancelBackground(event.orderId);
    this.#commit();
    this.#sink.flush();
    return id;
  }

  flush(): void {
    this.#sink.flush();
  }

  close(): void {
    this.#commit();
    this.#store?.close();
  }

  #run(toMs: number): void {
    for (const market of this.markets.values()) {
      market.flow?.advance(toMs);
      market.setTime(toMs);
    }
    this.#nowMs = toMs;
  }

  #skip(ms: number): void {
    this.#nowMs += ms;
    this.#nextDepthMs += ms;
    this.#nextMarkMs += ms;
    for (const market of this.markets.values()) {
      market.flow?.skip(ms);
      market.setTime(this.#nowMs);
    }
  }

  #cancel(market: SimulatedMarket, order: OwnOrder, cancelId: string): void {
    market.setTime(this.#nowMs);
    market.operate((engine) => engine.cancel(order.orderId));
    this.#finish(market, order, 'CANCELED', cancelId);
  }

  #finish(market: SimulatedMarket, order: OwnOrder, how: 'CANCELED' | 'EXPIRED', cancelId?: string): void {
    order.status = how;
    order.updateMs = this.#nowMs;
    this.account.release(order, market.spec);
    this.#retire(market, order);
    this.#changedOrders.add(order);
    this.#sink.onExecution(market, how, order, undefined, 'NONE', cancelId);
  }

  readonly #onOwnTrade = (market: SimulatedMarket, orderId: number, trade: PublicTrade, isMaker: boolean): void => {
    const order = this.#orders.byId(market.spec.symbol, orderId);
    if (order === undefined) throw new RangeError(`Expected an order of the account, was ${orderId}`);
    const fill = this.account.applyFill(order, market.spec, {
      tradeId: trade.tradeId,
      priceTicks: trade.priceTicks,
      lots: trade.sizeLots,
      isMaker,
      timeMs: trade.timeMs,
    });
    if (order.status === 'FILLED') {
      this.account.release(order, market.spec);
      this.#retire(market, order);
    }
    this.#changedOrders.add(order);
    this.#changedFills.push(fill);
    this.#sink.onExecution(market, 'TRADE', order, fill, 'NONE');
  };

  #retire(market: SimulatedMarket, order: OwnOrder): void {
    market.forgetOwnOrder(order.orderId);
    this.#orders.finish(order);
  }

  /** Working orders come back at their prices, in the order they were placed, before any background flow. */
  #restoreOrders(stored: StoredState | undefined): void {
    if (stored === undefined) return;
    this.#fills = stored.fills;
    for (const order of [...stored.orders].sort((a, b) => a.orderId - b.orderId)) {
      this.#orders.add(order);
      const market = this.markets.get(order.symbol);
      // Orders of a symbol that is not listed this time wait in the store.
      if (market === undefined || !isWorking(order)) continue;
      market.adoptOwnOrder(order.orderId);
      const side = order.side === 'BUY' ? Side.buy : Side.sell;
      market.operate((engine) =>
        engine.limit(order.orderId, side, order.priceTicks, order.origLots - order.executedLots),
      );
    }
  }

  /** Writes what changed since the last time. Nothing of it has left the process yet. */
  #commit(): void {
    const assets = this.account.takeChanged();
    if (assets.length > 0) this.#sink.onBalances(assets, this.#nowMs);
    const fills = this.#changedFills;
    if (fills.length > 0) {
      this.#fills.push(...fills);
      if (this.#fills.length > MAX_FILLS) this.#fills.splice(0, MAX_FILLS >> 1);
      this.#changedFills = [];
    }
    const orders = [...this.#changedOrders];
    this.#changedOrders.clear();
    if (this.#store === undefined) return;
    const change: StoredChange = {};
    if (orders.length > 0) change.orders = orders;
    if (fills.length > 0) change.fills = fills;
    if (assets.length > 0) {
      change.balances = Object.fromEntries(assets.map((asset) => [asset, this.account.balance(asset)]));
    }
    for (const market of this.markets.values()) {
      const reserved = this.#reserved.get(market.spec.symbol);
      if (reserved !== undefined && covers(reserved, market.ids)) continue;
      const next = reserveAhead(market.ids);
      this.#reserved.set(market.spec.symbol, next);
      change.reserved = { ...change.reserved, [market.spec.symbol]: next };
    }
    if (orders.length > 0 || this.#nowMs >= this.#nextMarkMs) {
      this.#nextMarkMs = this.#nowMs + PRICE_MARK_MS;
      change.prices = Object.fromEntries([...this.markets].map(([symbol, market]) => [symbol, market.lastPriceTicks]));
    }
    if (Object.keys(change).length > 0) this.#store.append(change);
  }

  /** Number for the `I` field of execution reports: rises, also over a restart. */
  nextExecutionId(): number {
    return ++this.#executionId;
  }
}

function wouldTake(market: SimulatedMarket, side: Side, priceTicks: number): boolean {
  const { bestBidTicks, bestAskTicks } = market;
  return side === Side.buy ? bestAskTicks > 0 && bestAskTicks <= priceTicks : bestBidTicks >= priceTicks;
}
