import { randomFillSync } from 'node:crypto';

/** Longest text of one frame here. */
export const MAX_TEXT_FRAME_BYTES = 65_535;
const SHORT_BYTES = 125;
const TEXT_OPCODE = 0x81; // FIN and text
const MASKED = 0x80;
const LENGTH_16 = 126;

/** Random bytes for masks: asking for four at a time costs more than the frame. */
const pool = Buffer.alloc(8 * 1024);
let poolAt = pool.byteLength;

/**
 * A text as one masked WebSocket frame (RFC 6455, 5.2 and 5.3), from client to server.
 * @throws RangeError beyond {@link MAX_TEXT_FRAME_BYTES}
 */
export function maskedTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > MAX_TEXT_FRAME_BYTES) {
    throw new RangeError(`text: expected at most ${MAX_TEXT_FRAME_BYTES} bytes, was ${length}`);
  }
  if (poolAt === pool.byteLength) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const headerBytes = length > SHORT_BYTES ? 8 : 6;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = TEXT_OPCODE;
  if (headerBytes === 8) {
    frame[1] = MASKED | LENGTH_16;
    frame[2] = length >> 8;
    frame[3] = length;
  } else {
    frame[1] = MASKED | length;
  }
  frame.write(text, headerBytes, 'utf8');
  const maskAt = headerBytes - 4;
  for (let i = 0; i < 4; i++) frame[maskAt + i] = pool[poolAt++] as number;
  for (let i = 0; i < length; i++) {
    frame[headerBytes + i] = (frame[headerBytes + i] as number) ^ (frame[maskAt + (i & 3)] as number);
  }
  return frame;
}
