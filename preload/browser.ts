/**
 * HostApi in a browser, over WebSockets to the Node host. Served as /preload.js behind one line that sets
 * `christmasHostInfo`, and loaded as a classic script before the app.
 */
import type { FramePort } from '../engine/contract/frame.ts';
import type { HostInfo } from '../engine/contract/host-api.ts';
import type { HostMessage, HostRequest } from '../engine/contract/host-messages.ts';
import type { ProcessName } from '../engine/contract/process.ts';
import { HostClient } from './host-client.ts';
import { PageWebSocketPort } from './page-websocket-port.ts';

const RECONNECT_MS = 1_000;
/** Calls made while main is away; more than this and something is wrong. */
const MAX_WAITING = 256;

/** Browsers open WebSockets to a host one by one: one that is never answered would keep back all that come after it. */
const OPEN_LIMIT_MS = 3_000;

const base = `ws://${location.host}`;
let socket: WebSocket | undefined;
let waiting: HostRequest[] = [];

const client = new HostClient({ send, openPort });

function send(request: HostRequest): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  else if (waiting.length < MAX_WAITING) waiting.push(request);
  else client.receive({ type: 'reply', requestId: request.requestId, ok: false, error: 'Christmas is not reachable' });
}

function connectHost(): void {
  const opening = new WebSocket(`${base}/host`);
  socket = opening;
  opening.onopen = () => {
    const requests = waiting;
    waiting = [];
    for (const request of requests) send(request);
  };
  opening.onmessage = (event: MessageEvent<unknown>) => client.receive(JSON.parse(String(event.data)) as HostMessage);
  opening.onclose = () => {
    waiting = [];
    client.failAll('The connection to Christmas was lost');
    setTimeout(connectHost, RECONNECT_MS);
  };
}

function openPort(process: ProcessName): Promise<FramePort> {
  return new Promise((resolve, reject) => {
    const opening = new WebSocket(`${base}/port/${process}`);
    opening.binaryType = 'arraybuffer';
    // A browser does not tell why an upgrade was refused; the process list does.
    const limit = setTimeout(() => opening.close(), OPEN_LIMIT_MS);
    opening.onclose = () => {
      clearTimeout(limit);
      reject(new Error(`${process} does not accept connections now`));
    };
    opening.onopen = () => {
      clearTimeout(limit);
      resolve(new PageWebSocketPort(opening));
    };
  });
}

// As in Electron, the app opens no other window.
Object.defineProperty(window, 'open', { value: () => null });

const { christmasHostInfo } = globalThis as unknown as { christmasHostInfo: HostInfo };
connectHost();
Object.defineProperty(window, 'christmas', { value: Object.freeze(client.api(christmasHostInfo)) });
