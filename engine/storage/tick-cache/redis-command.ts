import { Command } from 'ioredis';
import type { LiveOrigin } from './tick-cache.ts';
import { TickColumns } from './tick-columns.ts';
import { MEMBER_BYTES, readMember, writeMember } from './tick-member.ts';

/**
 * A command whose bytes are made here, straight from columns: ioredis routes, resends and times it as any other, but would
 * encode a thousand members in a thousand small steps (434 k ticks/s instead of 1.3 M).
 */
export class EncodedCommand extends Command {
  readonly #bytes: Buffer;

  /** `args`: what routing looks at; the keys. */
  constructor(name: string, args: string[], bytes: Buffer) {
    super(name, args);
    this.#bytes = bytes;
  }

  override toWritable(): Buffer {
    return this.#bytes;
  }
}

/** Any command of plain texts. */
export function textCommand(name: string, ...args: string[]): EncodedCommand {
  let text = `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`;
  for (const arg of args) text += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
  return new EncodedCommand(name, args, Buffer.from(text));
}

/** `\r\n$33\r\n` before a member, and the `$` of the next score behind it. */
const MEMBER_HEAD = Buffer.from(`\r\n$${MEMBER_BYTES}\r\n`);
/** Longest text of a double, with what is around it. */
const SCORE_ROOM = 32;

/** ZADD of ticks [from, to). */
export function zaddCommand(key: string, ticks: TickColumns, from: number, to: number): EncodedCommand {
  const head = `*${2 + 2 * (to - from)}\r\n$4\r\nzadd\r\n$${Buffer.byteLength(key)}\r\n${key}\r\n`;
  const bytes = Buffer.allocUnsafe(
    head.length * 3 + (to - from) * (SCORE_ROOM + MEMBER_HEAD.length + MEMBER_BYTES + 2),
  );
  let at = bytes.write(head, 0);
  for (let i = from; i < to; i++) {
    at = writeScore(bytes, at, ticks.timeUs[i] as number);
    for (let k = 0; k < MEMBER_HEAD.length; k++) bytes[at++] = MEMBER_HEAD[k] as number;
    writeMember(bytes, at, ticks, i);
    at += MEMBER_BYTES;
    bytes[at++] = 13;
    bytes[at++] = 10;
  }
  return new EncodedCommand('zadd', [key], bytes.subarray(0, at));
}

/** `$16\r\n1723161590000000`, digit by digit: a text a tick would be garbage a tick. @returns the place behind it */
function writeScore(bytes: Buffer, at: number, timeUs: number): number {
  if (!(Number.isSafeInteger(timeUs) && timeUs >= 1e15)) {
    const text = String(timeUs);
    return at + bytes.write(`$${text.length}\r\n${text}`, at, 'latin1');
  }
  bytes[at] = 36;
  bytes[at + 1] = 49;
  bytes[at + 2] = 54;
  bytes[at + 3] = 13;
  bytes[at + 4] = 10;
  // Halves that fit into 32 bits are divided quickly.
  let upper = Math.floor(timeUs / 1e8);
  let lower = timeUs - upper * 1e8;
  for (let k = 12; k >= 5; k--) {
    const rest = (upper / 10) | 0;
    bytes[at + k] = 48 + upper - rest * 10;
    upper = rest;
  }
  for (let k = 20; k >= 13; k--) {
    const rest = (lower / 10) | 0;
    bytes[at + k] = 48 + lower - rest * 10;
    lower = rest;
  }
  return at + 21;
}

/**
 * XADD of a batch: one entry whose `ticks` are lines of `sequence,timeUs,id,side,priceTicks,sizeLots`; `journal` and
 * `previous` as in LiveOrigin. Text, so that a reader in any language needs no decoder.
 */
export function xaddCommand(key: string, ticks: TickColumns, live: LiveOrigin, keptEntries: number): EncodedCommand {
  let lines = '';
  for (let i = 0; i < ticks.length; i++) {
    lines += `${live.sequences[i]},${ticks.timeUs[i]},${ticks.id[i]},${ticks.side[i]},${ticks.priceTicks[i]},${ticks.sizeLots[i]}\n`;
  }
  const { journalId, previousSequence } = live;
  const fields = ['journal', journalId, 'previous', String(previousSequence), 'ticks', lines];
  return textCommand('xadd', key, 'MAXLEN', '~', String(keptEntries), '*', ...fields);
}

/** Members one after the other, newest first, as ticks, oldest first. */
export function ticksOfMembers(bytes: Uint8Array): TickColumns {
  const count = bytes.length / MEMBER_BYTES;
  if (!Number.isInteger(count)) {
    throw new Error(`Expected members of ${MEMBER_BYTES} bytes, was ${bytes.length} bytes: other data under this key?`);
  }
  const ticks = new TickColumns(count);
  for (let i = count - 1; i >= 0; i--) readMember(bytes, i * MEMBER_BYTES, ticks);
  return ticks;
}
