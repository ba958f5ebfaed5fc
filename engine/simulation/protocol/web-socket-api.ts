import type { WebSocket } from 'ws';
import {
  optionalInteger,
  optionalText,
  readPlaceRequest,
  type RequestParameters,
  requiredText,
} from '../order-checks.ts';
import type { OwnFill, OwnOrder } from '../own-order.ts';
import type { ExecutionType, SimulatedExchange } from '../simulated-exchange.ts';
import type { SimulatedMarket } from '../simulated-market.ts';
import { VenueError } from '../venue-error.ts';
import type { FaultMenu } from '../faults/fault-menu.ts';
import { exchangeInfo } from '../dialect/binance-messages.ts';
import {
  accountCommission,
  accountPosition,
  accountStatus,
  accountTrade,
  cancelledOrder,
  executionReport,
  orderStatus,
  placedOrder,
} from './order-messages.ts';
import type { RateLimits } from './rate-limits.ts';
import { checkSigned, checkTime, type Credentials, isEd25519, signedPayload } from './request-signing.ts';
import { sendBounded } from './send-bounded.ts';

interface ApiClient {
  socket: WebSocket;
  /** Subscription ids of user data on this connection. */
  subscriptions: Set<number>;
  nextSubscription: number;
  /** ms since the epoch of `session.logon`; 0 before. */
  loggedOnMs: number;
}

interface Method {
  weight: number;
  signed: boolean;
  order?: boolean;
  run(parameters: RequestParameters, client: ApiClient): unknown;
}

const DEFAULT_LIST_LIMIT = 500;
const MAX_LIST_LIMIT = 1000;

/** Order entry and user data over `/ws-api/v3`: request in, answer out, then the events that the request caused. */
export class WebSocketApi {
  /** Set once the exchange exists (the exchange needs its sink first). */
  exchange!: SimulatedExchange;
  readonly #credentials: Credentials;
  readonly #limits: RateLimits;
  readonly #faults: FaultMenu;
  readonly #now: () => number;
  readonly #clients = new Set<ApiClient>();
  readonly #methods: Record<string, Method>;
  #pending: string[] = [];
  #clientIdCount = 0;

  constructor(credentials: Credentials, limits: RateLimits, faults: FaultMenu, now: () => number) {
    this.#credentials = credentials;
    this.#limits = limits;
    this.#faults = faults;
    this.#now = now;
    this.#methods = this.#defineMethods();
  }

