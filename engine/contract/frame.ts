/**
 * Frames between processes: few, large, versioned, at most 60 KiB (above 64 KiB a Mojo hop copies through shared
 * memory). The same bytes travel over MessagePort and WebSocket.
 *
 * Header, little-endian, {@link FRAME_HEADER_BYTES} bytes:
 *   0 u16 magic 0x4d58   2 u8 version   3 u8 kind   4 u32 sequence   8 f64 engine time ns
 *  16 u32 payload length 20 u32 chunks still to come (JSON larger than a frame is split)
 */
export const FRAME_MAGIC = 0x4d58;
export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 24;
export const MAX_FRAME_BYTES = 60 * 1024;

export const FrameKind = {
  /** UTF-8 JSON of a message: requests, replies, orders, fills, alerts. Never dropped. */
  json: 1,
  /** Conflated market state of one instrument, see market-frame.ts. Sent only while the page has credit. */
  market: 2,
  /** Page to engine: everything up to `sequence` was drawn; engine time field = page's paint time (its own clock, ns). */
  credit: 3,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface FrameHeader {
  kind: number;
  sequence: number;
  timeNs: number;
  payloadBytes: number;
  chunksToCome: number;
}

/** Writes a header at the start of `view`. */
export function writeFrameHeader(
  view: DataView,
  kind: number,
  sequence: number,
  timeNs: number,
  payloadBytes: number,
  chunksToCome = 0,
): void {
  view.setUint16(0, FRAME_MAGIC, true);
  view.setUint8(2, FRAME_VERSION);
  view.setUint8(3, kind);
  view.setUint32(4, sequence >>> 0, true);
  view.setFloat64(8, timeNs, true);
  view.setUint32(16, payloadBytes, true);
  view.setUint32(20, chunksToCome, true);
}

/**
 * Reads and checks a header.
 * @throws RangeError when the frame is foreign, of another version, too large or cut short.
 */
export function readFrameHeader(frame: Uint8Array): FrameHeader {
  if (frame.byteLength < FRAME_HEADER_BYTES)
    throw new RangeError(`Expected at least ${FRAME_HEADER_BYTES} bytes of frame, was ${frame.byteLength}`);
  if (frame.byteLength > MAX_FRAME_BYTES)
    throw new RangeError(`Expected at most ${MAX_FRAME_BYTES} bytes of frame, was ${frame.byteLength}`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const magic = view.getUint16(0, true);
  if (magic !== FRAME_MAGIC) throw new RangeError(`Expected frame magic ${FRAME_MAGIC}, was ${magic}`);
  const version = view.getUint8(2);
  if (version !== FRAME_VERSION) throw new RangeError(`Expected frame version ${FRAME_VERSION}, was ${version}`);
  const payloadBytes = view.getUint32(16, true);
  if (payloadBytes !== frame.byteLength - FRAME_HEADER_BYTES) {
    throw new RangeError(`Expected ${payloadBytes} bytes of payload, was ${frame.byteLength - FRAME_HEADER_BYTES}`);
  }
  return {
    kind: view.getUint8(3),
    sequence: view.getUint32(4, true),
    timeNs: view.getFloat64(8, true),
    payloadBytes,
    chunksToCome: view.getUint32(20, true),
  };
}

/** JSON message as one or more frames, each within the limit. */
export function encodeJsonFrames(message: unknown, timeNs: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  const room = MAX_FRAME_BYTES - FRAME_HEADER_BYTES;
  const chunks = Math.max(1, Math.ceil(bytes.byteLength / room));
  const frames: Uint8Array[] = [];
  for (let i = 0; i < chunks; i++) {
    const part = bytes.subarray(i * room, Math.min(bytes.byteLength, (i + 1) * room));
    const frame = new Uint8Array(FRAME_HEADER_BYTES + part.byteLength);
    writeFrameHeader(new DataView(frame.buffer), FrameKind.json, 0, timeNs, part.byteLength, chunks - 1 - i);
    frame.set(part, FRAME_HEADER_BYTES);
    frames.push(frame);
  }
  return frames;
}

/** Joins the chunks of JSON frames of one port. At most `maxBytes` are held. */
export class JsonFrameAssembler {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #chunksToCome = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = 32 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The message, or undefined while chunks are still to come. @throws RangeError, SyntaxError on a bad frame. */
  push(frame: Uint8Array, header: FrameHeader): unknown {
    const { payloadBytes, chunksToCome } = header;
    // Without this, chunks that hold nothing would pile up beneath any limit of bytes.
    if (payloadBytes === 0) return this.#refuse('Expected a JSON chunk, was empty');
    if (this.#parts.length > 0 && chunksToCome !== this.#chunksToCome - 1) {
      return this.#refuse(`Expected ${this.#chunksToCome - 1} JSON chunks to come, was ${chunksToCome}`);
    }
    this.#chunksToCome = chunksToCome;
    this.#bytes += payloadBytes;
    if (this.#bytes > this.#maxBytes) {
      return this.#refuse(`Expected at most ${this.#maxBytes} bytes of JSON message, was ${this.#bytes}`);
    }
    this.#parts.push(frame.slice(FRAME_HEADER_BYTES));
    if (chunksToCome > 0) return undefined;
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    this.#parts = [];
    this.#bytes = 0;
    return JSON.parse(new TextDecoder().decode(whole));
  }

  #refuse(reason: string): never {
    this.#parts = [];
    this.#bytes = 0;
    throw new RangeError(reason);
  }
}

export function encodeCreditFrame(sequence: number, paintTimeNs: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader(new DataView(frame.buffer), FrameKind.credit, sequence, paintTimeNs, 0);
  return frame;
}

/** One end of a two-way frame channel, whatever carries it. */
export interface FramePort {
  /** Sends one frame of at most {@link MAX_FRAME_BYTES}; the bytes are copied before the call returns. */
  send(frame: Uint8Array): void;
  /** Bytes accepted but not yet handed to the operating system; 0 where the carrier cannot tell. */
  readonly bufferedBytes: number;
  onFrame(listener: (frame: Uint8Array) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(): void;
}
