import { type CaptureEntry, readCryptofeed } from './cryptofeed-reader.ts';
import { readBareMessages } from './message-lines.ts';
import { type RecordingSource, readRecording } from './recording-reader.ts';
import { CursorKind, type RecordingCursor } from './recording-cursor.ts';
import type { RecordingScan } from './scanned-recording.ts';
import { isSnapshotBody, snapshotSymbol } from './snapshot-answer.ts';

const NOTHING = new Uint8Array(0);
/** Entries in memory at once. */
const BATCH_ENTRIES = 512;
const REASON_LENGTH = 100;

/** Messages, snapshots and connections of a capture, in the order of time. */
export class CaptureCursor implements RecordingCursor {
  kind: CursorKind = CursorKind.nothing;
  timeNs = 0;
  bytes: Uint8Array = NOTHING;
  symbol = '';
  reason = '';
  file = '';
  fraction = 0;
  readonly #scan: RecordingScan;
  readonly #entries: AsyncGenerator<CaptureEntry>;
  readonly #opened = new Set<number>();
  #batch: CaptureEntry[] = [];
  #at = 0;
  #lines = 0;

  constructor(scan: RecordingScan, source: RecordingSource = readRecording) {
    this.#scan = scan;
    const { played } = scan;
    this.#entries = scan.format === 'cryptofeed' ? readCryptofeed(played, source) : readBareMessages(played, source);
  }

  async fill(): Promise<boolean> {
    this.#batch = [];
    this.#at = 0;
    while (this.#batch.length < BATCH_ENTRIES) {
      const next = await this.#entries.next();
      if (next.done === true) {
        this.fraction = 1;
        break;
      }
      this.#batch.push(next.value);
    }
    return this.#batch.length > 0;
  }

  next(): boolean {
    const entry = this.#batch[this.#at];
    if (entry === undefined) return false;
    this.#at++;
    this.timeNs = entry.timeNs;
    this.file = this.#scan.played[entry.fileIndex] as string;
    this.kind = CursorKind.nothing;
    if (entry.kind === 'message' || entry.kind === 'http') {
      this.#lines++;
      this.fraction = Math.min(1, this.#lines / this.#scan.lines);
    }
    if (entry.kind === 'message') {
      this.bytes = entry.bytes;
      this.kind = CursorKind.message;
    } else if (entry.kind === 'http') this.#readAnswer(entry);
    else if (entry.kind === 'opened') this.#readOpened(entry);
    return true;
  }

  #readAnswer(entry: CaptureEntry): void {
    const symbol = snapshotSymbol(entry.url);
    if (symbol === undefined) return;
    this.symbol = symbol;
    this.bytes = entry.bytes;
    if (isSnapshotBody(entry.bytes)) {
      this.kind = CursorKind.snapshot;
      return;
    }
    const text = Buffer.from(entry.bytes).toString('utf8', 0, REASON_LENGTH);
    this.reason = `the venue answered ${text}`;
    this.kind = CursorKind.snapshotFailed;
  }

  /** The first connection of each file is the recording's own start. */
  #readOpened(entry: CaptureEntry): void {
    const { fileIndex } = entry;
    if (this.#opened.has(fileIndex)) {
      this.reason = 'the recorder connected anew';
      this.kind = CursorKind.reopened;
    }
    this.#opened.add(fileIndex);
  }
}