  accept(socket: WebSocket): void {
    const client: ApiClient = { socket, subscriptions: new Set(), nextSubscription: 0, loggedOnMs: 0 };
    this.#clients.add(client);
    socket.on('message', (data) => this.#onMessage(client, String(data)));
    socket.on('close', () => this.#clients.delete(client));
  }

  /** Cuts all order entry connections, as a network would. */
  cut(): void {
    for (const client of this.#clients) client.socket.terminate();
  }

  onExecution(
    market: SimulatedMarket,
    type: ExecutionType,
    order: OwnOrder,
    fill: OwnFill | undefined,
    reason: string,
    cancelId?: string,
  ): void {
    const executionId = this.exchange.nextExecutionId();
    this.#pending.push(
      JSON.stringify(executionReport(market.spec, type, order, fill, reason, market.timeMs, executionId, cancelId)),
    );
  }

  onBalances(assets: readonly string[], timeMs: number): void {
    // Called once by the exchange's constructor, before there is a client or `exchange` is set.
    if (this.#clients.size === 0) return;
    this.#pending.push(JSON.stringify(accountPosition(this.exchange.account, assets, timeMs)));
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const events = this.#pending;
    this.#pending = [];
    for (const client of this.#clients) {
      for (const id of client.subscriptions) {
        for (const event of events) sendBounded(client.socket, `{"subscriptionId":${id},"event":${event}}`);
      }
    }
  }

  #onMessage(client: ApiClient, text: string): void {
    this.exchange.advance(this.#now());
    let id: unknown = null;
    let withOrders = false;
    let answer: object;
    try {
      const request = parseRequest(text);
      id = request.id;
      const method = Object.hasOwn(this.#methods, request.method) ? this.#methods[request.method] : undefined;
      if (method === undefined) throw new VenueError(-1020, 'This operation is not supported.');
      const nowMs = this.exchange.nowMs;
      withOrders = method.order === true;
      this.#limits.spendWeight(method.weight, nowMs);
      if (method.signed) {
        const key = optionalText(request.params, 'apiKey');
        // Logged on, a request needs neither key nor signature; one that brings them is checked all the same.
        if (client.loggedOnMs > 0 && key === undefined) checkTime(request.params, this.#now());
        else checkSigned(request.params, signedPayload(request.params), key, this.#credentials, this.#now());
      }
      if (withOrders) this.#limits.spendOrder(nowMs);
      const result = method.run(request.params, client);
      answer = { id, status: 200, result };
      if (withOrders && this.#faults.take('timeoutAnswer', 'binance-spot') !== undefined) {
        throw new VenueError(
          -1007,
          'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
          504,
        );
      }
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      const retry =
        error.retryAfterMs === undefined ? {} : { data: { serverTime: this.#now(), retryAfter: error.retryAfterMs } };
      answer = { id, status: error.status, error: { code: error.code, msg: error.message, ...retry } };
    }
    if (this.#faults.take('lostAnswer', 'binance-spot') !== undefined) {
      this.#pending = [];
    } else {
      const rateLimits = this.#limits.view(this.exchange.nowMs, withOrders);
      sendBounded(client.socket, JSON.stringify({ ...answer, rateLimits }));
    }
    this.exchange.flush();
  }

  #defineMethods(): Record<string, Method> {
    const open = (weight: number, run: Method['run']): Method => ({ weight, signed: false, run });
    const signed = (weight: number, run: Method['run']): Method => ({ weight, signed: true, run });
    return {
      ping: open(1, () => ({})),
      time: open(1, () => ({ serverTime: this.#now() })),
      exchangeInfo: open(20, () => exchangeInfo(this.#specs(), this.#limits.ordersPerTenSeconds, this.#now())),
      'order.place': { weight: 1, signed: true, order: true, run: (parameters) => this.#place(parameters) },
      'order.cancel': signed(1, (parameters) => this.#cancel(parameters)),
      'order.status': signed(4, (parameters) => {
        const market = this.#market(parameters);
        const order = this.#find(parameters, market, -2013, 'Order does not exist.');
        return orderStatus(market.spec, order);
      }),
      'openOrders.status': signed(6, (parameters) => {
        const symbol = optionalText(parameters, 'symbol');
        if (symbol !== undefined) this.exchange.market(symbol);
        return this.exchange.openOrders(symbol).flatMap((order) => this.#statusOf(order));
      }),
      'openOrders.cancelAll': signed(1, (parameters) => {
        const { spec } = this.#market(parameters);
        const cancelled = this.exchange.cancelAll(spec.symbol, () => this.#newClientId());
        return cancelled.map(({ order, cancelId }) => cancelledOrder(spec, order, cancelId));
      }),
      allOrders: signed(20, (parameters) => {
        const { spec } = this.#market(parameters);
        const from = optionalInteger(parameters, 'orderId');
        return limited(parameters, this.exchange.orders(spec.symbol), from, (order) => order.orderId).map((order) =>
          orderStatus(spec, order),
        );
      }),
      myTrades: signed(20, (parameters) => {
        const { spec } = this.#market(parameters);
        const from = optionalInteger(parameters, 'fromId');
        const orderId = optionalInteger(parameters, 'orderId');
        const fills = this.exchange
          .fills(spec.symbol)
          .filter((fill) => orderId === undefined || fill.orderId === orderId);
        return limited(parameters, fills, from, (fill) => fill.tradeId).map((fill) => accountTrade(spec, fill));
      }),
      'account.status': signed(20, (parameters) =>
        accountStatus(this.exchange.account, this.#now(), String(parameters['omitZeroBalances']) === 'true'),
      ),
      'account.commission': signed(20, (parameters) => accountCommission(this.#market(parameters).spec.symbol)),
      'session.logon': signed(2, (_parameters, client) => {
        if (!isEd25519(this.#credentials)) throw new VenueError(-4056, 'HMAC_SHA256 API key is not supported.');
        client.loggedOnMs = this.#now();
        return this.#sessionStatus(client);
      }),
      'session.status': open(2, (_parameters, client) => this.#sessionStatus(client)),
      'session.logout': open(2, (_parameters, client) => {
        client.loggedOnMs = 0;
        return this.#sessionStatus(client);
      }),
      'userDataStream.subscribe': open(2, (_parameters, client) => {
        if (client.loggedOnMs === 0) {
          throw new VenueError(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
        }
        return subscribe(client);
      }),
      'userDataStream.subscribe.signature': signed(2, (_parameters, client) => subscribe(client)),
      'userDataStream.unsubscribe': open(2, (parameters, client) => {
        const subscriptionId = optionalInteger(parameters, 'subscriptionId');
        if (subscriptionId === undefined) client.subscriptions.clear();
        else client.subscriptions.delete(subscriptionId);
        return {};
      }),
    };
  }

  #sessionStatus(client: ApiClient): unknown {
    const isOn = client.loggedOnMs > 0;
    return {
      apiKey: isOn ? this.#credentials.apiKey : null,
      authorizedSince: isOn ? client.loggedOnMs : null,
      serverTime: this.#now(),
      userDataStream: client.subscriptions.size > 0,
    };
  }

  #place(parameters: RequestParameters): unknown {
    const market = this.#market(parameters);
    const request = readPlaceRequest(parameters, market, () => this.#newClientId());
    const given = optionalText(parameters, 'newOrderRespType');
    if (given !== undefined && given !== 'ACK' && given !== 'RESULT' && given !== 'FULL') {
      throw new VenueError(-1104, "Illegal value of parameter 'newOrderRespType'; expected ACK, RESULT or FULL.");
    }
    const { order, fills } = this.exchange.place(request);
    return placedOrder(market.spec, order, fills, given ?? (request.type === 'LIMIT_MAKER' ? 'ACK' : 'FULL'));
  }

  #cancel(parameters: RequestParameters): unknown {
    const market = this.#market(parameters);
    const { orderId } = this.#find(parameters, market, -2011, 'Unknown order sent.');
    const cancelId = optionalText(parameters, 'newClientOrderId') ?? this.#newClientId();
    const order = this.exchange.cancel(market.spec.symbol, orderId, undefined, cancelId);
    return cancelledOrder(market.spec, order, cancelId);
  }

  #find(parameters: RequestParameters, market: SimulatedMarket, code: number, message: string): OwnOrder {
    const orderId = optionalInteger(parameters, 'orderId');
    const clientOrderId = optionalText(parameters, 'origClientOrderId');
    if (orderId === undefined && clientOrderId === undefined) {
      throw new VenueError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    }
    const order = this.exchange.find(market.spec.symbol, orderId, clientOrderId);
    if (order === undefined) throw new VenueError(code, message);
    return order;
  }

  #market(parameters: RequestParameters): SimulatedMarket {
    return this.exchange.market(requiredText(parameters, 'symbol'));
  }

  #statusOf(order: OwnOrder): object[] {
    const market = this.exchange.markets.get(order.symbol);
    return market === undefined ? [] : [orderStatus(market.spec, order)];
  }

  #specs(): SimulatedMarket['spec'][] {
    return [...this.exchange.markets.values()].map((market) => market.spec);
  }

  #newClientId(): string {
    return `venue-${this.exchange.nowMs.toString(36)}-${(++this.#clientIdCount).toString(36)}`;
  }
}

function subscribe(client: ApiClient): { subscriptionId: number } {
  const subscriptionId = client.nextSubscription++;
  client.subscriptions.add(subscriptionId);
  return { subscriptionId };
}

/** @throws VenueError -1135 when the text is no request. */
function parseRequest(text: string): { id: unknown; method: string; params: RequestParameters } {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new VenueError(-1135, `Invalid JSON Request: ${detail}`);
  }
  const { id = null, method, params = {} } = (request ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
  if (typeof method !== 'string' || typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new VenueError(-1135, 'Invalid JSON Request: expected id, method and params');
  }
  return { id, method, params: params as RequestParameters };
}

/** The newest `limit` items, or the first `limit` from `fromId` on. */
function limited<T>(
  parameters: RequestParameters,
  items: T[],
  fromId: number | undefined,
  idOf: (item: T) => number,
): T[] {
  const limit = Math.min(MAX_LIST_LIMIT, optionalInteger(parameters, 'limit') ?? DEFAULT_LIST_LIMIT);
  if (fromId === undefined) return items.slice(Math.max(0, items.length - limit));
  return items.filter((item) => idOf(item) >= fromId).slice(0, limit);
}
