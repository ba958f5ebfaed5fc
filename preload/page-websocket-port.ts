import { type FramePort, MAX_FRAME_BYTES } from '../engine/contract/frame.ts';
import { FrameListeners } from './frame-listeners.ts';

/** A frame port over an open browser WebSocket with `binaryType` arraybuffer. */
export class PageWebSocketPort implements FramePort {
  readonly #socket: WebSocket;
  readonly #listeners = new FrameListeners();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (!(event.data instanceof ArrayBuffer)) this.#end('Expected binary frames');
      else if (event.data.byteLength > MAX_FRAME_BYTES) this.#end('Frame too large');
      else if (!this.#listeners.deliver(new Uint8Array(event.data))) this.#end('Nobody listens');
    };
    socket.onclose = (event) => this.#listeners.close(event.reason || `connection closed (${event.code})`);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    if (frame.byteLength > MAX_FRAME_BYTES) {
      throw new RangeError(`Expected at most ${MAX_FRAME_BYTES} bytes of frame, was ${frame.byteLength}`);
    }
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame as Uint8Array<ArrayBuffer>);
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
    this.#socket.close(1000);
    this.#listeners.close(reason);
  }
}
