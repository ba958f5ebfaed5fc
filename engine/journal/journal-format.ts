/**
 * Files of a journal folder.
 *
 *   journal.id        random id of the journal, written once
 *   journal.lock      who writes: one writer a folder
 *   00000001.xmj ...  segments: a header of {@link SEGMENT_HEADER_BYTES}, then records (contract/record.ts) back to back
 *   *.torn            bytes that recovery cut off, kept for inspection
 *
 * A record and its text chunks never straddle two segments. A segment is sealed as soon as a later one exists.
 *
 * Segment header, little-endian:
 *   0 u32 magic  4 u16 header version  6 u16 record version  8 f64 segment number  16 f64 first sequence
 *  24 f64 session number  32 f64 created, us since the epoch  40 zeros  68 u32 CRC-32 of bytes 0..67
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { crc32 } from '../core/crc32.ts';
import { RECORD_VERSION } from '../contract/record.ts';

export const SEGMENT_HEADER_BYTES = 72;
export const SEGMENT_MAGIC = 0x314a4d58; // "XMJ1"
export const SEGMENT_VERSION = 1;
export const JOURNAL_ID_FILE = 'journal.id';

export interface SegmentHeader {
  segment: number;
  firstSequence: number;
  session: number;
  /** us since the epoch. */
  createdUs: number;
}

/** Writing or syncing failed (ENOSPC, EIO ...): the writer refuses everything from here on. */
export class JournalFailedError extends Error {
  override readonly name = 'JournalFailedError';
  readonly code: string;
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.code = errorCode(cause);
  }
}

/** Another live process writes this journal. */
export class JournalLockedError extends Error {
  override readonly name = 'JournalLockedError';
}

/** A sealed part of the journal is damaged; names the file and the offset. */
export class JournalDamagedError extends Error {
  override readonly name = 'JournalDamagedError';
  readonly file: string;
  readonly offset: number;
  constructor(file: string, offset: number, message: string) {
    super(`${file} at byte ${offset}: ${message}`);
    this.file = file;
    this.offset = offset;
  }
}

export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

export function segmentFileName(segment: number): string {
  return `${String(segment).padStart(8, '0')}.xmj`;
}

/** Numbers of the segments in a folder, rising. Empty when the folder does not exist. */
export function listSegments(dir: string): number[] {
  return numbersMatching(dir, /^(\d{8,})\.xmj$/);
}

/** Highest segment number ever used, cut ones included; 0 for none. */
export function highestSegmentNumber(dir: string): number {
  return numbersMatching(dir, /^(\d{8,})\.xmj(?:\.torn.*)?$/).at(-1) ?? 0;
}

function numbersMatching(dir: string, pattern: RegExp): number[] {
  let names: string[];
  try {
    names = fs.readdirSync(dir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const numbers: number[] = [];
  for (const name of names) {
    const match = pattern.exec(name);
    if (match) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, SEGMENT_MAGIC, true);
  view.setUint16(4, SEGMENT_VERSION, true);
  view.setUint16(6, RECORD_VERSION, true);
  view.setFloat64(8, header.segment, true);
  view.setFloat64(16, header.firstSequence, true);
  view.setFloat64(24, header.session, true);
  view.setFloat64(32, header.createdUs, true);
  view.setUint32(68, crc32(bytes, 0, 68) >>> 0, true);
  return bytes;
}

/**
 * The header, or undefined when it is cut short or its CRC is wrong.
 * @throws JournalDamagedError when the header is whole but of a version this program does not know: never cut that.
 */
export function decodeSegmentHeader(bytes: Uint8Array, file: string): SegmentHeader | undefined {
  if (bytes.byteLength < SEGMENT_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  if (view.getUint32(68, true) !== crc32(bytes, 0, 68) >>> 0) return undefined;
  if (view.getUint32(0, true) !== SEGMENT_MAGIC) return undefined;
  const version = view.getUint16(4, true);
  const recordVersion = view.getUint16(6, true);
  if (version !== SEGMENT_VERSION || recordVersion !== RECORD_VERSION) {
    throw new JournalDamagedError(
      file,
      4,
      `expected journal version ${SEGMENT_VERSION}.${RECORD_VERSION}, was ${version}.${recordVersion}`,
    );
  }
  return {
    segment: view.getFloat64(8, true),
    firstSequence: view.getFloat64(16, true),
    session: view.getFloat64(24, true),
    createdUs: view.getFloat64(32, true),
  };
}

/** Header of a segment file; undefined when it is not (yet) whole or the file is gone. */
export function readSegmentHeader(dir: string, segment: number): SegmentHeader | undefined {
  const file = path.join(dir, segmentFileName(segment));
  let fd: number;
  try {
    fd = fs.openSync(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    const read = fs.readSync(fd, bytes, 0, SEGMENT_HEADER_BYTES, 0);
    return decodeSegmentHeader(bytes.subarray(0, read), file);
  } finally {
    fs.closeSync(fd);
  }
}

/** Header of the newest segment: which session writes, or wrote last; undefined for an empty journal. */
export function latestSegmentHeader(dir: string): SegmentHeader | undefined {
  for (const segment of listSegments(dir).reverse()) {
    const header = readSegmentHeader(dir, segment);
    if (header !== undefined) return header;
  }
  return undefined;
}

/** Id of a journal; undefined while the folder has none (no writer has opened it yet). */
export function readJournalId(dir: string): string | undefined {
  try {
    const id = fs.readFileSync(path.join(dir, JOURNAL_ID_FILE), 'utf8').trim();
    return id === '' ? undefined : id;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What a journal holds by its files' sizes alone: cheap, and at most a torn tail too high. */
export interface JournalExtent {
  /** 0 when empty. */
  lastSequence: number;
  bytes: number;
  segments: number;
}

export function journalExtent(dir: string): JournalExtent {
  const segments = listSegments(dir);
  const extent: JournalExtent = { lastSequence: 0, bytes: 0, segments: segments.length };
  for (const segment of segments) {
    const stat = fs.statSync(path.join(dir, segmentFileName(segment)), { throwIfNoEntry: false });
    extent.bytes += stat?.size ?? 0;
  }
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i] as number;
    const header = readSegmentHeader(dir, segment);
    if (header === undefined) continue;
    const size = fs.statSync(path.join(dir, segmentFileName(segment)), { throwIfNoEntry: false })?.size ?? 0;
    const records = Math.max(0, Math.floor((size - SEGMENT_HEADER_BYTES) / SEGMENT_HEADER_BYTES));
    extent.lastSequence = header.firstSequence - 1 + records;
    break;
  }
  return extent;
}
