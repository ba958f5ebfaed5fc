import { CsvTradeConverter } from './csv-trades.ts';
import { readTimeNs, toEpochUs } from './local-time.ts';
import { type RecordingBlock, type RecordingSource, readRecording } from './recording-reader.ts';
import { CursorKind, type RecordingCursor } from './recording-cursor.ts';
import type { RecordingScan } from './scanned-recording.ts';
import { JSON_OFFSET } from './stream-line.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const NOTHING = Buffer.alloc(0);
const KEY = new TextEncoder().encode('{"lastUpdateId":');

/** Lines `<local ns> <json>` and trade files, block by block. */
export class StreamCursor implements RecordingCursor {
  kind: CursorKind = CursorKind.nothing;
  timeNs = 0;
  bytes: Uint8Array = NOTHING;
  readonly symbol = '';
  readonly reason = '';
  file = '';
  fraction = 0;
  readonly #scan: RecordingScan;
  readonly #originUs: number;
  readonly #csv: CsvTradeConverter | undefined;
  readonly #blocks: AsyncGenerator<RecordingBlock>;
  #block: Buffer = NOTHING;
  #at = 0;
  #fileIndex = -1;

  constructor(scan: RecordingScan, source: RecordingSource = readRecording) {
    this.#scan = scan;
    this.#originUs = toEpochUs(scan.origin);
    this.#csv = scan.format === 'stream' ? undefined : new CsvTradeConverter(scan.symbol);
    this.#blocks = source(scan.played);
  }

  async fill(): Promise<boolean> {
    const next = await this.#blocks.next();
    if (next.done === true) return false;
    this.load(next.value);
    return true;
  }

  /** Takes a block that is in memory already, in place of `fill`. */
  load({ bytes, file, fileIndex, fraction }: RecordingBlock): void {
    this.#block = bytes;
    this.#at = 0;
    this.file = file;
    this.fraction = fraction;
    if (fileIndex !== this.#fileIndex && this.#csv !== undefined && CsvTradeConverter.isHeader(bytes, 0)) {
      this.#at = this.#lineEnd(0) + 1;
    }
    this.#fileIndex = fileIndex;
  }

  next(): boolean {
    const from = this.#at;
    const bytes = this.#block;
    if (from >= bytes.length) return false;
    const to = this.#lineEnd(from);
    this.#at = to + 1;
    if (this.#csv !== undefined) this.#readCsv(this.#csv, from, to);
    else {
      const timeNs = to - from > JSON_OFFSET ? readTimeNs(bytes, from, this.#scan.origin) : Number.NaN;
      if (Number.isNaN(timeNs)) throw new Error(`${this.file}: changed since it was scanned`);
      this.timeNs = timeNs;
      const start = from + JSON_OFFSET;
      const end = bytes[to - 1] === CARRIAGE_RETURN ? to - 1 : to;
      // Not a Buffer: making a view of one costs several times as much.
      this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
      this.kind = isSnapshot(bytes, start) ? CursorKind.snapshot : CursorKind.message;
    }
    return true;
  }

  #readCsv(csv: CsvTradeConverter, from: number, to: number): void {
    if (to === from) {
      this.kind = CursorKind.nothing;
      return;
    }
    if (!csv.read(this.#block, from, to)) throw new Error(`${this.file}: ${csv.error}`);
    this.timeNs = (csv.timeUs() - this.#originUs) * 1000;
    this.bytes = csv.toJson();
    this.kind = CursorKind.message;
  }

  #lineEnd(from: number): number {
    const feed = this.#block.indexOf(LINE_FEED, from);
    return feed < 0 ? this.#block.length : feed;
  }
}

/** `{"lastUpdateId":` starts a REST snapshot; stream messages start with `stream` or an event's own fields. */
function isSnapshot(bytes: Uint8Array, at: number): boolean {
  const { length } = KEY;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== KEY[i]) return false;
  return true;
}
