import type { RawData, WebSocket } from 'ws';
import type { FramePort } from '../contract/frame.ts';
import { checkFrameSize, FrameInbox } from '../contract/frame-inbox.ts';

/** Close codes of RFC 6455 that this port uses itself. */
const CLOSE_NORMAL = 1000;
const CLOSE_UNSUPPORTED_DATA = 1003;
const CLOSE_OVERLOADED = 1013;

/**
 * A frame port over an open WebSocket: one binary message is one frame. The size limit of incoming frames is the
 * `maxPayload` of the WebSocket itself (it closes with 1009 before the bytes are buffered).
 */
export class WebSocketFramePort implements FramePort {
  readonly #socket: WebSocket;
  readonly #inbox = new FrameInbox();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: RawData, isBinary: boolean) => this.#onMessage(data, isBinary));
    socket.on('close', (code: number, reason: Buffer) =>
      this.#inbox.close(reason.length > 0 ? reason.toString('utf8') : `closed with code ${code}`),
    );
    // 'close' follows an error in ws; the error's text says more than the code, so it wins.
    socket.on('error', (error: Error) => this.#inbox.close(error.message));
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    checkFrameSize(frame);
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    // ws hands unmasked bytes to the socket as they are, which may keep them until the kernel has room: copy.
    this.#socket.send(Buffer.from(frame), { binary: true, compress: false });
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#inbox.onFrame(listener);
  }

  onClose(listener: (reason: string) => void): void {
    this.#inbox.onClose(listener);
  }

  close(): void {
    this.#socket.close(CLOSE_NORMAL);
    this.#inbox.close('closed by this side');
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.#socket.close(CLOSE_UNSUPPORTED_DATA, 'Expected binary frames');
      return;
    }
    if (!this.#inbox.deliver(data)) this.#socket.close(CLOSE_OVERLOADED, 'Nobody listens');
  }
}
