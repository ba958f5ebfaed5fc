/** The page's end of the storage process: history queries, and its status. */
import {
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../engine/contract/frame.ts';
import type {
  SeriesName,
  CandleColumns,
  StorageClientMessage,
  StorageRequest,
  StorageServerMessage,
  StorageStatus,
  TradeColumns,
} from '../../engine/contract/storage-messages.ts';
import type { IntegrityView } from '../../engine/contract/trading-messages.ts';
import { ReconnectingPort } from './reconnecting-port.ts';
import { RequestTable } from './request-table.ts';

export interface StorageLinkEvents {
  onStatus(status: StorageStatus): void;
  onOpen(): void;
  onDisconnect(reason: string): void;
  onBadFrame(error: Error): void;
}

export class StorageLink {
  readonly #port: ReconnectingPort;
  readonly #requests = new RequestTable(15_000);
  readonly #events: StorageLinkEvents;
  #assembler = new JsonFrameAssembler();

  constructor(open: () => Promise<FramePort>, events: StorageLinkEvents) {
    this.#events = events;
    this.#port = new ReconnectingPort(open, {
      onOpen: () => {
        this.#assembler = new JsonFrameAssembler();
        events.onOpen();
      },
      onFrame: (frame) => this.#frame(frame),
      onClose: (reason) => {
        this.#requests.rejectAll('The storage process went away before it answered');
        events.onDisconnect(reason);
      },
    });
  }

  start(): void {
    this.#port.start();
  }

  stop(): void {
    this.#port.stop();
    this.#requests.rejectAll('The page is closing');
  }

  retryNow(): void {
    this.#port.retryNow();
  }

  /** Candles with openTimeS in [fromS, toS), newest `limit`, oldest first. */
  async candles(
    { venue, symbol }: SeriesName,
    intervalSeconds: number,
    fromS: number,
    toS: number,
    limit: number,
  ): Promise<CandleColumns> {
    return (await this.#request({
      kind: 'candles',
      venue,
      symbol,
      intervalSeconds,
      fromS,
      toS,
      limit,
    })) as CandleColumns;
  }

  /** Newest trades before a time. */
  async trades({ venue, symbol }: SeriesName, beforeUs: number, limit: number): Promise<TradeColumns> {
    return (await this.#request({ kind: 'trades', venue, symbol, beforeUs, limit })) as TradeColumns;
  }

  /** Changes of a symbol's book state in [fromUs, toUs), newest `limit`, oldest first. */
  async integrity(
    { venue, symbol }: SeriesName,
    fromUs: number,
    toUs: number,
    limit: number,
  ): Promise<IntegrityView[]> {
    return (await this.#request({ kind: 'integrity', venue, symbol, fromUs, toUs, limit })) as IntegrityView[];
  }

  async status(): Promise<StorageStatus> {
    return (await this.#request({ kind: 'status' })) as StorageStatus;
  }

  #request(request: StorageRequest): Promise<unknown> {
    return this.#requests.start((requestId) => {
      const message: StorageClientMessage = { type: 'request', requestId, request };
      let sent = false;
      for (const frame of encodeJsonFrames(message, performance.now() * 1e6)) sent = this.#port.send(frame);
      return sent;
    }, 'The storage process is not connected');
  }

  #frame(frame: Uint8Array): void {
    try {
      const header = readFrameHeader(frame);
      if (header.kind !== FrameKind.json) return;
      const message = this.#assembler.push(frame, header) as StorageServerMessage | undefined;
      if (message?.type === 'status') this.#events.onStatus(message.status);
      else if (message?.type === 'reply') this.#requests.settle(message);
    } catch (error) {
      this.#events.onBadFrame(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
