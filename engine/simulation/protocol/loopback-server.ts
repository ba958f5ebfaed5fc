import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isMarketProtocol, type MarketProtocol } from '../../contract/market-protocol.ts';
import type { DialectClient, RestAnswer } from '../dialect/dialect.ts';
import { handleFaultControl, isFaultControl } from '../faults/fault-control.ts';
import type { FaultMenu } from '../faults/fault-menu.ts';
import { FaultySocket } from '../faults/faulty-socket.ts';
import type { VenueConnections } from '../faults/venue-connections.ts';
import type { FeedVenue } from '../feed-venue.ts';
import { SeededRandom } from '../seeded-random.ts';

export interface LoopbackServices {
  /** ms since the epoch. */
  nowMs(): number;
  feed(protocol: MarketProtocol): FeedVenue;
  /** Takes a connection of the order entry API. */
  acceptApi(socket: WebSocket): void;
  /** The feed's clock catches up before anything is answered. */
  catchUp(protocol: MarketProtocol): void;
  readonly faults: FaultMenu;
  /** Every open stream connection. */
  readonly connections: VenueConnections;
  /** Key of the control API. */
  readonly apiKey: string;
  /** Of the chances in faults of the transport. */
  readonly seed: number;
}

const PING_MS = 20_000;
const MAX_REQUEST_BYTES = 256 * 1024;

/**
 * HTTP and WebSockets of the simulated venue on one port of 127.0.0.1. A protocol is found under its name as first part of
 * the path (`/bybit/v5/public/linear`); without one it is Binance spot.
 */
export class LoopbackServer {
  readonly #services: LoopbackServices;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_REQUEST_BYTES,
    // Of streams the fault menu decides.
    autoPong: false,
  });
  readonly #streams = new WeakMap<WebSocket, FaultySocket>();
  readonly #random: SeededRandom;
  readonly #alive = new WeakSet<WebSocket>();
  #pinging: NodeJS.Timeout | undefined;

  constructor(services: LoopbackServices) {
    this.#services = services;
    this.#random = new SeededRandom(services.seed, 'transport');
    this.#server = createServer((request, response) => this.#onRequest(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  /** Resolves to the port. Rejects when it is taken. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#pinging = setInterval(() => this.#pingAll(), PING_MS);
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    clearInterval(this.#pinging);
    for (const client of this.#sockets.clients) client.terminate();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    if (isFaultControl(url)) {
      handleFaultControl(this.#services.faults, this.#services.apiKey, request, response);
      return;
    }
    const { protocol, path } = routeOf(url);
    const feed = this.#services.feed(protocol);
    this.#services.catchUp(protocol);
    const [route = '', query = ''] = path.split('?', 2);
    const answer = feed.rest({
      method: request.method ?? 'GET',
      path: route,
      query,
      header: (name) => headerOf(request, name),
    });
    if (answer.delayMs === 0) {
      respond(response, answer);
      return;
    }
    const timer = setTimeout(() => respond(response, answer), answer.delayMs);
    response.on('close', () => clearTimeout(timer));
  }

  #onUpgrade(request: IncomingMessage, transport: Duplex, head: Buffer): void {
    // A peer that resets while connecting only loses its own connection.
    transport.on('error', () => transport.destroy());
    const url = request.url ?? '/';
    if (url === '/ws-api/v3' || url.startsWith('/ws-api/v3?')) {
      this.#sockets.handleUpgrade(request, transport, head, (socket) => {
        socket.on('error', () => socket.terminate());
        socket.on('ping', (data) => socket.pong(data));
        this.#services.acceptApi(socket);
      });
      return;
    }
    const { protocol, path } = routeOf(url);
    const feed = this.#services.feed(protocol);
    this.#services.catchUp(protocol);
    const refused = feed.refuses(path, (name) => headerOf(request, name));
    if (refused !== 0) {
      refuse(transport, refused);
      return;
    }
    this.#sockets.handleUpgrade(request, transport, head, (socket) => {
      // A broken peer only ends its own connection; `close` follows.
      socket.on('error', () => socket.terminate());
      const { faults } = this.#services;
      this.#open(feed, new FaultySocket(protocol, socket, transport, faults, this.#random), path);
    });
  }

  #open(feed: FeedVenue, connection: FaultySocket, path: string): void {
    const { socket, protocol } = connection;
    const { connections } = this.#services;
    const client: DialectClient = {
      send: (payload) => connection.send(payload),
      close: (code, reason) => socket.close(code, reason),
    };
    const session = feed.dialect.open(client, path);
    connections.add(connection);
    this.#streams.set(socket, connection);
    socket.on('message', (data) => {
      this.#services.catchUp(protocol);
      session.onMessage(String(data));
    });
    socket.on('close', () => {
      connections.delete(connection);
      session.onClosed();
    });
  }

  /** Pings every client; one that has not answered the ping before is cut. */
  #pingAll(): void {
    for (const client of this.#sockets.clients) {
      if (client.listenerCount('pong') === 0) client.on('pong', () => this.#alive.add(client));
      else if (!this.#alive.has(client)) {
        client.terminate();
        continue;
      }
      this.#alive.delete(client);
      const data = String(this.#services.nowMs());
      const stream = this.#streams.get(client);
      if (stream === undefined) client.ping(data);
      else stream.ping(data);
    }
  }
}

function routeOf(url: string): { protocol: MarketProtocol; path: string } {
  const end = url.slice(1).search(/[/?]/);
  const first = end < 0 ? url.slice(1) : url.slice(1, end + 1);
  if (!isMarketProtocol(first)) return { protocol: 'binance-spot', path: url };
  const path = url.slice(first.length + 1);
  return { protocol: first, path: path.startsWith('/') ? path : `/${path}` };
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function respond(response: ServerResponse, { status, headers, body }: RestAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function refuse(transport: Duplex, status: number): void {
  const words: Record<number, string> = {
    403: 'Forbidden',
    404: 'Not Found',
    418: "I'm a teapot",
    429: 'Too Many Requests',
  };
  transport.end(`HTTP/1.1 ${status} ${words[status] ?? 'Refused'}\r\nConnection: close\r\n\r\n`);
}
