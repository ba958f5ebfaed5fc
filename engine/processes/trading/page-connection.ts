import {
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../contract/frame.ts';
import { MarketFrameWriter } from '../../contract/market-frame.ts';
import type {
  TradingClientMessage,
  TradingHello,
  TradingRequest,
  TradingServerMessage,
  TradingSnapshot,
} from '../../contract/trading-messages.ts';
import { RefusedError } from './errors.ts';
import { PendingTrades } from './pending-trades.ts';

/** What a page sees of the session. */
export interface PageSource {
  nowNs(): number;
  hello(): TradingHello;
  snapshot(): TradingSnapshot;
  /**
   * Does what the page asks; a promise where a venue must be asked first.
   * @throws (or rejects with) RefusedError with one line for the user; anything else is a bug and goes on.
   */
  handle(request: TradingRequest): unknown;
  /** Rises with every market event of the instrument. */
  eventCount(instrument: number): number;
  /**
   * Writes the newest state of the instrument into a frame body; returns the number of fields written.
   * `sinceSecond`: 1 s candles that opened before it were sent already, but for the last of them.
   */
  writeMarket(
    body: Float64Array,
    instrument: number,
    trades: PendingTrades,
    events: number,
    sinceSecond: number,
  ): number;
  /** Open time of the newest candle of the instrument, seconds since the epoch; 0 without one. */
  newestCandleSecond(instrument: number): number;
}

/** Frames on their way to the page before conflation starts; two keep it busy over one round trip. */
const CREDIT_FRAMES = 2;
/** A page that is not read at all (a stopped debugger, a dead tab) must not make the engine's memory grow. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

/** One page: answers its requests, streams its instrument, conflates when it is slow. Never drops orders or fills. */
export class PageConnection {
  readonly #port: FramePort;
  readonly #source: PageSource;
  readonly #assembler = new JsonFrameAssembler(1024 * 1024);
  readonly #writer = new MarketFrameWriter();
  readonly #trades = new PendingTrades();
  #instrument = -1;
  #sentSequence = 0;
  #drawnSequence = 0;
  #sentEvents = -1;
  #sentSecond = 0;
  #marketStateChanged = false;

  constructor(port: FramePort, source: PageSource, onClosed: (page: PageConnection) => void) {
    this.#port = port;
    this.#source = source;
    port.onFrame((frame) => this.#onFrame(frame));
    port.onClose(() => onClosed(this));
    this.send(source.hello());
  }

  send(message: TradingServerMessage): void {
    if (this.#port.bufferedBytes > MAX_BUFFERED_BYTES) {
      // It gets everything again from the snapshot when it comes back.
      this.#port.close();
      return;
    }
    for (const frame of encodeJsonFrames(message, this.#source.nowNs())) this.#port.send(frame);
  }

  onTrade(instrument: number, timeUs: number, priceTicks: number, sizeLots: number, id: number, side: number): void {
    if (instrument === this.#instrument) this.#trades.push(timeUs, priceTicks, sizeLots, id, side);
  }

  /** Own orders or the position changed: the next frame goes out even without a market event. */
  onOwnChange(): void {
    this.#marketStateChanged = true;
  }

  /** Sends a market frame if there is something new and the page has credit. Call every few ms. */
  flush(): void {
    const instrument = this.#instrument;
    if (instrument < 0 || this.#sentSequence - this.#drawnSequence >= CREDIT_FRAMES) return;
    const events = this.#source.eventCount(instrument);
    if (events === this.#sentEvents && !this.#marketStateChanged) return;
    const fields = this.#source.writeMarket(
      this.#writer.body,
      instrument,
      this.#trades,
      events - Math.max(0, this.#sentEvents),
      this.#sentSecond,
    );
    this.#sentSecond = this.#source.newestCandleSecond(instrument);
    this.#sentEvents = events;
    this.#marketStateChanged = false;
    this.#trades.clear();
    this.#sentSequence++;
    this.#port.send(this.#writer.finish(this.#sentSequence, this.#source.nowNs(), fields));
  }

  #onFrame(frame: Uint8Array): void {
    let message: TradingClientMessage | null;
    try {
      const header = readFrameHeader(frame);
      if (header.kind === FrameKind.credit) {
        if (header.sequence <= this.#sentSequence) this.#drawnSequence = Math.max(this.#drawnSequence, header.sequence);
        return;
      }
      if (header.kind !== FrameKind.json) throw new RangeError(`Expected JSON or credit, was kind ${header.kind}`);
      const whole = this.#assembler.push(frame, header);
      if (whole === undefined) return;
      message = whole as TradingClientMessage | null;
    } catch (error) {
      console.error(`page sent a bad frame: ${(error as Error).message}`);
      this.#port.close();
      return;
    }
    if (message?.type === 'ping') {
      this.send({ type: 'pong', clientTimeMs: message.clientTimeMs, engineTimeNs: this.#source.nowNs() });
    } else if (message?.type === 'request') {
      this.#answer(message.requestId, message.request);
    }
  }

  #answer(requestId: number, request: TradingRequest): void {
    try {
      const isSubscription = request?.kind === 'subscribe';
      if (isSubscription) this.#subscribe(request.instrument);
      const result = isSubscription ? undefined : this.#source.handle(request);
      if (!(result instanceof Promise)) {
        this.send({ type: 'reply', requestId, ok: true, result });
        return;
      }
      result
        .then((later: unknown) => this.send({ type: 'reply', requestId, ok: true, result: later }))
        .catch((error: unknown) => this.#refuse(requestId, error));
    } catch (error) {
      this.#refuse(requestId, error);
    }
  }

  /** A bug, or a journal that cannot be written, goes on: it must not trade on. */
  #refuse(requestId: number, error: unknown): void {
    this.send({ type: 'reply', requestId, ok: false, error: (error as Error).message });
    if (!(error instanceof RefusedError)) throw error;
  }

  #subscribe(instrument: number): void {
    const known = this.#source.hello().instruments.length;
    if (!Number.isInteger(instrument) || instrument < 0 || instrument >= known) {
      throw new RefusedError(`instrument: expected 0..${known - 1}, was ${JSON.stringify(instrument)}`);
    }
    this.#instrument = instrument;
    this.#sentEvents = -1;
    this.#sentSecond = this.#source.newestCandleSecond(instrument);
    // Frames of the instrument before are not worth waiting for.
    this.#drawnSequence = this.#sentSequence;
    this.#trades.clear();
    this.send(this.#source.snapshot());
  }
}
