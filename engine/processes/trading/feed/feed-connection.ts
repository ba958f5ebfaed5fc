import { RateWindow } from '../../../core/rate-window.ts';
import type { MarketAdapter, StreamRoute } from '../../../venue/market-adapter.ts';
import type { VenueLimits } from '../../../venue/venue-limits.ts';
import { monotonicNs } from '../session-clock.ts';
import { VenueSocket } from '../venue-stream.ts';

/** Texts that wait for their turn; a connection that owes the venue more than an hour of them is of no use. */
const MAX_QUEUED = 1_000;
/** A connection is renewed at a random moment between these parts of the age at which the venue cuts it. */
const RENEW_FROM = 0.9;
const RENEW_TO = 0.97;
/** A renewal that did not come about is tried again after this. */
const RENEW_AGAIN_MS = 60_000;

export interface FeedConnectionOptions {
  route: number;
  stream: StreamRoute;
  streamUrl: string;
  limits: VenueLimits;
  /** Of all connections to the venue. */
  connects: RateWindow;
  adapter: MarketAdapter;
  onOpen(): void;
  onMessage(bytes: Uint8Array, readNs: number): void;
  onReadEnd(): void;
  onClose(reason: string): void;
}

/**
 * One connection of a feed: what is sent keeps to the venue's pace, pings go out, and a connection that the venue would
 * cut for its age is renewed before, each at another moment.
 */
export class FeedConnection {
  readonly #o: FeedConnectionOptions;
  readonly #socket: VenueSocket;
  readonly #messages: RateWindow;
  readonly #queue: string[] = [];
  #pingedMs = 0;
  #socketPingedMs = 0;
  #renewAtMs = Number.POSITIVE_INFINITY;

  constructor(options: FeedConnectionOptions) {
    this.#o = options;
    const { limits, connects, streamUrl, stream } = options;
    this.#messages = new RateWindow(limits.messages);
    this.#socket = new VenueSocket(
      () => streamUrl + stream.path(),
      monotonicNs,
      {
        onOpen: () => this.#onOpen(),
        onMessage: options.onMessage,
        onReadEnd: options.onReadEnd,
        onClose: (reason) => {
          this.#queue.length = 0;
          options.onClose(reason);
        },
        onRenewed: () => this.#onRenewed(),
      },
      {
        silenceLimitMs: limits.silenceLimitMs,
        connectWaitMs: () => {
          const nowMs = performance.now();
          const waitMs = connects.waitMs(nowMs);
          if (waitMs <= 0) connects.take(nowMs);
          return waitMs;
        },
      },
    );
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  connect(): void {
    this.#socket.connect();
  }

  /** Sends as soon as the venue's pace allows; dropped when not connected. */
  send(text: string): void {
    if (!this.#socket.isOpen) return;
    if (this.#queue.length >= MAX_QUEUED) {
      this.reconnect(`more than ${MAX_QUEUED} messages wait to be sent`);
      return;
    }
    this.#queue.push(text);
    this.#sendDue();
  }

  reconnect(reason: string): void {
    console.warn(`${this.#o.stream.name}: reconnecting, ${reason}`);
    this.#socket.reconnect();
  }

  onTimer(): void {
    if (!this.#socket.isOpen) return;
    const nowMs = performance.now();
    const { adapter, limits } = this.#o;
    this.#sendDue();
    if (adapter.pingIntervalMs > 0 && nowMs - this.#pingedMs >= adapter.pingIntervalMs) {
      this.#pingedMs = nowMs;
      this.send(adapter.pingMessage());
    }
    if (limits.socketPingMs > 0 && nowMs - this.#socketPingedMs >= limits.socketPingMs) {
      this.#socketPingedMs = nowMs;
      this.#socket.ping();
    }
    if (nowMs >= this.#renewAtMs) {
      this.#renewAtMs = nowMs + RENEW_AGAIN_MS;
      this.#socket.renew();
    }
  }

  dispose(): void {
    this.#socket.dispose();
  }

  #onOpen(): void {
    this.#queue.length = 0;
    this.#begin();
    this.#o.onOpen();
  }

  /** The new connection knows what its address said; what came since is told it now. */
  #onRenewed(): void {
    this.#queue.length = 0;
    this.#begin();
  }

  #begin(): void {
    const nowMs = performance.now();
    const { limits, adapter, route } = this.#o;
    this.#pingedMs = this.#socketPingedMs = nowMs;
    const lifetimeMs = limits.connectionLifetimeMs;
    const part = RENEW_FROM + Math.random() * (RENEW_TO - RENEW_FROM);
    this.#renewAtMs = lifetimeMs > 0 ? nowMs + lifetimeMs * part : Number.POSITIVE_INFINITY;
    for (const text of adapter.subscriptionMessages(route)) this.send(text);
  }

  #sendDue(): void {
    while (this.#queue.length > 0) {
      const nowMs = performance.now();
      if (this.#messages.waitMs(nowMs) > 0) return;
      this.#messages.take(nowMs);
      this.#socket.send(this.#queue.shift() as string);
    }
  }
}
