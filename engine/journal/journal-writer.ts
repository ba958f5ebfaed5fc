import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { EventSlot } from '../core/event-slot.ts';
import { RECORD_BYTES, RecordFlag, RecordKind, RecordOffset, TEXT_BYTES_PER_RECORD } from '../contract/record.ts';
import {
  encodeSegmentHeader,
  JOURNAL_ID_FILE,
  JournalFailedError,
  readJournalId,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
} from './journal-format.ts';
import { lockJournal } from './journal-lock.ts';
import { type JournalRecovery, nextSegmentNumber, recoverJournal } from './journal-recovery.ts';
import { copyRecord } from './record-crc.ts';

export const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
export const DEFAULT_BUFFER_BYTES = 1024 * 1024;
/** Longest text of one record: 65,536 chunks. */
export const MAX_TEXT_BYTES = 65_536 * TEXT_BYTES_PER_RECORD;

/** The file calls of the writer, so that tests can fail the n-th of them. */
export interface JournalFiles {
  openSync(file: string, flags: string): number;
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  ftruncateSync(fd: number, length: number): void;
  fdatasync(fd: number, callback: (error: Error | null) => void): void;
  fsyncSync(fd: number): void;
  closeSync(fd: number): void;
}

export interface JournalWriterOptions {
  /** A segment is closed before it would grow beyond this; default 64 MiB. */
  segmentBytes?: number;
  /** Write buffer, default 1 MiB; grown only for a single record whose text is longer. */
  bufferBytes?: number;
  /** Wall clock, us since the epoch, for segment headers. */
  nowUs?: () => number;
  files?: JournalFiles;
}

/**
 * Appends records to a journal folder. `append` only copies into a buffer and allocates nothing for a record without
 * text; `flush` hands the buffer to the operating system (survives a crash of the process), `sync` to the disk
 * (survives a power cut).
 */
export class JournalWriter {
  readonly dir: string;
  readonly session: number;
  readonly #files: JournalFiles;
  readonly #segmentBytes: number;
  readonly #nowUs: () => number;
  readonly #unlock: () => void;
  #buffer: Uint8Array;
  #words: Uint32Array;
  /** Buffered bytes; always whole groups (a record with its text) outside `append`. */
  #used = 0;
  #fd = -1;
  #segment: number;
  #fileBytes = 0;
  #sequence: number;
  #flushedSequence: number;
  #records = 0;
  #closedBytes = 0;
  #failure: JournalFailedError | undefined;
  #closed = false;
  #syncing: Promise<void> | undefined;
  readonly #rolledFds: number[] = [];
  readonly #encoder = new TextEncoder();

