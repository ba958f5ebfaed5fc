import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { MAX_TEXT_FRAME_BYTES, maskedTextFrame } from './client-frame.ts';

export interface SocketListener {
  onOpen(): void;
  /** `readNs`: monotonic ns when the bytes came out of the socket. */
  onMessage(bytes: Uint8Array, readNs: number): void;
  /** All messages of one read of the socket were handed over: what can wait for the last of them is due now. */
  onReadEnd?(): void;
  onClose(reason: string): void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** Open for this long: the next loss is retried after the shortest delay again. */
const SETTLED_MS = 10_000;
/** A venue pings every 20 s (Binance); without anything for longer the connection is half-open. */
const SILENCE_LIMIT_MS = 60_000;
/** Largest message or document of a venue that is taken into memory; the instrument list of a big one is some 15 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A WebSocket client that reconnects with jittered back-off until disposed. */
export class VenueSocket {
  readonly #url: () => string;
  readonly #listener: SocketListener;
  readonly #nowNs: () => number;
  #socket: WebSocket | undefined;
  /** What `#socket` speaks through. */
  #raw: Socket | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #settled: NodeJS.Timeout | undefined;
  #readNs = 0;
  #disposed = false;

  constructor(url: () => string, nowNs: () => number, listener: SocketListener) {
    this.#url = url;
    this.#nowNs = nowNs;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect(): void {
    if (this.#disposed) return;
    const socket = new WebSocket(this.#url(), {
      perMessageDeflate: false,
      handshakeTimeout: 5_000,
      maxPayload: MAX_BYTES,
    });
    this.#socket = socket;
    let reason = 'closed by the venue';
    let raw: Socket | undefined;
    socket.on('upgrade', (response) => {
      raw = response.socket;
      raw.setNoDelay(true);
      // Runs before ws parses: the moment the bytes left the kernel.
      raw.prependListener('data', () => {
        this.#readNs = this.#nowNs();
      });
    });
    socket.on('open', () => {
      // ws listens by now and hands out every whole message of a read while it is called: this runs behind the last.
      raw?.on('data', () => {
        if (!this.#disposed) this.#listener.onReadEnd?.();
      });
      this.#raw = raw;
      // Not at once: a venue that accepts and hangs up must not be asked ten times a second.
      this.#settled = setTimeout(() => {
        this.#retryMs = FIRST_RETRY_MS;
      }, SETTLED_MS);
      this.#watchSilence(socket);
      this.#listener.onOpen();
    });
    socket.on('message', (data) => {
      // What was read before the end still comes out of ws: after the session's last record nothing may follow.
      if (this.#disposed) return;
      this.#silence?.refresh();
      this.#listener.onMessage(data as Buffer, this.#readNs);
    });
    socket.on('ping', () => this.#silence?.refresh());
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      clearTimeout(this.#silence);
      clearTimeout(this.#settled);
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#raw = undefined;
      if (this.#disposed) return;
      this.#listener.onClose(reason);
      this.#scheduleRetry();
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

  /** Drops the connection; the retry follows by itself. */
  reconnect(): void {
    this.#socket?.terminate();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silence);
    clearTimeout(this.#settled);
    this.#socket?.terminate();
  }

  #scheduleRetry(): void {
    const jittered = this.#retryMs * (0.5 + Math.random());
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#retryTimer = setTimeout(() => this.connect(), jittered);
  }

  #watchSilence(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => socket.terminate(), SILENCE_LIMIT_MS);
  }
}

/** GET a document of at most 64 MiB within `timeoutMs`. @throws Error naming the URL and the status or what went wrong. */
export function fetchBytes(url: string, timeoutMs = 5_000): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    // Over all, not since the last byte: a trickle must end too.
    const signal = AbortSignal.timeout(timeoutMs);
    const failed = (error: Error): void =>
      reject(signal.aborted ? new Error(`${url}: no answer within ${timeoutMs} ms`) : error);
    const request = get(url, { signal }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        if (bytes > MAX_BYTES) request.destroy(new Error(`${url}: expected at most ${MAX_BYTES} bytes, was more`));
        else parts.push(part);
      });
      response.on('error', failed);
      response.on('end', () => {
        const body = Buffer.concat(parts);
        if (response.statusCode === 200) resolve(body);
        else
          reject(new Error(`${url}: expected status 200, was ${response.statusCode} ${body.toString('utf8', 0, 200)}`));
      });
    });
    request.on('error', failed);
  });
}
