import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { MAX_TEXT_FRAME_BYTES, maskedTextFrame } from './client-frame.ts';
import { retryAfterMs } from './venue-request.ts';

export interface SocketListener {
  onOpen(): void;
  /** `readNs`: monotonic ns when the bytes came out of the socket. */
  onMessage(bytes: Uint8Array, readNs: number): void;
  /** All messages of one read of the socket were handed over: what can wait for the last of them is due now. */
  onReadEnd?(): void;
  onClose(reason: string): void;
  /** {@link VenueSocket.renew} is done: the new connection has taken over, nothing was closed as seen from here. */
  onRenewed?(): void;
}

export interface VenueSocketOptions {
  /** Nothing, not even a ping, for this long: half-open. Default 60 s. */
  silenceLimitMs?: number;
  /** Takes leave to open a connection: ms to wait for it, 0 when it was given. Default: always. */
  connectWaitMs?: () => number;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** Open for this long: the next loss is retried after the shortest delay again. */
const SETTLED_MS = 10_000;
/** A venue pings every 20 s (Binance); without anything for longer the connection is half-open. */
const SILENCE_LIMIT_MS = 60_000;
/** Largest message of a venue that is taken into memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A new connection that has had nothing to say for this long takes over all the same. */
const RENEWAL_PATIENCE_MS = 5_000;

/** A WebSocket client that reconnects with jittered back-off until disposed. */
export class VenueSocket {
  readonly #url: () => string;
  readonly #listener: SocketListener;
  readonly #nowNs: () => number;
  readonly #silenceLimitMs: number;
  readonly #connectWaitMs: () => number;
  #socket: WebSocket | undefined;
  /** What each connection speaks through, once it is open. */
  readonly #raws = new WeakMap<WebSocket, Socket>();
  /** What `#socket` speaks through. */
  #raw: Socket | undefined;
  /** Opened beside `#socket` to take its place. */
  #successor: WebSocket | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** The venue's own word on when to come back. */
  #retryAfterMs = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #renewalTimer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #settled: NodeJS.Timeout | undefined;
  #readNs = 0;
  #disposed = false;

  constructor(url: () => string, nowNs: () => number, listener: SocketListener, options: VenueSocketOptions = {}) {
    this.#url = url;
    this.#nowNs = nowNs;
    this.#listener = listener;
    this.#silenceLimitMs = options.silenceLimitMs ?? SILENCE_LIMIT_MS;
    this.#connectWaitMs = options.connectWaitMs ?? (() => 0);
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect(): void {
    if (this.#disposed) return;
    const waitMs = this.#connectWaitMs();
    if (waitMs > 0) {
      this.#retryTimer = setTimeout(() => this.connect(), waitMs);
      return;
    }
    const socket = this.#create();
    this.#socket = socket;
    socket.on('open', () => {
      this.#raw = this.#raws.get(socket);
      // Not at once: a venue that accepts and hangs up must not be asked ten times a second.
      this.#settled = setTimeout(() => {
        this.#retryMs = FIRST_RETRY_MS;
      }, SETTLED_MS);
      this.#watchSilence();
      this.#listener.onOpen();
    });
  }

  /**
   * Opens a second connection and lets it take the first one's place with its first message, so that a venue which cuts
   * connections of a certain age costs no book. Does nothing while not connected, or when one is under way already; one
   * that fails leaves things as they are. What both deliver meanwhile comes from the first alone.
   */
  renew(): void {
    if (this.#disposed || !this.isOpen || this.#successor !== undefined || this.#connectWaitMs() > 0) return;
    const successor = this.#create();
    this.#successor = successor;
    successor.on('open', () => {
      this.#renewalTimer = setTimeout(() => this.#takeOver(successor), RENEWAL_PATIENCE_MS);
    });
  }

  /** False when the socket is not open: nothing was sent. */
  send(message: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    // One buffer in one write: ws would hand a text to the kernel in two parts, through three more layers.
    if (this.#raw !== undefined && message.length * 3 <= MAX_TEXT_FRAME_BYTES)
      this.#raw.write(maskedTextFrame(message));
    else this.#socket.send(message);
    return true;
  }

  /** A ping of the WebSocket itself, for venues that have none of their own: its pong is a sign of life. */
  ping(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  /** Drops the connection; the retry follows by itself. */
  reconnect(): void {
    this.#socket?.terminate();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#renewalTimer);
    clearTimeout(this.#silence);
    clearTimeout(this.#settled);
    this.#socket?.terminate();
    this.#successor?.terminate();
  }

  #create(): WebSocket {
    const socket = new WebSocket(this.#url(), {
      perMessageDeflate: false,
      handshakeTimeout: 5_000,
      maxPayload: MAX_BYTES,
    });
    let reason = 'closed by the venue';
    socket.on('upgrade', (response) => {
      response.socket.setNoDelay(true);
      this.#raws.set(socket, response.socket);
      // Runs before ws parses: the moment the bytes left the kernel.
      response.socket.prependListener('data', () => {
        this.#readNs = this.#nowNs();
      });
    });
    socket.on('open', () => {
      // ws listens by now and hands out every whole message of a read while it is called: this runs behind the last.
      this.#raws.get(socket)?.on('data', () => {
        if (!this.#disposed && socket === this.#socket) this.#listener.onReadEnd?.();
      });
    });
    socket.on('unexpected-response', (request, response) => {
      reason = `refused with status ${response.statusCode}`;
      this.#retryAfterMs = retryAfterMs(response.headers);
      response.resume();
      request.destroy();
      socket.terminate();
    });
    socket.on('message', (data) => {
      // What was read before the end still comes out of ws: after the session's last record nothing may follow.
      if (this.#disposed) return;
      if (socket === this.#successor) this.#takeOver(socket);
      if (socket !== this.#socket) return;
      this.#listener.onMessage(data as Buffer, this.#readNs);
      // Behind what the message leads to: an order does not wait for a timer.
      this.#silence?.refresh();
    });
    const isAlive = (): void => {
      if (socket === this.#socket) this.#silence?.refresh();
    };
    socket.on('ping', isAlive);
    socket.on('pong', isAlive);
    socket.on('error', (error) => {
      if (reason === 'closed by the venue') reason = error.message;
    });
    socket.on('close', () => this.#onClose(socket, reason));
    return socket;
  }

  #onClose(socket: WebSocket, reason: string): void {
    if (this.#successor !== undefined && socket === this.#successor) {
      clearTimeout(this.#renewalTimer);
      this.#successor = undefined;
    }
    if (this.#socket !== socket) return;
    clearTimeout(this.#silence);
    clearTimeout(this.#settled);
    this.#socket = undefined;
    this.#raw = undefined;
    if (this.#disposed) return;
    // One that was under way to take over comes too late: what the venue said meanwhile is lost.
    this.#successor?.terminate();
    this.#listener.onClose(reason);
    this.#scheduleRetry();
  }

  #takeOver(successor: WebSocket): void {
    clearTimeout(this.#renewalTimer);
    const old = this.#socket;
    if (this.#disposed || successor !== this.#successor || successor.readyState !== WebSocket.OPEN) return;
    this.#successor = undefined;
    this.#socket = successor;
    this.#raw = this.#raws.get(successor);
    old?.terminate();
    this.#watchSilence();
    this.#listener.onRenewed?.();
  }

  #scheduleRetry(): void {
    const jittered = Math.max(this.#retryMs * (0.5 + Math.random()), this.#retryAfterMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#retryAfterMs = 0;
    this.#retryTimer = setTimeout(() => this.connect(), jittered);
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.terminate(), this.#silenceLimitMs);
  }
}