  /**
   * Locks the folder (created when missing), recovers what a crash left, and starts the next session in a new segment.
   * @throws JournalLockedError when a live process writes this journal, JournalFailedError when the disk refuses.
   */
  static open(dir: string, options: JournalWriterOptions = {}): { writer: JournalWriter; recovery: JournalRecovery } {
    fs.mkdirSync(dir, { recursive: true });
    const unlock = lockJournal(dir);
    try {
      const journalId = ensureJournalId(dir);
      const recovery: JournalRecovery = { journalId, ...recoverJournal(dir) };
      return { writer: new JournalWriter(dir, recovery, options, unlock), recovery };
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private constructor(dir: string, recovery: JournalRecovery, options: JournalWriterOptions, unlock: () => void) {
    this.dir = dir;
    this.session = recovery.session;
    this.#files = options.files ?? fs;
    this.#segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    this.#nowUs = options.nowUs ?? (() => Date.now() * 1000);
    this.#unlock = unlock;
    const bufferBytes = Math.max(RECORD_BYTES, options.bufferBytes ?? DEFAULT_BUFFER_BYTES);
    this.#buffer = new Uint8Array(Math.floor(bufferBytes / RECORD_BYTES) * RECORD_BYTES);
    this.#words = new Uint32Array(this.#buffer.buffer);
    this.#sequence = recovery.lastSequence;
    this.#flushedSequence = recovery.lastSequence;
    this.#segment = nextSegmentNumber(dir) - 1;
    this.#startSegment();
  }

  /** Records appended in this session, text chunks included. Over all sessions it is `lastSequence`: there are no holes. */
  get records(): number {
    return this.#records;
  }

  /** Bytes of this session's segments, with what is still buffered. */
  get bytes(): number {
    return this.#closedBytes + this.#fileBytes + this.#used;
  }

  /** Sequence of the last appended record (of its last text chunk). */
  get lastSequence(): number {
    return this.#sequence;
  }

  /** Number of the segment that is written to; rises when the writer starts the next one. */
  get segment(): number {
    return this.#segment;
  }

  /** Sequence up to which the operating system has the records. */
  get flushedSequence(): number {
    return this.#flushedSequence;
  }

  get failure(): JournalFailedError | undefined {
    return this.#failure;
  }

  /**
   * Appends the slot's record and its text; sets the slot's sequence and returns it.
   * @throws JournalFailedError once writing has failed; RangeError on a text beyond {@link MAX_TEXT_BYTES} or kind 0 / text.
   */
  append(slot: EventSlot): number {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw new JournalFailedError('journal failed: the writer is closed', undefined);
    if (slot.kind <= RecordKind.text) throw new RangeError(`Expected a record kind above 1, was ${slot.kind}`);
    if (slot.text !== '') return this.#appendWithText(slot);
    if (slot.has(RecordFlag.hasText)) slot.flags = slot.flags & ~RecordFlag.hasText;
    this.#reserve(RECORD_BYTES);
    const sequence = this.#sequence + 1;
    slot.sequence = sequence;
    this.#put(slot.words);
    return sequence;
  }

  /**
   * Hands everything appended to the operating system, in one write.
   * @throws JournalFailedError; a partly written batch is cut back to its last complete record.
   */
  flush(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#used === 0) return;
    let written = 0;
    try {
      while (written < this.#used) {
        const bytes = this.#files.writeSync(
          this.#fd,
          this.#buffer,
          written,
          this.#used - written,
          this.#fileBytes + written,
        );
        if (bytes <= 0) throw new Error('write returned 0 bytes');
        written += bytes;
      }
    } catch (error) {
      this.#cutBack(written, error);
    }
    this.#fileBytes += this.#used;
    this.#used = 0;
    this.#flushedSequence = this.#sequence;
  }

  /** Puts what was flushed onto the disk (fdatasync). Calls overlap into one. Rejects with JournalFailedError. */
  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.resolve();
    this.#syncing ??= this.#syncAll().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  /** Flush, fsync, unlock. Idempotent. @throws JournalFailedError when the last flush or fsync fails (the lock is released). */
  close(): void {
    if (this.#closed) return;
    try {
      if (this.#failure === undefined) {
        this.flush();
        for (const fd of this.#rolledFds) this.#files.fsyncSync(fd);
        this.#files.fsyncSync(this.#fd);
      }
    } catch (error) {
      throw this.#fail('fsync', error);
    } finally {
      this.#closed = true;
      // A sync under way still uses its descriptors; it closes the rolled ones itself.
      const pending = this.#syncing;
      if (pending === undefined) this.#closeAll();
      else
        void pending.then(
          () => this.#closeAll(),
          () => this.#closeAll(),
        );
      this.#unlock();
    }
  }

  #appendWithText(slot: EventSlot): number {
    const text = this.#encoder.encode(slot.text);
    if (text.byteLength > MAX_TEXT_BYTES) {
      throw new RangeError(`Expected at most ${MAX_TEXT_BYTES} bytes of text, was ${text.byteLength}`);
    }
    const chunks = Math.ceil(text.byteLength / TEXT_BYTES_PER_RECORD);
    this.#reserve((1 + chunks) * RECORD_BYTES);
    slot.flags = slot.flags | RecordFlag.hasText;
    const sequence = this.#sequence + 1;
    slot.sequence = sequence;
    this.#put(slot.words);
    const record = new Uint8Array(RECORD_BYTES);
    const recordWords = new Uint32Array(record.buffer);
    const view = new DataView(record.buffer);
    for (let i = 0; i < chunks; i++) {
      const part = text.subarray(i * TEXT_BYTES_PER_RECORD, (i + 1) * TEXT_BYTES_PER_RECORD);
      record.fill(0);
      view.setFloat64(RecordOffset.sequence, this.#sequence + 1, true);
      record.set(part, RecordOffset.text);
      record[RecordOffset.kind] = RecordKind.text;
      record[RecordOffset.sideAndFlags] = part.byteLength;
      view.setUint16(RecordOffset.instrument, chunks - 1 - i, true);
      this.#put(recordWords);
    }
    return sequence;
  }

  /** Copies one record of 18 words whose sequence is `#sequence + 1`, and adds its CRC. Room is reserved. */
  #put(record: Uint32Array): void {
    const at = this.#used;
    const words = this.#words;
    words[(at + RecordOffset.crc) >> 2] = copyRecord(record, 0, words, at >> 2);
    this.#used = at + RECORD_BYTES;
    this.#sequence++;
    this.#records++;
  }

  /** Makes room for a whole group: one write never splits a record from its text. */
  #reserve(bytes: number): void {
    const roll = this.#fileBytes + this.#used + bytes > this.#segmentBytes;
    const full = this.#used + bytes > this.#buffer.byteLength;
    if (!roll && !full) return;
    this.flush();
    // A group larger than a segment still goes into one: a fresh segment is not rolled again.
    if (roll && this.#fileBytes > SEGMENT_HEADER_BYTES) {
      this.#closedBytes += this.#fileBytes;
      this.#rolledFds.push(this.#fd);
      this.#startSegment();
    }
    if (bytes > this.#buffer.byteLength) {
      this.#buffer = new Uint8Array(bytes);
      this.#words = new Uint32Array(this.#buffer.buffer);
    }
  }

  #startSegment(): void {
    this.#segment++;
    this.#fd = -1;
    this.#fileBytes = 0;
    try {
      this.#fd = this.#files.openSync(path.join(this.dir, segmentFileName(this.#segment)), 'wx');
      const header = encodeSegmentHeader({
        segment: this.#segment,
        firstSequence: this.#sequence + 1,
        session: this.session,
        createdUs: this.#nowUs(),
      });
      for (let written = 0; written < header.byteLength; ) {
        const bytes = this.#files.writeSync(this.#fd, header, written, header.byteLength - written, written);
        if (bytes <= 0) throw new Error('write returned 0 bytes');
        written += bytes;
      }
      this.#fileBytes = SEGMENT_HEADER_BYTES;
      syncFolder(this.dir);
    } catch (error) {
      // A segment without a header holds nothing.
      if (this.#fd >= 0) fs.rmSync(path.join(this.dir, segmentFileName(this.#segment)), { force: true });
      this.#fileBytes = 0;
      throw this.#fail(`creating ${segmentFileName(this.#segment)}`, error);
    }
  }

  async #syncAll(): Promise<void> {
    try {
      const current = this.#fd;
      while (this.#rolledFds.length > 0) {
        const fd = this.#rolledFds[0] as number;
        await this.#fdatasync(fd);
        if (this.#closed) return;
        this.#rolledFds.shift();
        this.#files.closeSync(fd);
      }
      // Rolled meanwhile: the next call gets it.
      if (current === this.#fd) await this.#fdatasync(current);
    } catch (error) {
      throw this.#fail('fdatasync', error);
    }
  }

  #fdatasync(fd: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#files.fdatasync(fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Keeps the complete groups of a partial write (a reader may have seen them), cuts the rest, fails the writer. */
  #cutBack(written: number, error: unknown): never {
    let keep = Math.floor(written / RECORD_BYTES) * RECORD_BYTES;
    // A group ends where the next record is not a text chunk.
    while (keep > 0 && keep < this.#used && this.#buffer[keep + RecordOffset.kind] === RecordKind.text) {
      keep -= RECORD_BYTES;
    }
    this.#fileBytes += keep;
    const lost = (this.#used - keep) / RECORD_BYTES;
    this.#sequence -= lost;
    this.#records -= lost;
    this.#flushedSequence = this.#sequence;
    this.#used = 0;
    const failure = this.#fail('write', error);
    try {
      this.#files.ftruncateSync(this.#fd, this.#fileBytes);
    } catch (truncateError) {
      // The next open cuts the torn tail; the caller hears of both.
      failure.message += `; cutting back failed too (${String(truncateError)})`;
    }
    throw failure;
  }

  #fail(what: string, error: unknown): JournalFailedError {
    if (error instanceof JournalFailedError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure ??= new JournalFailedError(`journal failed: ${what}: ${reason}`, error);
    return this.#failure;
  }

  #closeAll(): void {
    for (const fd of this.#rolledFds.splice(0)) this.#files.closeSync(fd);
    if (this.#fd >= 0) this.#files.closeSync(this.#fd);
    this.#fd = -1;
  }
}

function ensureJournalId(dir: string): string {
  const known = readJournalId(dir);
  if (known !== undefined) return known;
  const id = randomUUID();
  const file = path.join(dir, JOURNAL_ID_FILE);
  // Renamed into place: a reader sees the whole id or none.
  fs.writeFileSync(`${file}.new`, `${id}\n`);
  fs.renameSync(`${file}.new`, file);
  return id;
}

/** Makes a new file's name durable. Windows cannot open folders and needs no such call. */
function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
