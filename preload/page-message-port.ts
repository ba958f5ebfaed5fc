import { type FramePort, MAX_FRAME_BYTES } from '../engine/contract/frame.ts';
import { FrameListeners } from './frame-listeners.ts';

/** A frame port over a MessagePort in the page. */
export class PageMessagePort implements FramePort {
  readonly #port: MessagePort;
  readonly #listeners = new FrameListeners();
  /** MessagePorts do not tell what is queued. */
  readonly bufferedBytes = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener('message', (event: MessageEvent<unknown>) => {
      const { data } = event;
      if (!(data instanceof Uint8Array)) this.#end('Expected binary frames');
      else if (data.byteLength > MAX_FRAME_BYTES) this.#end('Frame too large');
      else if (!this.#listeners.deliver(data)) this.#end('Nobody listens');
    });
    // Chromium tells when the process at the other end is gone; not yet in the DOM types.
    port.addEventListener('close', () => this.#listeners.close('the process closed the connection'));
    port.start();
  }

  send(frame: Uint8Array): void {
    if (frame.byteLength > MAX_FRAME_BYTES) {
      throw new RangeError(`Expected at most ${MAX_FRAME_BYTES} bytes of frame, was ${frame.byteLength}`);
    }
    // Cut out: cloning a view clones the whole buffer behind it.
    if (!this.#listeners.closed) this.#port.postMessage(new Uint8Array(frame));
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#listeners.onFrame(listener);
  }

  onClose(listener: (reason: string) => void): void {
    this.#listeners.onClose(listener);
  }

  close(): void {
    this.#end('closed by this side');
  }

  #end(reason: string): void {
    this.#port.close();
    this.#listeners.close(reason);
  }
}
