import type { TickColumns } from './tick-columns.ts';

/**
 * A tick as a member of a Redis sorted set, {@link MEMBER_BYTES} bytes: timeUs, id, side (one byte), priceTicks, sizeLots.
 * Numbers are big-endian doubles whose sign bit is flipped (all bits, where negative), so that members of the same score,
 * which Redis orders by their bytes, are in the order of ticks. The time is in it because a member is in a set once.
 */
export const MEMBER_BYTES = 33;

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
/** Which of the two words holds the sign: 1 on the little-endian machines there are. */
const high = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Writes tick `i` at `at`. */
export function writeMember(bytes: Uint8Array, at: number, ticks: TickColumns, i: number): void {
  writeOrdered(bytes, at, ticks.timeUs[i] as number);
  writeOrdered(bytes, at + 8, ticks.id[i] as number);
  bytes[at + 16] = ticks.side[i] as number;
  writeOrdered(bytes, at + 17, ticks.priceTicks[i] as number);
  writeOrdered(bytes, at + 25, ticks.sizeLots[i] as number);
}

/** Appends the tick at `at`. */
export function readMember(bytes: Uint8Array, at: number, ticks: TickColumns): void {
  ticks.push(
    readOrdered(bytes, at),
    readOrdered(bytes, at + 8),
    bytes[at + 16] as number,
    readOrdered(bytes, at + 17),
    readOrdered(bytes, at + 25),
  );
}

function writeOrdered(bytes: Uint8Array, at: number, value: number): void {
  // Without the negative zero: it equals the other one.
  number[0] = value + 0;
  let top = words[high] as number;
  let bottom = words[1 - high] as number;
  if (top >= 0x80000000) {
    top = ~top;
    bottom = ~bottom;
  } else top |= 0x80000000;
  bytes[at] = top >>> 24;
  bytes[at + 1] = top >>> 16;
  bytes[at + 2] = top >>> 8;
  bytes[at + 3] = top;
  bytes[at + 4] = bottom >>> 24;
  bytes[at + 5] = bottom >>> 16;
  bytes[at + 6] = bottom >>> 8;
  bytes[at + 7] = bottom;
}

function readOrdered(bytes: Uint8Array, at: number): number {
  let top = wordAt(bytes, at);
  let bottom = wordAt(bytes, at + 4);
  if (top >= 0) {
    top = ~top;
    bottom = ~bottom;
  } else top &= 0x7fffffff;
  words[high] = top;
  words[1 - high] = bottom;
  return number[0] as number;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
