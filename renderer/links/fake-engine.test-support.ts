import {
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  JsonFrameAssembler,
  readFrameHeader,
} from '../../engine/contract/frame.ts';
import type { TradingClientMessage } from '../../engine/contract/trading-messages.ts';

/** The engine's end of a port, by hand. */
export class FakeEngine {
  readonly sent: TradingClientMessage[] = [];
  readonly credits: number[] = [];
  readonly #assembler = new JsonFrameAssembler();
  #frame: (frame: Uint8Array) => void = () => undefined;
  #close: (reason: string) => void = () => undefined;
  readonly port: FramePort = {
    bufferedBytes: 0,
    send: (frame) => {
      const header = readFrameHeader(frame);
      if (header.kind === FrameKind.credit) this.credits.push(header.sequence);
      else this.sent.push(this.#assembler.push(frame, header) as TradingClientMessage);
    },
    onFrame: (listener) => {
      this.#frame = listener;
    },
    onClose: (listener) => {
      this.#close = listener;
    },
    close: () => undefined,
  };

  say(message: unknown): void {
    for (const frame of encodeJsonFrames(message, 0)) this.#frame(frame);
  }

  deliver(frame: Uint8Array): void {
    this.#frame(frame);
  }

  die(reason: string): void {
    this.#close(reason);
  }

  requests() {
    return this.sent.filter((message) => message.type === 'request');
  }
}
