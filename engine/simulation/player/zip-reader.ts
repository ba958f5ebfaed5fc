import { inflateRawSync } from 'node:zlib';
import { crc32 } from '../../core/crc32.ts';

/** An archive that cannot be read; the message is one line. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

/** One file of an archive. */
export interface ZipEntry {
  name: string;
  /** Bytes unpacked. */
  size: number;
  /** Unpacks and checks it. @throws ZipError when it is damaged. */
  read(): Uint8Array;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** In a size or offset: the true value is in a zip64 field. */
const ELSEWHERE = 0xffffffff;
const MAX_ENTRY_BYTES = 1 << 30;

/** True when the bytes begin as a zip archive with at least one file does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL_SIGNATURE;
}

/**
 * Files of a zip archive that is wholly in memory, in the order of its directory; folders are left out. Reads stored
 * and deflated files of up to 1 GiB; no encryption, no zip64, no archives in parts.
 * @throws ZipError when it is no such archive, or its directory is damaged.
 */
export function openZip(bytes: Uint8Array): ZipEntry[] {
  const view = viewOf(bytes);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const parts = view.getUint16(end + 4, true);
  const directory = view.getUint32(end + 16, true);
  if (parts !== 0) throw new ZipError(`Expected an archive in one part, was part ${parts + 1}`);
  if (directory === ELSEWHERE || count === 0xffff) throw new ZipError('Expected a plain zip archive, was zip64');
  const entries: ZipEntry[] = [];
  let at = directory;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL_SIGNATURE) {
      throw new ZipError(`Expected ${count} files in the archive's directory, was damaged at file ${i + 1}`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw new ZipError(`Expected ${count} files in the archive's directory, was cut at file ${i + 1}`);
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
    if (!name.endsWith('/')) entries.push(entryAt(bytes, view, at, name));
    at = next;
  }
  return entries;
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, name: string): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if ((flags & ENCRYPTED) !== 0) throw new ZipError(`${name}: expected a file in the clear, was encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    throw new ZipError(`${name}: expected method 0 (stored) or 8 (deflated), was ${method}`);
  }
  if (packed === ELSEWHERE || size === ELSEWHERE || local === ELSEWHERE) {
    throw new ZipError(`${name}: expected a plain zip archive, was zip64`);
  }
  if (size > MAX_ENTRY_BYTES) throw new ZipError(`${name}: expected at most ${MAX_ENTRY_BYTES} bytes, was ${size}`);
  return {
    name,
    size,
    read: () => {
      if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) {
        throw new ZipError(`${name}: expected a file at byte ${local}, was none`);
      }
      const from = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (from + packed > bytes.length) throw new ZipError(`${name}: cut short`);
      const data = unpack(bytes.subarray(from, from + packed), method, size, name);
      if (data.length !== size) throw new ZipError(`${name}: expected ${size} bytes, was ${data.length}`);
      const found = crc32(data);
      if (found !== crc) throw new ZipError(`${name}: expected CRC ${crc.toString(16)}, was ${found.toString(16)}`);
      return data;
    },
  };
}

function unpack(packed: Uint8Array, method: number, size: number, name: string): Uint8Array {
  if (method === STORED) return packed;
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw new ZipError(`${name}: damaged (${(error as Error).message})`);
  }
}

/** Offset of the end record: the last thing in the file but for a comment. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (
      view.getUint32(at, true) === END_SIGNATURE &&
      at + END_BYTES + view.getUint16(at + 20, true) === last + END_BYTES
    ) {
      return at;
    }
  }
  throw new ZipError('Expected a zip archive, was something else or cut short');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
