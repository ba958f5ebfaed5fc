import { MAX_FRAME_BYTES, type FramePort } from '../contract/frame.ts';
import { checkFrameSize, FrameInbox } from '../contract/frame-inbox.ts';

/** What Electron's MessagePortMain offers, without importing electron. */
export interface MessagePortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/**
 * A frame port over an Electron MessagePort: one posted Uint8Array is one frame. Cloning a view clones the whole buffer
 * behind it, so a frame is cut out exactly first; transferring a buffer between processes loses it (electron#34905).
 */
export class MessagePortFramePort implements FramePort {
  readonly #port: MessagePortLike;
  readonly #inbox = new FrameInbox();
  /** MessagePorts do not tell what is queued. */
  readonly bufferedBytes = 0;

  constructor(port: MessagePortLike) {
    this.#port = port;
    port.on('message', (event) => this.#onMessage(event.data));
    port.on('close', () => this.#inbox.close('closed by the other side'));
    port.start();
  }

  send(frame: Uint8Array): void {
    checkFrameSize(frame);
    if (this.#inbox.closed) return;
    this.#port.postMessage(new Uint8Array(frame));
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#inbox.onFrame(listener);
  }

  onClose(listener: (reason: string) => void): void {
    this.#inbox.onClose(listener);
  }

  close(): void {
    this.#end('closed by this side');
  }

  #onMessage(data: unknown): void {
    const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    if (!(frame instanceof Uint8Array)) this.#end('Expected binary frames');
    else if (frame.byteLength > MAX_FRAME_BYTES) {
      this.#end(`Expected at most ${MAX_FRAME_BYTES} bytes of frame, was ${frame.byteLength}`);
    } else if (!this.#inbox.deliver(frame)) this.#end('Nobody listens');
  }

  #end(reason: string): void {
    if (this.#inbox.closed) return;
    this.#port.close();
    this.#inbox.close(reason);
  }
}
