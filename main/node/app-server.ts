import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HostInfo } from '../../engine/contract/host-api.ts';
import { processNames } from '../../engine/contract/host-messages.ts';
import type { ProcessName } from '../../engine/contract/process.ts';
import type { HostService } from '../supervisor/host-service.ts';
import { failure, type PageFile, pageHeaders, readPageFile } from '../supervisor/page-files.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { TicketOffice } from './ticket-office.ts';

export interface AppServerOptions {
  supervisor: Supervisor<Socket>;
  service: HostService<Socket>;
  info: HostInfo;
  /** Folder of the built page. */
  rendererRoot: string;
  /** The browser preload; served as /preload.js behind `info`. */
  preloadPath: string;
  /** 0 for any free one. */
  port: number;
}

/** Settings with layouts are the largest thing a page sends. */
const MAX_HOST_MESSAGE_BYTES = 8 * 1024 * 1024;
const NEED_TICKET = 'Christmas is running. Open it with the address it printed; press Enter there for a new one.';

/**
 * The page's side of the Node host, on loopback only: files, host calls at /host, and upgrades at /port/NAME whose
 * sockets are handed to that process, so that no market data passes through main.
 */
export class AppServer {
  readonly #options: AppServerOptions;
  readonly #tickets = new TicketOffice();
  readonly #server: Server;
  readonly #hostSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_HOST_MESSAGE_BYTES,
  });
  #origin = '';
  #authority = '';
  #headers: Record<string, string> = {};
  readonly #pageListeners = new Set<(pages: number) => void>();

  constructor(options: AppServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (file) => send(response, request.method === 'HEAD', file),
        (error: unknown) => {
          options.supervisor.log(`HTTP: ${error instanceof Error ? error.stack : String(error)}`);
          send(response, false, failure(500, 'Internal error', this.#headers));
        },
      );
    });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.headersTimeout = 10_000;
  }

  /** @throws Error when the port is taken. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, '127.0.0.1', resolve);
    });
    this.#authority = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#origin = `http://${this.#authority}`;
    this.#headers = pageHeaders(`ws://${this.#authority}`);
  }

  /** An address that lets one browser in, once. */
  newAddress(): string {
    return `${this.#origin}/open?ticket=${this.#tickets.issue()}`;
  }

  get origin(): string {
    return this.#origin;
  }

  /** Number of pages connected now. */
  get pages(): number {
    return this.#hostSockets.clients.size;
  }

  onPages(listener: (pages: number) => void): void {
    this.#pageListeners.add(listener);
  }

  /** Closes at once; pages see their sockets close. */
  close(): void {
    for (const client of this.#hostSockets.clients) client.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #cookieName(): string {
    // Cookies do not know ports: two runs side by side must not take each other's.
    return `christmas-${this.#authority.slice(this.#authority.indexOf(':') + 1)}`;
  }

  async #answer(request: IncomingMessage): Promise<PageFile> {
    if (request.headers.host !== this.#authority) return failure(403, 'Unexpected host', this.#headers);
    if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'Only GET', this.#headers);
    const url = new URL(request.url ?? '/', this.#origin);
    if (url.pathname === '/open') return this.#open(request, url.searchParams.get('ticket') ?? '');
    if (!this.#isLetIn(request)) return failure(403, NEED_TICKET, this.#headers);
    if (url.pathname === '/preload.js') return this.#preload();
    return readPageFile(this.#options.rendererRoot, url.pathname, this.#headers);
  }

  #open(request: IncomingMessage, ticket: string): PageFile {
    // HEAD must not use up a ticket: link previews send it.
    if (request.method !== 'GET') return failure(405, 'Only GET', this.#headers);
    const session = this.#tickets.redeem(ticket);
    if (session === undefined) {
      // Reloading the address after it was used: the cookie still counts.
      if (this.#isLetIn(request)) return redirectHome(this.#headers);
      return failure(403, `This address was used already. ${NEED_TICKET}`, this.#headers);
    }
    return redirectHome({
      ...this.#headers,
      'set-cookie': `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`,
    });
  }

  async #preload(): Promise<PageFile> {
    const script = await readFile(this.#options.preloadPath, 'utf8');
    return {
      status: 200,
      headers: { ...this.#headers, 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' },
      body: Buffer.from(`globalThis.christmasHostInfo = ${JSON.stringify(this.#options.info)};\n${script}`),
    };
  }

  #isLetIn(request: IncomingMessage): boolean {
    const prefix = `${this.#cookieName}=`;
    for (const cookie of (request.headers.cookie ?? '').split(/;\s*/)) {
      if (cookie.startsWith(prefix) && this.#tickets.isSession(cookie.slice(prefix.length))) return true;
    }
    return false;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A page that goes away in the middle of the handshake.
    socket.on('error', () => socket.destroy());
    if (request.headers.host !== this.#authority || request.headers.origin !== this.#origin) {
      refuse(socket, '403 Forbidden', 'Unexpected host or origin');
      return;
    }
    if (!this.#isLetIn(request)) {
      refuse(socket, '403 Forbidden', 'No session');
      return;
    }
    // Not through URL: it throws on a path such as `//`, and here that would end main.
    const [pathname] = (request.url ?? '/').split('?', 1);
    if (pathname === '/host') {
      this.#hostSockets.handleUpgrade(request, socket, head, (webSocket) => this.#serveHost(webSocket));
      return;
    }
    const name = processNames.find((known) => pathname === `/port/${known}`);
    if (name === undefined) refuse(socket, '404 Not Found', 'No such port');
    else this.#handOver(name, request, socket, head);
  }

  #handOver(name: ProcessName, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { cookie: _secret, ...headers } = request.headers;
    const upgrade = {
      url: request.url ?? '/',
      headers,
      method: request.method ?? 'GET',
      headBase64: head.toString('base64'),
    };
    try {
      if (!(socket instanceof Socket)) throw new Error('Expected a plain TCP socket');
      this.#options.supervisor.connect(name, { type: 'connect', upgrade }, socket);
    } catch (error) {
      refuse(socket, '503 Service Unavailable', (error as Error).message);
    }
  }

  #serveHost(webSocket: WebSocket): void {
    const { service, supervisor } = this.#options;
    const sendJson = (message: unknown): void => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.send(JSON.stringify(message));
    };
    const unsubscribe = service.subscribe(sendJson);
    // A page that was away learns what it missed.
    sendJson({ type: 'settings', settings: supervisor.settingsForPage });
    sendJson({ type: 'processes', processes: supervisor.processes });
    webSocket.on('message', (data) => {
      let message: unknown;
      try {
        message = JSON.parse(String(data));
      } catch {
        // Not from our preload.
        webSocket.close(1003, 'Expected JSON');
        return;
      }
      service.answer(message).then(sendJson, (error: unknown) => supervisor.log(`host call: ${String(error)}`));
    });
    webSocket.on('error', (error) => supervisor.log(`host socket: ${error.message}`));
    webSocket.on('close', () => {
      unsubscribe();
      // ws removes the client after this event.
      setImmediate(() => this.#pagesChanged());
    });
    this.#pagesChanged();
  }

  #pagesChanged(): void {
    for (const listener of this.#pageListeners) listener(this.pages);
  }
}

function redirectHome(headers: Record<string, string>): PageFile {
  return { status: 303, headers: { ...headers, location: '/', 'cache-control': 'no-store' }, body: new Uint8Array() };
}

function send(response: ServerResponse, headersOnly: boolean, file: PageFile): void {
  response.writeHead(file.status, { ...file.headers, 'content-length': file.body.byteLength });
  if (headersOnly) response.end();
  else response.end(file.body);
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
