import { messageTimeMs } from './capture-messages.ts';
import type { CaptureEntry } from './cryptofeed-reader.ts';
import { RecordingError, type RecordingSource, readRecording } from './recording-reader.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Reads bare messages, one a line, as venues offer them for download. Time is the venue's own: a message that says none,
 * or an earlier one, has the time of the one before.
 * @throws RecordingError when a file cannot be read or its first message says no time.
 */
export async function* readBareMessages(
  files: readonly string[],
  source: RecordingSource = readRecording,
): AsyncGenerator<CaptureEntry, void, undefined> {
  let originMs = Number.NaN;
  let lastMs = Number.NaN;
  let line = 0;
  let index = -1;
  for await (const { file, fileIndex, bytes } of source(files)) {
    if (fileIndex !== index) line = 0;
    index = fileIndex;
    for (let from = 0; from < bytes.length; ) {
      const feed = bytes.indexOf(LINE_FEED, from);
      let to = feed < 0 ? bytes.length : feed;
      if (to > from && bytes[to - 1] === CARRIAGE_RETURN) to--;
      line++;
      const message = bytes.subarray(from, to);
      from = feed < 0 ? bytes.length : feed + 1;
      if (message.length === 0) continue;
      if (feed < 0 && line > 1 && !isJson(message)) {
        yield {
          kind: 'cut',
          timeNs: (lastMs - originMs) * 1e6,
          epochUs: lastMs * 1e3,
          url: '',
          bytes: message,
          fileIndex,
          line,
        };
        continue;
      }
      const timeMs = messageTimeMs(message);
      if (Number.isNaN(lastMs)) {
        if (Number.isNaN(timeMs))
          throw new RecordingError(`${file}: line ${line}: expected a message with the venue's time`);
        originMs = lastMs = timeMs;
      } else if (timeMs > lastMs) lastMs = timeMs;
      yield {
        kind: 'message',
        timeNs: (lastMs - originMs) * 1e6,
        epochUs: lastMs * 1e3,
        url: '',
        bytes: message,
        fileIndex,
        line,
      };
    }
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
