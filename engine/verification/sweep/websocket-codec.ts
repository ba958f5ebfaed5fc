import * as ws from 'ws';

/** The parts of `ws` between bytes and messages, which its type declarations leave out. */
interface FrameOptions {
  fin: boolean;
  rsv1: boolean;
  opcode: number;
  mask: boolean;
  readOnly: boolean;
}
interface Codec {
  Sender: { frame(data: Buffer, options: FrameOptions): Buffer[] };
  Receiver: new (options: object) => NodeJS.WritableStream;
}
const { Sender, Receiver } = ws as unknown as Codec;

const Opcode = { continuation: 0, text: 1, binary: 2 } as const;

/** The bytes of one unmasked message, in as many frames as there are fragments. */
export function encodeMessage(fragments: readonly Uint8Array[], binary: boolean): Uint8Array {
  const parts = fragments.flatMap((fragment, i) =>
    Sender.frame(Buffer.from(fragment.buffer, fragment.byteOffset, fragment.byteLength), {
      fin: i === fragments.length - 1,
      rsv1: false,
      opcode: i > 0 ? Opcode.continuation : binary ? Opcode.binary : Opcode.text,
      mask: false,
      readOnly: true,
    }),
  );
  return Buffer.concat(parts);
}

/** A client's parser: bytes in, whole messages out, at once. */
export class MessageParser {
  readonly #receiver: NodeJS.WritableStream;

  constructor(onMessage: (bytes: Uint8Array) => void, onError: (reason: string) => void) {
    this.#receiver = new Receiver({ allowSynchronousEvents: true, maxPayload: 64 * 1024 * 1024 });
    this.#receiver.on('message', (data: Buffer) => onMessage(data));
    this.#receiver.on('error', (error: Error) => onError(error.message));
  }

  write(bytes: Uint8Array): void {
    this.#receiver.write(bytes);
  }
}
