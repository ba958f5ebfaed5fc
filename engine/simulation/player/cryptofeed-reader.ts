import { decodePythonBytes } from './python-bytes.ts';
import { RecordingError, type RecordingSource, readRecording } from './recording-reader.ts';

/** `cut`: the last line of a file, without its end and not readable: whoever recorded was stopped while writing it. */
export type CaptureKind = 'message' | 'sent' | 'http' | 'opened' | 'configuration' | 'cut';

/** One line of a capture. */
export interface CaptureEntry {
  kind: CaptureKind;
  /** ns since the earliest first line of the capture's files; whole. A configuration has the time of the line before. */
  timeNs: number;
  /** us since the epoch, as the recorder's clock said; rounded down. */
  epochUs: number;
  /** Address of a connection opened, a text sent or an HTTP answer; empty for `message` and `configuration`. */
  url: string;
  /** The payload as the venue sent it; empty for `opened`. A view of the file's block, not overwritten later. */
  bytes: Uint8Array;
  /** Position of its file in the list that was given, and the line there, from 1. */
  fileIndex: number;
  line: number;
}

interface Line {
  number: number;
  kind: CaptureKind;
  seconds: number;
  nanoseconds: number;
  url: string;
  bytes: Uint8Array;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const LOWER_B = 98;
const QUOTE = 34;
const APOSTROPHE = 39;
const CONFIGURATION = Buffer.from('configuration: ');
const ARROWS: readonly [kind: CaptureKind, text: Buffer][] = [
  ['opened', Buffer.from(' <-> ')],
  ['sent', Buffer.from(' <- ')],
  ['http', Buffer.from(' -> ')],
];
const NOTHING = new Uint8Array(0);

/**
 * Reads captures in the format of cryptofeed, plain or gzip, line by line in bounded memory:
 *
 *   `<epoch s>: <payload>`           received over a WebSocket; a payload `b'...'` (Python) is unescaped to its bytes
 *   `<url> <- <epoch s>: <payload>`  sent
 *   `<url> -> <epoch s>: <payload>`  HTTP answer
 *   `<url> <-> <epoch s>`            connection opened
 *   `configuration: <json>`          what was subscribed to
 *
 * Several files (say sockets and HTTP of one session) are merged by time; at equal times the file named first goes first.
 * @throws RecordingError naming file and line where a line is none of these, or a file cannot be read.
 */
export async function* readCryptofeed(
  files: string | readonly string[],
  source: RecordingSource = readRecording,
): AsyncGenerator<CaptureEntry, void, undefined> {
  const names = typeof files === 'string' ? [files] : files;
  if (names.length === 0) throw new RecordingError('Expected at least one capture, was none');
  const sources = names.map((file) => readLines(file, source));
  try {
    const heads: (Line | undefined)[] = [];
    for (const source of sources) heads.push(await nextOf(source));
    const first = heads[earliest(heads)];
    if (first === undefined) return;
    const originSeconds = first.seconds;
    const originNanoseconds = first.nanoseconds;
    for (let at = earliest(heads); at >= 0; at = earliest(heads)) {
      const { kind, seconds, nanoseconds, url, bytes, number } = heads[at] as Line;
      const timeNs = (seconds - originSeconds) * 1e9 + (nanoseconds - originNanoseconds);
      const epochUs = seconds * 1e6 + Math.floor(nanoseconds / 1000);
      yield { kind, timeNs, epochUs, url, bytes, fileIndex: at, line: number };
      heads[at] = await nextOf(sources[at] as AsyncGenerator<Line>);
    }
  } finally {
    for (const source of sources) await source.return(undefined);
  }
}

async function nextOf(source: AsyncGenerator<Line>): Promise<Line | undefined> {
  const next = await source.next();
  return next.done === true ? undefined : next.value;
}

/** Index of the line with the lowest time, or -1 when all files are at their end. */
function earliest(heads: readonly (Line | undefined)[]): number {
  let found = -1;
  for (let i = 0; i < heads.length; i++) {
    const line = heads[i];
    if (line === undefined) continue;
    const best = heads[found];
    if (
      best === undefined ||
      line.seconds < best.seconds ||
      (line.seconds === best.seconds && line.nanoseconds < best.nanoseconds)
    ) {
      found = i;
    }
  }
  return found;
}

async function* readLines(file: string, source: RecordingSource): AsyncGenerator<Line, void, undefined> {
  let number = 0;
  let last: Line | undefined;
  for await (const { bytes } of source([file])) {
    for (let from = 0; from < bytes.length; ) {
      const feed = bytes.indexOf(LINE_FEED, from);
      const next = feed < 0 ? bytes.length : feed + 1;
      let to = feed < 0 ? bytes.length : feed;
      if (to > from && bytes[to - 1] === CARRIAGE_RETURN) to--;
      number++;
      if (to > from) {
        const line = bytes.subarray(from, to);
        last = feed < 0 ? readLastLine(line, file, number, last) : readLine(line, file, number, last);
        yield last;
      }
      from = next;
    }
  }
}

/** A last line without a line feed: whole, or cut within. */
function readLastLine(line: Buffer, file: string, number: number, before: Line | undefined): Line {
  try {
    const read = readLine(line, file, number, before);
    if (read.kind !== 'opened') JSON.parse(Buffer.from(read.bytes).toString('utf8'));
    return read;
  } catch (error) {
    // A file that does not even begin as a capture is another one, not one that was cut.
    if (!(error instanceof RecordingError || error instanceof SyntaxError)) throw error;
    if (before === undefined) {
      throw error instanceof RecordingError ? error : new RecordingError(`${file}:${number}: ${error.message}`);
    }
    const { seconds, nanoseconds } = before;
    return { kind: 'cut', number, seconds, nanoseconds, url: '', bytes: line };
  }
}

function readLine(line: Buffer, file: string, number: number, before: Line | undefined): Line {
  const where = `${file}:${number}`;
  if (isAt(line, 0, CONFIGURATION)) {
    const { seconds, nanoseconds } = before ?? { seconds: 0, nanoseconds: 0 };
    const bytes = line.subarray(CONFIGURATION.length);
    return { kind: 'configuration', number, seconds, nanoseconds, url: '', bytes };
  }
  const c = line[0] as number;
  if (c >= ZERO && c <= NINE) return { ...readTimed('message', '', line, 0, where), number };
  // Addresses hold no spaces.
  const space = line.indexOf(SPACE);
  if (space > 0) {
    for (const [kind, arrow] of ARROWS) {
      if (isAt(line, space, arrow)) {
        return { ...readTimed(kind, line.toString('utf8', 0, space), line, space + arrow.length, where), number };
      }
    }
  }
  const shown = line.toString('utf8', 0, Math.min(60, line.length));
  throw new RecordingError(`${where}: expected a line of a cryptofeed capture, was "${shown}"`);
}

/** Reads `<epoch s>` or `<epoch s>: <payload>` from `from` on. */
function readTimed(kind: CaptureKind, url: string, line: Buffer, from: number, where: string): Omit<Line, 'number'> {
  let at = from;
  let seconds = 0;
  for (; isDigit(line[at]); at++) seconds = seconds * 10 + (line[at] as number) - ZERO;
  if (at === from || at - from > 12) throw notATime(line, from, where);
  let nanoseconds = 0;
  if (line[at] === DOT) {
    const first = ++at;
    for (let unit = 1e8; isDigit(line[at]); at++, unit = unit === 1 ? 0 : unit / 10) {
      nanoseconds += ((line[at] as number) - ZERO) * unit;
    }
    if (at === first) throw notATime(line, from, where);
  }
  if (kind === 'opened') {
    if (at !== line.length) throw notATime(line, from, where);
    return { kind, seconds, nanoseconds, url, bytes: NOTHING };
  }
  if (line[at] !== COLON || line[at + 1] !== SPACE) throw notATime(line, from, where);
  return { kind, seconds, nanoseconds, url, bytes: payload(line.subarray(at + 2), where) };
}

function payload(bytes: Buffer, where: string): Uint8Array {
  if (bytes[0] !== LOWER_B || (bytes[1] !== APOSTROPHE && bytes[1] !== QUOTE)) return bytes;
  try {
    return decodePythonBytes(bytes);
  } catch (error) {
    throw new RecordingError(`${where}: ${(error as Error).message}`);
  }
}

function isAt(line: Buffer, from: number, text: Buffer): boolean {
  const to = from + text.length;
  return to <= line.length && line.compare(text, 0, text.length, from, to) === 0;
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= ZERO && c <= NINE;
}

function notATime(line: Buffer, from: number, where: string): RecordingError {
  const shown = line.toString('utf8', from, Math.min(from + 40, line.length));
  return new RecordingError(`${where}: expected "<epoch seconds>: <payload>", was "${shown}"`);
}
