/** The page's end of the trading process: JSON messages at once, market frames to the queue of the frame scheduler. */
import {
  encodeCreditFrame,
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../engine/contract/frame.ts';
import {
  TRADING_PROTOCOL,
  type TradingClientMessage,
  type TradingHello,
  type TradingRequest,
  type TradingServerMessage,
} from '../../engine/contract/trading-messages.ts';
import { ReconnectingPort } from './reconnecting-port.ts';
import { RequestTable } from './request-table.ts';

/** Market frames waiting to be drawn. More than the credit window; beyond it the oldest is taken without waiting for a frame. */
export const MAX_QUEUED_FRAMES = 64;

export interface TradingLinkEvents {
  /** Instrument to subscribe to, chosen from hello. */
  onHello(hello: TradingHello): number;
  onMessage(message: Exclude<TradingServerMessage, { type: 'hello' | 'reply' | 'pong' }>): void;
  onPong(clientTimeMs: number, engineTimeNs: number): void;
  /** A market frame arrived; `queued` frames wait. */
  onMarketFrame(queued: number): void;
  onDisconnect(reason: string): void;
  /** A frame that could not be understood. */
  onBadFrame(error: Error): void;
}

const PING_MS = 1_000;

export class TradingLink {
  readonly #events: TradingLinkEvents;
  readonly #port: ReconnectingPort;
  readonly #requests = new RequestTable(10_000);
  #assembler = new JsonFrameAssembler();
  readonly #queue: Uint8Array[] = [];
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #wasOpen = false;
  /** Market frames received on all ports. */
  framesReceived = 0;
  bytesReceived = 0;

  constructor(open: () => Promise<FramePort>, events: TradingLinkEvents) {
    this.#events = events;
    this.#port = new ReconnectingPort(open, {
      onOpen: () => this.#opened(),
      onFrame: (frame) => this.#frame(frame),
      onClose: (reason) => this.#closed(reason),
    });
  }

  start(): void {
    this.#port.start();
    this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
  }

  stop(): void {
    clearInterval(this.#pingTimer);
    this.#port.stop();
    this.#requests.rejectAll('The page is closing');
  }

  retryNow(): void {
    this.#port.retryNow();
  }

  /** Sends a request; rejects with the engine's error, or when the port is gone (the fate of an order is then unknown until the next snapshot). */
  request(request: TradingRequest): Promise<unknown> {
    return this.#requests.start(
      (requestId) => this.#send({ type: 'request', requestId, request }),
      'The trading process is not connected',
    );
  }

  /** Tells the engine that everything up to `sequence` was drawn. */
  sendCredit(sequence: number, paintMs: number): void {
    this.#port.send(encodeCreditFrame(sequence, paintMs * 1e6));
  }

  /** Oldest waiting market frame. */
  takeFrame(): Uint8Array | undefined {
    return this.#queue.shift();
  }

  #send(message: TradingClientMessage): boolean {
    let sent = false;
    for (const frame of encodeJsonFrames(message, performance.now() * 1e6)) sent = this.#port.send(frame);
    return sent;
  }

  #ping(): void {
    if (this.#wasOpen) this.#send({ type: 'ping', clientTimeMs: performance.now() });
  }

  #opened(): void {
    this.#assembler = new JsonFrameAssembler();
    this.#queue.length = 0;
    this.#wasOpen = true;
    this.#ping();
  }

  #closed(reason: string): void {
    this.#wasOpen = false;
    this.#queue.length = 0;
    this.#requests.rejectAll(
      'The trading process went away before it answered; its orders are reconciled when it is back',
    );
    this.#events.onDisconnect(reason);
  }

  #frame(frame: Uint8Array): void {
    try {
      const header = readFrameHeader(frame);
      this.bytesReceived += frame.byteLength;
      if (header.kind === FrameKind.market) {
        this.framesReceived++;
        this.#queue.push(frame);
        this.#events.onMarketFrame(this.#queue.length);
      } else if (header.kind === FrameKind.json) {
        const message = this.#assembler.push(frame, header);
        if (message !== undefined) this.#message(message as TradingServerMessage);
      }
    } catch (error) {
      this.#events.onBadFrame(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #message(message: TradingServerMessage): void {
    switch (message.type) {
      case 'hello': {
        if (message.protocol !== TRADING_PROTOCOL) {
          throw new RangeError(`Expected trading protocol ${TRADING_PROTOCOL}, was ${message.protocol}`);
        }
        const instrument = this.#events.onHello(message);
        this.request({ kind: 'subscribe', instrument }).catch((error: Error) => this.#events.onBadFrame(error));
        break;
      }
      case 'reply':
        this.#requests.settle(message);
        break;
      case 'pong':
        this.#events.onPong(message.clientTimeMs, message.engineTimeNs);
        break;
      default:
        this.#events.onMessage(message);
    }
  }
}
