import * as fs from 'node:fs';
import * as path from 'node:path';
import type { EventSlot } from '../core/event-slot.ts';
import { RECORD_BYTES, RecordFlag, RecordKind, RecordOffset, TEXT_BYTES_PER_RECORD } from '../contract/record.ts';
import {
  JournalDamagedError,
  listSegments,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
} from './journal-format.ts';
import { copyRecord, recordCrc } from './record-crc.ts';

export interface JournalReaderOptions {
  /** First sequence to read, default 1. Must be the start of a record, not one of its text chunks. */
  fromSequence?: number;
  /** Bytes asked of the operating system at once, default 1 MiB. */
  chunkBytes?: number;
}

/**
 * Reads a journal in order, across segments, also while it is being written (another process, or this one).
 * At the tail of the last segment a partial or bad record means "not yet"; in a sealed segment it is an error.
 */
export class JournalReader {
  readonly dir: string;
  #nextSequence: number;
  #segment = 0;
  #session = 0;
  #fd = -1;
  #file = '';
  /** File offset of buffer[0]. */
  #bufferOffset = 0;
  #at = 0;
  #filled = 0;
  #buffer: Uint8Array;
  #words: Uint32Array;
  #numbers: Float64Array;
  #recordsInLast = 0;
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

  constructor(dir: string, options: JournalReaderOptions = {}) {
    const from = options.fromSequence ?? 1;
    if (!Number.isInteger(from) || from < 1) throw new RangeError(`Expected fromSequence of at least 1, was ${from}`);
    this.dir = dir;
    this.#nextSequence = from;
    const records = Math.max(1, Math.floor((options.chunkBytes ?? 1024 * 1024) / RECORD_BYTES));
    this.#buffer = new Uint8Array(records * RECORD_BYTES);
    this.#words = new Uint32Array(this.#buffer.buffer);
    this.#numbers = new Float64Array(this.#buffer.buffer);
  }

  /** Sequence of the record that the next `read` gives. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Session of the segment read last; 0 before the first. */
  get session(): number {
    return this.#session;
  }

  /** Records that the last `read` consumed: 1 and its text chunks. */
  get recordsInLast(): number {
    return this.#recordsInLast;
  }

  /**
   * The next complete record, text joined, into `slot`; false at the current tail, with anything in the slot.
   * @throws JournalDamagedError naming file and offset when a sealed segment is damaged or the sequence has a hole.
   */
  read(slot: EventSlot): boolean {
    // Nearly every record: alone, without text, and in the buffer.
    const at = this.#at;
    if (at + RECORD_BYTES <= this.#filled) {
      const words = this.#words;
      const head = words[(at + RecordOffset.kind) >> 2] as number;
      if (
        (head & (RecordFlag.hasText << 8)) === 0 &&
        (head & 0xff) !== RecordKind.text &&
        this.#numbers[at >> 3] === this.#nextSequence &&
        copyRecord(words, at >> 2, slot.words, 0) === ((words[(at + RecordOffset.crc) >> 2] as number) | 0)
      ) {
        slot.text = '';
        this.#at = at + RECORD_BYTES;
        this.#nextSequence++;
        this.#recordsInLast = 1;
        return true;
      }
    }
    return this.#readSlowly(slot);
  }

