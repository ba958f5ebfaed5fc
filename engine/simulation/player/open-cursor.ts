import { CaptureCursor } from './capture-cursor.ts';
import type { RecordingCursor } from './recording-cursor.ts';
import { type RecordingSource, readRecording } from './recording-reader.ts';
import type { RecordingScan } from './scanned-recording.ts';
import { StreamCursor } from './stream-cursor.ts';

export function openCursor(scan: RecordingScan, source: RecordingSource = readRecording): RecordingCursor {
  return scan.format === 'cryptofeed' || scan.format === 'messages'
    ? new CaptureCursor(scan, source)
    : new StreamCursor(scan, source);
}
