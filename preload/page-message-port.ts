import { type FramePort, MAX_FRAME_BYTES } from '../engine/contract/frame.ts';
import { checkFrameSize, FrameInbox } from '../engine/contract/frame-inbox.ts';

/** A frame port over a MessagePort in the page. */
export class PageMessagePort implements FramePort {
  readonly #port: MessagePort;
  readonly #inbox = new FrameInbox();
  /** MessagePorts do not tell what is queued. */
  readonly bufferedBytes = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener('message', (event: MessageEvent<unknown>) => {
      const { data } = event;
      if (!(data instanceof Uint8Array)) this.#end('Expected binary frames');
      else if (data.byteLength > MAX_FRAME_BYTES) this.#end('Frame too large');
      else if (!this.#inbox.deliver(data)) this.#end('Nobody listens');
    });
    // Chromium tells when the process at the other end is gone; not yet in the DOM types.
    port.addEventListener('close', () => this.#inbox.close('the process closed the connection'));
    port.start();
  }

  send(frame: Uint8Array): void {
    checkFrameSize(frame);
    // Cut out: cloning a view clones the whole buffer behind it.
    if (!this.#inbox.closed) this.#port.postMessage(new Uint8Array(frame));
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

  #end(reason: string): void {
    this.#port.close();
    this.#inbox.close(reason);
  }
}
