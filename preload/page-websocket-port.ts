import { type FramePort, MAX_FRAME_BYTES } from '../engine/contract/frame.ts';
import { checkFrameSize, FrameInbox } from '../engine/contract/frame-inbox.ts';

/** A frame port over an open browser WebSocket with `binaryType` arraybuffer. */
export class PageWebSocketPort implements FramePort {
  readonly #socket: WebSocket;
  readonly #inbox = new FrameInbox();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (!(event.data instanceof ArrayBuffer)) this.#end('Expected binary frames');
      else if (event.data.byteLength > MAX_FRAME_BYTES) this.#end('Frame too large');
      else if (!this.#inbox.deliver(new Uint8Array(event.data))) this.#end('Nobody listens');
    };
    socket.onclose = (event) => this.#inbox.close(event.reason || `connection closed (${event.code})`);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    checkFrameSize(frame);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame as Uint8Array<ArrayBuffer>);
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
    this.#socket.close(1000);
    this.#inbox.close(reason);
  }
}
