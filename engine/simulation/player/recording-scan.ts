import { scanCapture } from './capture-scan.ts';
import { RecordingError, type RecordingSource, readRecording } from './recording-reader.ts';
import type { RecordingScan, RecordingScanOptions } from './scanned-recording.ts';
import { scanStream } from './stream-scan.ts';

const LINE_FEED = 10;
const SPACE = 32;
const CAPTURE_LINE = /^(\d{1,12}(\.\d+)?: |[a-z]+:\/\/\S+ (<->|<-|->) \d|configuration: )/;

/**
 * Looks through a recording before it is played, so that a bad one fails before anything is written: every line must be
 * whole, what is said of it (protocol, symbol, steps) must agree with it, and depth updates that start from a REST
 * snapshot need one.
 * @throws RecordingError, one line naming file and reason.
 */
export async function scanRecording(
  files: readonly string[],
  options: RecordingScanOptions = {},
  source: RecordingSource = readRecording,
): Promise<RecordingScan> {
  const start = await firstLine(files, source);
  if (CAPTURE_LINE.test(start)) return scanCapture(files, 'cryptofeed', options, source);
  if (start[0] === '{' || start[0] === '[') return scanCapture(files, 'messages', options, source);
  return scanStream(files, options, source);
}

/** Start of the first line that is not blank, of the first file. */
async function firstLine(files: readonly string[], source: RecordingSource): Promise<string> {
  if (files.length === 0) throw new RecordingError('Expected at least one recording, was none');
  for await (const { bytes } of source(files.slice(0, 1))) {
    let from = 0;
    while (from < bytes.length && (bytes[from] as number) <= SPACE) from++;
    if (from === bytes.length) continue;
    const feed = bytes.indexOf(LINE_FEED, from);
    return bytes.toString('latin1', from, Math.min(feed < 0 ? bytes.length : feed, from + 4096));
  }
  return '';
}