  #readSlowly(slot: EventSlot): boolean {
    for (;;) {
      if (this.#fd < 0 && !this.#openSegment()) return false;
      if (this.#take(slot) || this.#refillAndTake(slot)) return true;
      // Whether the segment is sealed is asked first, and only then is its end read a last time: what a writer
      // appends before it starts the next segment is never missed.
      if (this.#nextSegment() === 0) return false;
      if (this.#refillAndTake(slot)) return true;
      if (this.#filled !== this.#at) {
        throw new JournalDamagedError(
          this.#file,
          this.#bufferOffset + this.#at,
          `expected record ${this.#nextSequence}, was ${this.#filled - this.#at} damaged bytes in a sealed segment`,
        );
      }
      this.#closeFile();
    }
  }

  /** Records from here to the current tail, text chunks included; moves the reader there. */
  countRecords(slot: EventSlot): number {
    let records = 0;
    while (this.read(slot)) records += this.#recordsInLast;
    return records;
  }

  close(): void {
    this.#closeFile();
  }

  /** Takes one complete group from the buffer; false when it is not whole or not (yet) good. */
  #take(slot: EventSlot): boolean {
    const at = this.#at;
    if (at + RECORD_BYTES > this.#filled || !this.#isGood(at, this.#nextSequence)) return false;
    const buffer = this.#buffer;
    if (buffer[at + RecordOffset.kind] === RecordKind.text) {
      throw new JournalDamagedError(
        this.#file,
        this.#bufferOffset + at,
        `expected a record at sequence ${this.#nextSequence}, was a text chunk`,
      );
    }
    let records = 1;
    let text = '';
    if (((buffer[at + RecordOffset.sideAndFlags] as number) & RecordFlag.hasText) !== 0) {
      const first = at + RECORD_BYTES;
      if (first + RECORD_BYTES > this.#filled) {
        this.#ensureRoom(2 * RECORD_BYTES);
        return false;
      }
      const chunks = 1 + this.#chunksToCome(first);
      if (first + chunks * RECORD_BYTES > this.#filled) {
        this.#ensureRoom((1 + chunks) * RECORD_BYTES);
        return false;
      }
      for (let i = 0; i < chunks; i++) {
        const chunk = first + i * RECORD_BYTES;
        if (!this.#isGood(chunk, this.#nextSequence + 1 + i)) return false;
        if (buffer[chunk + RecordOffset.kind] !== RecordKind.text) return false;
        if (this.#chunksToCome(chunk) !== chunks - 1 - i) return false;
      }
      text = this.#joinText(first, chunks);
      records += chunks;
    }
    // Word by word: a subarray per record would allocate, and a float copy may change the bits of a NaN pattern.
    const target = slot.words;
    const source = this.#words;
    for (let i = 0, from = at >> 2; i < RECORD_BYTES >> 2; i++, from++) target[i] = source[from] as number;
    slot.text = text;
    this.#at = at + records * RECORD_BYTES;
    this.#nextSequence += records;
    this.#recordsInLast = records;
    return true;
  }

  #isGood(at: number, sequence: number): boolean {
    return (
      this.#numbers[at >> 3] === sequence &&
      ((this.#words[(at + RecordOffset.crc) >> 2] as number) | 0) === recordCrc(this.#words, at >> 2)
    );
  }

  #chunksToCome(at: number): number {
    return (
      (this.#buffer[at + RecordOffset.instrument] as number) |
      ((this.#buffer[at + RecordOffset.instrument + 1] as number) << 8)
    );
  }

  #joinText(first: number, chunks: number): string {
    const bytes = new Uint8Array(chunks * TEXT_BYTES_PER_RECORD);
    let length = 0;
    for (let i = 0; i < chunks; i++) {
      const at = first + i * RECORD_BYTES;
      const part = Math.min(this.#buffer[at + RecordOffset.sideAndFlags] as number, TEXT_BYTES_PER_RECORD);
      bytes.set(this.#buffer.subarray(at + RecordOffset.text, at + RecordOffset.text + part), length);
      length += part;
    }
    return this.#decoder.decode(bytes.subarray(0, length));
  }

  #refillAndTake(slot: EventSlot): boolean {
    for (;;) {
      const room = this.#buffer.byteLength;
      this.#refill();
      if (this.#take(slot)) return true;
      // A text longer than the buffer made it grow: read again.
      if (this.#buffer.byteLength === room) return false;
    }
  }

  /** Reads on from the first unconsumed byte, anew from the file: a torn tail may have been cut and replaced. */
  #refill(): void {
    this.#bufferOffset += this.#at;
    this.#at = 0;
    this.#filled = 0;
    while (this.#filled < this.#buffer.byteLength) {
      const bytes = fs.readSync(
        this.#fd,
        this.#buffer,
        this.#filled,
        this.#buffer.byteLength - this.#filled,
        this.#bufferOffset + this.#filled,
      );
      if (bytes === 0) break;
      this.#filled += bytes;
    }
  }

  #ensureRoom(bytes: number): void {
    if (bytes <= this.#buffer.byteLength) return;
    const grown = new Uint8Array(bytes);
    grown.set(this.#buffer.subarray(this.#at, this.#filled));
    this.#bufferOffset += this.#at;
    this.#filled -= this.#at;
    this.#at = 0;
    this.#buffer = grown;
    this.#words = new Uint32Array(grown.buffer);
    this.#numbers = new Float64Array(grown.buffer);
  }

  /** Number of the segment after the current one, 0 when there is none with a readable header. */
  #nextSegment(): number {
    for (const segment of listSegments(this.dir)) {
      if (segment > this.#segment && readSegmentHeader(this.dir, segment) !== undefined) return segment;
    }
    return 0;
  }

  #openSegment(): boolean {
    let segment = 0;
    if (this.#segment === 0) segment = this.#findSegment();
    else segment = this.#nextSegment();
    if (segment === 0) return false;
    const header = readSegmentHeader(this.dir, segment);
    if (header === undefined) return false;
    const file = path.join(this.dir, segmentFileName(segment));
    if (this.#segment !== 0 && header.firstSequence !== this.#nextSequence) {
      throw new JournalDamagedError(
        file,
        16,
        `expected first sequence ${this.#nextSequence}, was ${header.firstSequence}`,
      );
    }
    this.#fd = fs.openSync(file, 'r');
    this.#file = file;
    this.#segment = segment;
    this.#session = header.session;
    this.#bufferOffset = SEGMENT_HEADER_BYTES + (this.#nextSequence - header.firstSequence) * RECORD_BYTES;
    this.#at = 0;
    this.#filled = 0;
    return true;
  }

  /** The last segment that starts at or before the wanted sequence. */
  #findSegment(): number {
    let first = 0;
    // From the end: the newest records are asked for most, and a journal may have thousands of segments.
    for (const segment of listSegments(this.dir).reverse()) {
      const header = readSegmentHeader(this.dir, segment);
      if (header === undefined) continue;
      first = header.firstSequence;
      if (first <= this.#nextSequence) return segment;
    }
    if (first !== 0) {
      throw new JournalDamagedError(
        this.dir,
        0,
        `expected record ${this.#nextSequence}, the journal begins at ${first}`,
      );
    }
    return 0;
  }

  #closeFile(): void {
    if (this.#fd >= 0) fs.closeSync(this.#fd);
    this.#fd = -1;
    this.#at = 0;
    this.#filled = 0;
  }
}
