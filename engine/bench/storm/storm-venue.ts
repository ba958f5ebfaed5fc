import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { lotSize, StormFeed, tickSize } from './storm-feed.ts';
import { StormOrders } from './storm-orders.ts';

/** Until told otherwise: enough for books to become live. */
const idleMessagesPerSecond = 200;
const turnMs = 1;
/** In the data folder, with the address of the control. */
export const stormAddressFile = 'storm-venue.url';

/** A span of constant rate: message `firstIndex + n` is due at `startUs + n / messagesPerSecond`. */
export interface StormPhase {
  firstIndex: number;
  /** us since the epoch, as this process tells it. */
  startUs: number;
  messagesPerSecond: number;
}

export interface StormStatus {
  isConnected: boolean;
  sent: number;
  phases: StormPhase[];
  meanBytes: number;
  /** Most bytes that the kernel had not taken yet, since the last change of the rate. */
  maxBacklogBytes: number;
  executions: number;
}

/**
 * A venue that sends as many market messages a second as it is told, at a constant rate, whatever the other side does, and
 * fills orders meanwhile. Controlled over HTTP: `POST /storm/rate/N`, `GET /storm/status`, `GET /storm/executions`.
 */
export class StormVenue {
  readonly #symbols: readonly string[];
  readonly #feed: StormFeed;
  readonly #orders = new StormOrders();
  readonly #phases: StormPhase[] = [];
  readonly #server = createServer((request, response) => this.#onRequest(request, response));
  readonly #apiSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #stream: Duplex | undefined;
  #api: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #maxBacklogBytes = 0;

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#feed = new StormFeed(symbols);
  }

  /** Listens on the port, 0 for any that is free. */
  async open(port: number): Promise<{ port: number; restUrl: string; streamUrl: string; apiUrl: string }> {
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const bound = (this.#server.address() as AddressInfo).port;
    const host = `127.0.0.1:${bound}`;
    this.#setRate(idleMessagesPerSecond);
    this.#timer = setTimeout(this.#turn, turnMs);
    return {
      port: bound,
      restUrl: `http://${host}`,
      streamUrl: `ws://${host}/stream`,
      apiUrl: `ws://${host}/ws-api/v3`,
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stream?.destroy();
    this.#api?.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  status(): StormStatus {
    return {
      isConnected: this.#stream !== undefined && this.#orders.subscribed,
      sent: this.#feed.sent,
      phases: this.#phases,
      meanBytes: this.#feed.meanBytes,
      maxBacklogBytes: this.#maxBacklogBytes,
      executions: this.#orders.executions.length,
    };
  }

  #setRate(messagesPerSecond: number): void {
    this.#phases.push({ firstIndex: this.#feed.sent, startUs: nowUs(), messagesPerSecond });
    this.#maxBacklogBytes = 0;
  }

  /** Sends all that is due. A turn that comes late sends more: the rate stands, and the delay counts as lag. */
  readonly #turn = (): void => {
    this.#timer = setTimeout(this.#turn, turnMs);
    const stream = this.#stream;
    const phase = this.#phases.at(-1) as StormPhase;
    const timeUs = nowUs();
    const dueCount = Math.floor(((timeUs - phase.startUs) * phase.messagesPerSecond) / 1e6) + 1;
    const count = dueCount - (this.#feed.sent - phase.firstIndex);
    if (count <= 0) return;
    const bytes = this.#feed.next(count, Math.floor(timeUs / 1000));
    // Nobody listens yet: the ids go on, as they do at a venue.
    if (stream === undefined) return;
    stream.write(bytes);
    this.#maxBacklogBytes = Math.max(this.#maxBacklogBytes, stream.writableLength);
  };

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!request.url?.startsWith('/stream')) {
      this.#apiSockets.handleUpgrade(request, socket, head, (api) => {
        this.#api = api;
        api.on('message', (data) => {
          for (const text of this.#orders.answers(String(data), Date.now())) api.send(text);
        });
      });
      return;
    }
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    (socket as Socket).setNoDelay(true);
    this.#stream = socket;
    // What a client sends here (pongs, subscriptions) changes nothing.
    socket.resume();
    const gone = (): void => {
      if (this.#stream === socket) this.#stream = undefined;
    };
    socket.on('close', gone);
    socket.on('error', gone);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const rate = /^\/storm\/rate\/(\d+)$/.exec(url.pathname);
    response.setHeader('content-type', 'application/json');
    if (rate !== null && request.method === 'POST') {
      this.#setRate(Number(rate[1]));
      response.end(JSON.stringify(this.status()));
    } else if (url.pathname === '/storm/status') response.end(JSON.stringify(this.status()));
    else if (url.pathname === '/storm/executions') response.end(JSON.stringify(this.#orders.executions));
    else if (url.pathname.endsWith('/exchangeInfo')) response.end(stormExchangeInfo(this.#symbols));
    else if (url.pathname.endsWith('/depth')) response.end(this.#feed.snapshot(url.searchParams.get('symbol') ?? ''));
    else response.end(JSON.stringify({ serverTime: Date.now() }));
  }
}

function nowUs(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}

/** As REST gives it, for all symbols. */
export function stormExchangeInfo(symbols: readonly string[]): string {
  const filters = [
    { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000.00', tickSize },
    { filterType: 'LOT_SIZE', minQty: lotSize, maxQty: '9000.00000', stepSize: lotSize },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00' },
  ];
  return JSON.stringify({
    timezone: 'UTC',
    serverTime: Date.now(),
    rateLimits: [],
    exchangeFilters: [],
    symbols: symbols.map((symbol) => ({
      symbol,
      status: 'TRADING',
      baseAsset: symbol.replace(/USDT$/, ''),
      baseAssetPrecision: 8,
      quoteAsset: 'USDT',
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
      isSpotTradingAllowed: true,
      permissions: ['SPOT'],
      filters,
    })),
  });
}
