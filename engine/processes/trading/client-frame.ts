import { randomFillSync } from 'node:crypto';

/** Longest text of one frame here. */
export const MAX_TEXT_FRAME_BYTES = 65_535;
const SHORT_BYTES = 125;
const TEXT_OPCODE = 0x81; // FIN and text
const MASKED = 0x80;
const LENGTH_16 = 126;

/** Random words for masks: asking for one at a time costs more than the frame. */
const pool = new Int32Array(2 * 1024);
let poolAt = pool.length;

/** Where frames are made, payload first at a word's border: byte by byte the mask takes longer than all the rest. */
const PAYLOAD_AT = 8;
const scratch = Buffer.from(new ArrayBuffer(PAYLOAD_AT + MAX_TEXT_FRAME_BYTES + 1));
const scratchWords = new Int32Array(scratch.buffer);

/**
 * A text as one masked WebSocket frame (RFC 6455, 5.2 and 5.3), from client to server.
 * @throws RangeError beyond {@link MAX_TEXT_FRAME_BYTES}
 */
export function maskedTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > MAX_TEXT_FRAME_BYTES) {
    throw new RangeError(`text: expected at most ${MAX_TEXT_FRAME_BYTES} bytes, was ${length}`);
  }
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const mask = pool[poolAt++] as number;
  scratch.write(text, PAYLOAD_AT, 'utf8');
  const firstWord = PAYLOAD_AT >> 2;
  const endWord = (PAYLOAD_AT + length + 3) >> 2;
  for (let i = firstWord; i < endWord; i++) scratchWords[i] = (scratchWords[i] as number) ^ mask;
  // The mask stands before the payload, and words are masked as they lie: in whatever byte order.
  scratchWords[firstWord - 1] = mask;
  const isShort = length <= SHORT_BYTES;
  const start = isShort ? PAYLOAD_AT - 6 : PAYLOAD_AT - 8;
  scratch[start] = TEXT_OPCODE;
  scratch[start + 1] = MASKED | (isShort ? length : LENGTH_16);
  if (!isShort) {
    scratch[start + 2] = length >> 8;
    scratch[start + 3] = length;
  }
  const frame = Buffer.allocUnsafe(PAYLOAD_AT + length - start);
  scratch.copy(frame, 0, start, PAYLOAD_AT + length);
  return frame;
}
