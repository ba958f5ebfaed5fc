/** The page's end of the storage process: history queries, and its status. */
import {
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../engine/contract/frame.ts';
import type { ConnectionReport } from '../../engine/contract/connection-report.ts';
import type { DataCatalog, DataJob, ExportOrder, ImportOrder } from '../../engine/contract/data-messages.ts';
import type {
  CandleColumns,
  CandleRange,
  StorageClientMessage,
  StorageRequest,
  StorageServerMessage,
  StorageStatus,
  StoredName,
  StoredRange,
  TradeColumns,
  TradeRange,
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

  /** Candles with openTimeS in [fromS, toS), newest `limit` (or oldest), oldest first. Aborted, it ends at the server. */
  async candles(
    series: StoredName,
    intervalSeconds: number,
    range: CandleRange,
    signal?: AbortSignal,
  ): Promise<CandleColumns> {
    return (await this.#request(
      { kind: 'candles', ...named(series), intervalSeconds, ...range },
      signal,
    )) as CandleColumns;
  }

  /** Trades before one, or after one, by time and id: see StorageRequest. */
  async trades(series: StoredName, range: TradeRange, signal?: AbortSignal): Promise<TradeColumns> {
    return (await this.#request({ kind: 'trades', ...named(series), ...range }, signal)) as TradeColumns;
  }

  /** From when to when there is history; null where there is none. */
  async range(series: StoredName): Promise<StoredRange | null> {
    return (await this.#request({ kind: 'range', ...named(series) })) as StoredRange | null;
  }

  /** Changes of a symbol's book state in [fromUs, toUs), newest `limit`, oldest first. */
  async integrity(series: StoredName, fromUs: number, toUs: number, limit: number): Promise<IntegrityView[]> {
    return (await this.#request({ kind: 'integrity', ...named(series), fromUs, toUs, limit })) as IntegrityView[];
  }

  async status(): Promise<StorageStatus> {
    return (await this.#request({ kind: 'status' })) as StorageStatus;
  }

  async catalog(): Promise<DataCatalog> {
    return (await this.#request({ kind: 'catalog' })) as DataCatalog;
  }

  /** Starts it; how far it is comes with the status. */
  async startImport(order: ImportOrder): Promise<DataJob> {
    return (await this.#request({ kind: 'startImport', order })) as DataJob;
  }

  /** As {@link startImport}. */
  async startExport(order: ExportOrder): Promise<DataJob> {
    return (await this.#request({ kind: 'startExport', order })) as DataJob;
  }

  async cancelJob(job: number): Promise<void> {
    await this.#request({ kind: 'cancelJob', job });
  }

  /** The server of the settings as the storage process has it. Takes at most some seconds. */
  async checkConnection(server: 'postgres' | 'redis'): Promise<ConnectionReport> {
    return (await this.#request({ kind: 'checkConnection', server })) as ConnectionReport;
  }

  /** Aborted, it is ended at the server, and rejects with its answer. */
  async #request(request: StorageRequest, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    let cancel: (() => void) | undefined;
    try {
      return await this.#requests.start((requestId) => {
        cancel = () => this.#send({ type: 'cancel', requestId });
        signal?.addEventListener('abort', cancel, { once: true });
        return this.#send({ type: 'request', requestId, request });
      }, 'The storage process is not connected');
    } finally {
      if (cancel !== undefined) signal?.removeEventListener('abort', cancel);
    }
  }

  #send(message: StorageClientMessage): boolean {
    let sent = false;
    for (const frame of encodeJsonFrames(message, performance.now() * 1e6)) sent = this.#port.send(frame);
    return sent;
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

/** Its name alone: an instrument is one too. */
function named({ venue, symbol, source }: StoredName): StoredName {
  return { venue, symbol, ...(source === undefined ? {} : { source }) };
}
