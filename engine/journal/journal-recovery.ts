import * as fs from 'node:fs';
import * as path from 'node:path';
import { RECORD_BYTES, RecordFlag, RecordKind, RecordOffset } from '../contract/record.ts';
import {
  decodeSegmentHeader,
  highestSegmentNumber,
  listSegments,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
  type SegmentHeader,
} from './journal-format.ts';
import { recordCrc } from './record-crc.ts';

/**
 * How the last session ended. `none`: there was none. `ended`: clean. `crashRecovered`: no clean end, at most a torn tail
 * was cut. `quarantined`: damage in the middle (good records followed bad ones), so records that once were whole are
 * gone from the journal: orders must be reconciled before anything is trusted.
 */
export type JournalSeal = 'none' | 'ended' | 'crashRecovered' | 'quarantined';

export interface JournalRecovery {
  journalId: string;
  seal: JournalSeal;
  /** Sequence of the last good record; 0 when the journal is empty. */
  lastSequence: number;
  /** Session of the last segment; 0 when there was none. */
  lastSession: number;
  /** Session number of the writer just opened: put it into the sessionStart record's id. */
  session: number;
  /** Bytes cut from the tail and kept in `tornFiles`. */
  cutBytes: number;
  tornFiles: string[];
}

/** Result of scanning one segment's records. */
export interface SegmentScan {
  /** Bytes up to and with the last complete good record (its text chunks included). */
  goodBytes: number;
  lastSequence: number;
  /** Kind of the last complete record; 0 for none. */
  lastKind: number;
  /** A good record follows the first bad one. */
  damagedInside: boolean;
}

/**
 * True when a record with a right CRC and this sequence begins at `offset`. `words` and `view` span the same bytes.
 */
function isGoodRecord(words: Uint32Array, view: DataView, offset: number, sequence: number): boolean {
  return (
    view.getFloat64(offset + RecordOffset.sequence, true) === sequence &&
    ((words[(offset + RecordOffset.crc) >> 2] as number) | 0) === recordCrc(words, offset >> 2)
  );
}

/** A segment's bytes as words; copied where they do not lie on a word boundary. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, bytes.byteLength >> 2);
}

/** Scans a whole segment file's bytes, header included. */
export function scanSegment(bytes: Uint8Array, header: SegmentHeader): SegmentScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = wordsOf(bytes);
  let sequence = header.firstSequence;
  let offset = SEGMENT_HEADER_BYTES;
  const scan: SegmentScan = {
    goodBytes: offset,
    lastSequence: header.firstSequence - 1,
    lastKind: 0,
    damagedInside: false,
  };
  // Chunks of text still owed to the record before; -1: its first chunk, which tells how many.
  let owed = 0;
  let ownerKind = 0;
  while (offset + RECORD_BYTES <= bytes.byteLength && isGoodRecord(words, view, offset, sequence)) {
    const kind = bytes[offset + RecordOffset.kind] as number;
    const isText = kind === RecordKind.text;
    if (isText !== (owed !== 0)) break;
    if (isText) {
      const toCome = view.getUint16(offset + RecordOffset.instrument, true);
      if (owed > 0 && toCome !== owed - 1) break;
      owed = toCome;
    } else {
      ownerKind = kind;
      owed = ((bytes[offset + RecordOffset.sideAndFlags] as number) & RecordFlag.hasText) !== 0 ? -1 : 0;
    }
    offset += RECORD_BYTES;
    if (owed === 0) {
      scan.goodBytes = offset;
      scan.lastSequence = sequence;
      scan.lastKind = ownerKind;
    }
    sequence++;
  }
  // Behind the first bad record: is there a good one that belongs exactly there?
  for (let at = offset + RECORD_BYTES; at + RECORD_BYTES <= bytes.byteLength; at += RECORD_BYTES) {
    if (isGoodRecord(words, view, at, sequence + (at - offset) / RECORD_BYTES)) {
      scan.damagedInside = true;
      break;
    }
  }
  return scan;
}

/** Scans the last segment and cuts its tail to the last good record. The caller holds the journal's lock. */
export function recoverJournal(dir: string): Omit<JournalRecovery, 'journalId'> {
  const tornFiles: string[] = [];
  let cutBytes = 0;
  let quarantined = false;
  for (;;) {
    const segment = listSegments(dir).at(-1);
    if (segment === undefined) {
      const seal = quarantined ? 'quarantined' : cutBytes > 0 ? 'crashRecovered' : 'none';
      return { seal, lastSequence: 0, lastSession: 0, session: quarantined ? 2 : 1, cutBytes, tornFiles };
    }
    const file = path.join(dir, segmentFileName(segment));
    const bytes = fs.readFileSync(file);
    const header = decodeSegmentHeader(bytes, file);
    if (header === undefined) {
      // No usable header: the crash came while the segment was created, or its first sector is damaged.
      if (bytes.byteLength > SEGMENT_HEADER_BYTES && hasRecordsBehindBadHeader(bytes)) quarantined = true;
      cutBytes += bytes.byteLength;
      if (bytes.byteLength === 0) {
        fs.rmSync(file);
        continue;
      }
      const torn = unusedTornName(dir, segment);
      fs.renameSync(file, torn);
      tornFiles.push(torn);
      continue;
    }
    const scan = scanSegment(bytes, header);
    if (scan.goodBytes < bytes.byteLength) {
      const torn = unusedTornName(dir, segment);
      writeDurably(torn, bytes.subarray(scan.goodBytes));
      tornFiles.push(torn);
      cutBytes += bytes.byteLength - scan.goodBytes;
      const fd = fs.openSync(file, 'r+');
      try {
        fs.ftruncateSync(fd, scan.goodBytes);
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
      quarantined ||= scan.damagedInside;
    }
    const clean = scan.lastKind === RecordKind.sessionEnd && cutBytes === 0;
    return {
      seal: quarantined ? 'quarantined' : clean ? 'ended' : 'crashRecovered',
      lastSequence: scan.lastSequence,
      lastSession: header.session,
      // A segment lost with its header may have been a session of its own: its number is not given out again.
      session: header.session + (quarantined ? 2 : 1),
      cutBytes,
      tornFiles,
    };
  }
}

/** First segment number for a new session. */
export function nextSegmentNumber(dir: string): number {
  return highestSegmentNumber(dir) + 1;
}

function hasRecordsBehindBadHeader(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = wordsOf(bytes);
  for (let at = SEGMENT_HEADER_BYTES; at + RECORD_BYTES <= bytes.byteLength; at += RECORD_BYTES) {
    const sequence = view.getFloat64(at + RecordOffset.sequence, true);
    if (sequence > 0 && isGoodRecord(words, view, at, sequence)) return true;
  }
  return false;
}

function unusedTornName(dir: string, segment: number): string {
  const base = path.join(dir, `${segmentFileName(segment)}.torn`);
  for (let i = 0; ; i++) {
    const name = i === 0 ? base : `${base}.${i}`;
    if (!fs.existsSync(name)) return name;
  }
}

function writeDurably(file: string, bytes: Uint8Array): void {
  const fd = fs.openSync(file, 'wx');
  try {
    fs.writeFileSync(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
