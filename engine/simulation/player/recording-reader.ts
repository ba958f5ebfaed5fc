import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isZip, openZip, ZipError } from './zip-reader.ts';

/** A recording that cannot be used; the message is one line and names the file. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** Whole lines of one file, as they came off the disk. */
export interface RecordingBlock {
  /** Full path, and its position in the list of files. */
  file: string;
  fileIndex: number;
  /** One or more whole lines, each ended by a line feed except perhaps the file's last. Not reused. */
  bytes: Buffer;
  /** 0..1 of all bytes of all files read so far. */
  fraction: number;
}

/** Where whole lines come from: {@link readRecording}, or memory. */
export type RecordingSource = (files: readonly string[]) => AsyncGenerator<RecordingBlock, void, undefined>;

const READ_BYTES = 256 * 1024;
/** A snapshot of 5,000 levels a side takes about 400 KB. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 10;

/**
 * Reads files of text lines, plain, gzip or a zip archive of one file (told apart by their first bytes), one after
 * another; in bounded memory but for archives, which are unpacked whole.
 * @throws RecordingError naming the file when one is missing, empty, damaged or cut short.
 */
export async function* readRecording(files: readonly string[]): AsyncGenerator<RecordingBlock, void, undefined> {
  if (files.length === 0) throw new RecordingError('Expected at least one recording, was none');
  const heads = [];
  for (const file of files) heads.push(await examine(file));
  const totalBytes = heads.reduce((sum, head) => sum + head.bytes, 0);
  let bytesBefore = 0;
  for (let fileIndex = 0; fileIndex < files.length; fileIndex++) {
    const file = files[fileIndex] as string;
    const { bytes, packing } = heads[fileIndex] as FileHead;
    for await (const { lines, bytesRead } of packing === 'zip' ? readArchive(file) : readLines(file, packing)) {
      yield { file, fileIndex, bytes: lines, fraction: Math.min(1, (bytesBefore + bytesRead) / totalBytes) };
    }
    bytesBefore += bytes;
  }
}

interface FileHead {
  bytes: number;
  packing: 'none' | 'gzip' | 'zip';
}

async function examine(file: string): Promise<FileHead> {
  try {
    const handle = await open(file, 'r');
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new RecordingError(`${file}: expected a file, was a folder or device`);
      if (stat.size === 0) throw new RecordingError(`${file}: the file is empty`);
      const head = Buffer.alloc(4);
      await handle.read(head, 0, 4, 0);
      const isGzip = head[0] === 0x1f && head[1] === 0x8b;
      return { bytes: stat.size, packing: isZip(head) ? 'zip' : isGzip ? 'gzip' : 'none' };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asRecordingError(file, error);
  }
}

interface FileLines {
  lines: Buffer;
  bytesRead: number;
}

async function* readArchive(file: string): AsyncGenerator<FileLines> {
  let packed: Buffer;
  let unpacked: Uint8Array;
  try {
    packed = await readFile(file);
    const entries = openZip(packed);
    const entry = entries[0];
    if (entry === undefined || entries.length > 1) {
      throw new RecordingError(`${file}: expected an archive of one file, was of ${entries.length}`);
    }
    unpacked = entry.read();
  } catch (error) {
    throw asRecordingError(file, error);
  }
  if (unpacked.length === 0) throw new RecordingError(`${file}: the file within is empty`);
  const lines = Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
  yield { lines, bytesRead: packed.length };
}

async function* readLines(file: string, packing: FileHead['packing']): AsyncGenerator<FileLines> {
  const source = createReadStream(file, { highWaterMark: READ_BYTES });
  let text: Readable = source;
  if (packing === 'gzip') {
    const gunzip = createGunzip({ chunkSize: READ_BYTES });
    source.on('error', (error) => gunzip.destroy(error));
    text = source.pipe(gunzip);
  }
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      if (end === 0) {
        rest = Buffer.concat([rest, chunk]);
        if (rest.length > MAX_LINE_BYTES) {
          throw new RecordingError(`${file}: expected lines of at most ${MAX_LINE_BYTES} bytes, was longer`);
        }
        continue;
      }
      const lines = rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([rest, chunk.subarray(0, end)]);
      rest = Buffer.from(chunk.subarray(end));
      yield { lines, bytesRead: source.bytesRead };
    }
  } catch (error) {
    throw asRecordingError(file, error);
  } finally {
    source.destroy();
    text.destroy();
  }
  if (rest.length > 0) yield { lines: rest, bytesRead: source.bytesRead };
}

function asRecordingError(file: string, error: unknown): RecordingError {
  if (error instanceof RecordingError) return error;
  if (error instanceof ZipError) return new RecordingError(`${file}: ${error.message}`);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new RecordingError(`${file}: no such file`);
  if (code === 'EACCES') return new RecordingError(`${file}: no permission to read it`);
  if (code?.startsWith('Z_')) return new RecordingError(`${file}: damaged or cut short (${message})`);
  return new RecordingError(`${file}: cannot be read (${message})`);
}

/** Short name of a file for messages. */
export function recordingName(file: string): string {
  return basename(file);
}
