import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { BenchFeed, benchSymbol, exchangeInfo } from './bench-feed.ts';

/** Messages a second: every second one is a trigger. */
export const messagesPerSecond = 1_000;
/** A second of silence under load is a failure, not a latency. */
const maxOpenTriggers = 1_000;
const messagePeriodNs = 1e9 / messagesPerSecond;

interface PlaceRequest {
  id: string | number;
  method: string;
  params: Record<string, string | number>;
}

/**
 * A venue that only measures: it sends depth messages at a constant rate, whatever comes back, and notes how long after
 * the time a trigger was *due* an order for it arrived. A late send counts against the one that is measured, for ours
 * and for the peer alike: no coordinated omission.
 */
export class BenchVenue {
  readonly #feed = new BenchFeed();
  readonly #server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.endsWith('/exchangeInfo')) response.end(exchangeInfo);
    else if (pathname.endsWith('/depth')) response.end(this.#feed.snapshot());
    else response.end(JSON.stringify({ serverTime: Date.now() }));
  });
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #stream: WebSocket | undefined;
  #subscribed = false;
  /** Triggers without an order so far, oldest first. */
  #open: { distance: number; dueNs: number; measured: boolean }[] = [];
  #latenciesUs: number[] = [];
  #measuring = false;
  #folded = 0;
  #running = false;
  #api: WebSocket | undefined;
  #orderId = 1;
  #echo = false;

  /** Listens on a free port. @param echo the peer subscribes to nothing; it gets the same messages and answers. */
  async open(echo: boolean): Promise<{ restUrl: string; streamUrl: string; apiUrl: string }> {
    this.#echo = echo;
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (request.url?.startsWith('/stream')) this.#stream = webSocket;
        else {
          this.#api = webSocket;
          webSocket.on('message', (data) => this.#onApiMessage(data as Buffer, monotonicNs()));
        }
      });
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    const host = `127.0.0.1:${port}`;
    return { restUrl: `http://${host}`, streamUrl: `ws://${host}/stream`, apiUrl: `ws://${host}/ws-api/v3` };
  }

  get isConnected(): boolean {
    return this.#stream !== undefined && this.#api !== undefined && (this.#echo || this.#subscribed);
  }

  /**
   * Sends for `warmUpMs`, then measures for `measureMs`. A trigger that finds an order still under way gets none of its
   * own: it counts as answered, late, by the next order. `folded` says how many were.
   */
  async run(warmUpMs: number, measureMs: number): Promise<{ latenciesUs: number[]; folded: number }> {
    this.#running = true;
    this.#pump();
    await sleep(warmUpMs);
    this.#measuring = true;
    await sleep(measureMs);
    this.#measuring = false;
    await sleep(200);
    this.#running = false;
    return { latenciesUs: this.#latenciesUs, folded: this.#folded };
  }

  close(): void {
    this.#running = false;
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Polls the clock every turn of the loop: timers are a millisecond coarse. */
  #pump(): void {
    const startNs = monotonicNs();
    let sent = 0;
    const turn = (): void => {
      if (!this.#running) return;
      const dueNs = startNs + sent * messagePeriodNs;
      if (monotonicNs() >= dueNs) {
        const trigger = sent++ % 2 === 1;
        const message = this.#feed.next(trigger, Date.now());
        if (trigger) {
          this.#open.push({ distance: this.#feed.distance, dueNs, measured: this.#measuring });
          if (this.#open.length > maxOpenTriggers) throw new Error(`${maxOpenTriggers} triggers without any order`);
        }
        this.#stream?.send(message);
      }
      setImmediate(turn);
    };
    turn();
  }

  #onApiMessage(data: Buffer, nowNs: number): void {
    const request = JSON.parse(data.toString('latin1')) as PlaceRequest;
    if (request.method === 'order.place') this.#onPlace(request, nowNs);
    else if (!this.#echo) {
      this.#answer(request.id, this.#answerTo(request));
    }
  }

  #onPlace({ id, params }: PlaceRequest, nowNs: number): void {
    const distance = this.#feed.distanceOf(String(params['price']));
    const at = this.#open.findLastIndex((trigger) => trigger.distance === distance);
    if (at < 0) throw new Error(`Expected an order for a trigger that is open, was at ${params['price']}`);
    for (const trigger of this.#open.splice(0, at + 1)) {
      if (trigger.measured) this.#latenciesUs.push((nowNs - trigger.dueNs) / 1e3);
    }
    if (this.#measuring) this.#folded += at;
    const order = {
      symbol: benchSymbol,
      orderId: this.#orderId++,
      orderListId: -1,
      clientOrderId: params['newClientOrderId'],
      transactTime: Date.now(),
      price: params['price'],
      origQty: params['quantity'],
      executedQty: '0.00000',
      cummulativeQuoteQty: '0.00000000',
      status: 'EXPIRED',
      timeInForce: 'IOC',
      type: 'LIMIT',
      side: params['side'],
      fills: [],
    };
    this.#answer(id, order);
    for (const type of ['NEW', 'EXPIRED']) this.#report(order, type);
  }

  #report(order: Record<string, unknown>, type: string): void {
    const event = {
      e: 'executionReport',
      E: Date.now(),
      s: benchSymbol,
      c: order['clientOrderId'],
      S: order['side'],
      o: 'LIMIT',
      f: 'IOC',
      q: order['origQty'],
      p: order['price'],
      C: '',
      x: type,
      X: type,
      r: 'NONE',
      i: order['orderId'],
      l: '0.00000',
      z: '0.00000',
      L: '0.00',
      n: '0',
      N: null,
      T: Date.now(),
      t: -1,
      I: this.#orderId,
      w: false,
      m: false,
      O: Date.now(),
      Z: '0.00000000',
      Y: '0.00000000',
      Q: '0.00000000',
      W: Date.now(),
      V: 'NONE',
    };
    this.#api?.send(JSON.stringify({ subscriptionId: 0, event }));
  }

  #answerTo(request: PlaceRequest): unknown {
    switch (request.method) {
      case 'userDataStream.subscribe':
      case 'userDataStream.subscribe.signature':
        this.#subscribed = true;
        return { subscriptionId: 0 };
      case 'openOrders.status':
      case 'openOrders.cancelAll':
      case 'myTrades':
      case 'allOrders':
        return [];
      case 'account.status':
        return { balances: [{ asset: 'USDT', free: '1000000.00000000', locked: '0.00000000' }] };
      default:
        return {};
    }
  }

  #answer(id: string | number, result: unknown): void {
    this.#api?.send(JSON.stringify({ id, status: 200, result, rateLimits: [] }));
  }
}

export function monotonicNs(): number {
  const [seconds, ns] = process.hrtime();
  return seconds * 1e9 + ns;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
