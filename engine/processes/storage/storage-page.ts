import {
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../contract/frame.ts';
import type { StorageClientMessage, StorageServerMessage, StorageStatus } from '../../contract/storage-messages.ts';
import type { StorageService } from '../../storage/storage-service.ts';

/** A page that does not read gets no more status messages beyond this. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** What a page needs of the storage service. */
export type PageService = Pick<StorageService, 'request' | 'cancel' | 'forget'>;

/** One page's port: requests in, replies and status out. */
export class StoragePage {
  readonly #port: FramePort;
  readonly #service: PageService;
  readonly #assembler = new JsonFrameAssembler(1024 * 1024);
  #closed = false;

  constructor(port: FramePort, service: PageService, onClose: (page: StoragePage) => void) {
    this.#port = port;
    this.#service = service;
    port.onFrame((frame) => this.#onFrame(frame));
    port.onClose(() => {
      this.#closed = true;
      service.forget(this);
      onClose(this);
    });
  }

  sendStatus(status: StorageStatus): void {
    if (this.#port.bufferedBytes <= MAX_BUFFERED_BYTES) this.#send({ type: 'status', status });
  }

  close(): void {
    this.#port.close();
  }

  #onFrame(frame: Uint8Array): void {
    let message: unknown;
    try {
      const header = readFrameHeader(frame);
      if (header.kind !== FrameKind.json) return;
      message = this.#assembler.push(frame, header);
    } catch (error) {
      console.error(`storage: closing a page's port after a bad frame: ${(error as Error).message}`);
      this.#port.close();
      return;
    }
    if (message !== undefined) void this.#onMessage(message as StorageClientMessage);
  }

  async #onMessage(message: StorageClientMessage): Promise<void> {
    const requestId = message?.requestId;
    if (message?.type === 'cancel' && typeof requestId === 'number') {
      this.#service.cancel(this, requestId);
      return;
    }
    if (message?.type !== 'request' || typeof requestId !== 'number') {
      console.error('storage: expected a request with a requestId from the page');
      return;
    }
    try {
      if (typeof message.request !== 'object' || message.request === null) throw new RangeError('Expected a request');
      const result = await this.#service.request(this, message.request, requestId);
      this.#send({ type: 'reply', requestId, ok: true, result });
    } catch (error) {
      this.#send({ type: 'reply', requestId, ok: false, error: (error as Error).message });
    }
  }

  #send(message: StorageServerMessage): void {
    if (this.#closed) return;
    for (const frame of encodeJsonFrames(message, performance.now() * 1e6)) this.#port.send(frame);
  }
}
