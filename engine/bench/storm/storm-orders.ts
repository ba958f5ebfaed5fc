import { bestTicks, tickSize } from './storm-feed.ts';

interface ApiRequest {
  id: string | number;
  method: string;
  params?: Record<string, string | number>;
}

interface RestingOrder {
  symbol: string;
  orderId: number;
  clientOrderId: string;
  side: string;
  price: string;
  quantity: string;
}

/**
 * Order entry of the storm venue: what crosses is filled at once in two trades, what does not rests until it is cancelled.
 * Remembers the id of every execution that it reported, for the comparison with the journal.
 */
export class StormOrders {
  readonly executions: number[] = [];
  readonly #resting = new Map<string, RestingOrder>();
  #orderId = 1;
  #tradeId = 1;
  subscribed = false;

  /** Texts to send for one request, in order. */
  answers(text: string, timeMs: number): string[] {
    const request = JSON.parse(text) as ApiRequest;
    const params = request.params ?? {};
    switch (request.method) {
      case 'order.place':
        return this.#place(request.id, params, timeMs);
      case 'order.cancel':
        return this.#cancel(request.id, String(params['origClientOrderId']), timeMs);
      case 'openOrders.cancelAll': {
        const cancelled = [...this.#resting.values()].filter((order) => order.symbol === params['symbol']);
        for (const order of cancelled) this.#resting.delete(order.clientOrderId);
        return [answer(request.id, []), ...cancelled.map((order) => report(order, 'CANCELED', 'CANCELED', timeMs))];
      }
      case 'order.status': {
        const order = this.#resting.get(String(params['origClientOrderId']));
        return [order ? answer(request.id, statusOf(order)) : unknownOrder(request.id)];
      }
      case 'openOrders.status': {
        const open = [...this.#resting.values()].filter((order) => order.symbol === params['symbol']);
        return [answer(request.id, open.map(statusOf))];
      }
      case 'userDataStream.subscribe':
      case 'userDataStream.subscribe.signature':
        this.subscribed = true;
        return [answer(request.id, { subscriptionId: 0 })];
      case 'time':
        return [answer(request.id, { serverTime: timeMs })];
      case 'account.status':
        return [answer(request.id, { balances: [{ asset: 'USDT', free: '1000000.00000000', locked: '0.00000000' }] })];
      default:
        return [answer(request.id, [])];
    }
  }

  #place(id: string | number, params: Record<string, string | number>, timeMs: number): string[] {
    const order: RestingOrder = {
      symbol: String(params['symbol']),
      orderId: this.#orderId++,
      clientOrderId: String(params['newClientOrderId']),
      side: String(params['side']),
      price: String(params['price']),
      quantity: String(params['quantity']),
    };
    const { symbol, orderId, clientOrderId } = order;
    const texts = [
      answer(id, { symbol, orderId, orderListId: -1, clientOrderId, transactTime: timeMs }),
      report(order, 'NEW', 'NEW', timeMs),
    ];
    const ticks = Math.round(Number(order.price) / Number(tickSize));
    const crosses = order.side === 'BUY' ? ticks >= bestTicks.ask : ticks <= bestTicks.bid;
    if (crosses) {
      const lots = Math.round(Number(order.quantity) * 1e5);
      const first = Math.max(1, Math.floor(lots / 2));
      texts.push(this.#trade(order, first, first, lots, timeMs));
      if (lots > first) texts.push(this.#trade(order, lots - first, lots, lots, timeMs));
    } else if (params['timeInForce'] === 'IOC') {
      texts.push(report(order, 'EXPIRED', 'EXPIRED', timeMs));
    } else {
      this.#resting.set(clientOrderId, order);
    }
    return texts;
  }

  #trade(order: RestingOrder, lots: number, filled: number, whole: number, timeMs: number): string {
    const tradeId = this.#tradeId++;
    this.executions.push(tradeId);
    return report(order, 'TRADE', filled === whole ? 'FILLED' : 'PARTIALLY_FILLED', timeMs, {
      t: tradeId,
      l: (lots / 1e5).toFixed(5),
      z: (filled / 1e5).toFixed(5),
      L: order.price,
    });
  }

  #cancel(id: string | number, clientId: string, timeMs: number): string[] {
    const order = this.#resting.get(clientId);
    if (order === undefined) return [unknownOrder(id)];
    this.#resting.delete(clientId);
    return [
      answer(id, { symbol: order.symbol, orderId: order.orderId }),
      report(order, 'CANCELED', 'CANCELED', timeMs),
    ];
  }
}

function answer(id: string | number, result: unknown): string {
  return JSON.stringify({ id, status: 200, result, rateLimits: [] });
}

function unknownOrder(id: string | number): string {
  return JSON.stringify({ id, status: 400, error: { code: -2013, msg: 'Order does not exist.' } });
}

function statusOf(order: RestingOrder): unknown {
  const { symbol, orderId, clientOrderId, side, price, quantity } = order;
  const fixed = { executedQty: '0.00000', status: 'NEW', timeInForce: 'GTC', type: 'LIMIT', time: 0, updateTime: 0 };
  return { symbol, orderId, orderListId: -1, clientOrderId, price, origQty: quantity, side, ...fixed };
}

/** An executionReport in every field that Binance sends, wrapped with its subscription. */
function report(
  order: RestingOrder,
  execution: string,
  status: string,
  timeMs: number,
  trade: { t: number; l: string; z: string; L: string } = { t: -1, l: '0.00000', z: '0.00000', L: '0.00' },
): string {
  const event = {
    e: 'executionReport',
    E: timeMs,
    s: order.symbol,
    c: execution === 'CANCELED' ? `${order.clientOrderId}c` : order.clientOrderId,
    S: order.side,
    o: 'LIMIT',
    f: 'GTC',
    q: order.quantity,
    p: order.price,
    C: execution === 'CANCELED' ? order.clientOrderId : '',
    x: execution,
    X: status,
    r: 'NONE',
    i: order.orderId,
    l: trade.l,
    z: trade.z,
    L: trade.L,
    n: '0',
    N: null,
    T: timeMs,
    t: trade.t,
    w: execution === 'NEW',
    m: false,
    O: timeMs,
    Z: '0.00000000',
    Y: '0.00000000',
    Q: '0.00000000',
    W: timeMs,
    V: 'NONE',
  };
  return JSON.stringify({ subscriptionId: 0, event });
}
