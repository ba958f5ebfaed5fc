import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32 } from '../core/crc32.ts';
import { EventSlot } from '../core/event-slot.ts';
import { RECORD_BYTES, RecordKind } from '../contract/record.ts';
import {
  JournalDamagedError,
  journalExtent,
  JournalLockedError,
  listSegments,
  segmentFileName,
} from './journal-format.ts';
import { JournalReader } from './journal-reader.ts';
import { describeRecord, fillSlot, readAll, temporaryFolder } from './journal.test-support.ts';
import { JournalWriter } from './journal-writer.ts';

const slot = new EventSlot();

/** Appends n records from number `from` on and returns what a reader must see. */
function appendMany(writer: JournalWriter, from: number, count: number): string[] {
  const rows: string[] = [];
  for (let n = from; n < from + count; n++) {
    writer.append(fillSlot(slot, n));
    rows.push(describeRecord(slot));
  }
  return rows;
}

test('any records come back exactly, over segments, buffers and reader chunks of any size', (t) => {
  const root = temporaryFolder(t);
  let run = 0;
  const number = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constant(-0));
  const record = fc.record({
    kind: fc.integer({ min: 2, max: 255 }),
    instrument: fc.integer({ min: 0, max: 65535 }),
    side: fc.constantFrom(0 as const, 1 as const, 2 as const),
    flags: fc.integer({ min: 1, max: 31 }).map((bits) => (bits << 3) & 0xff),
    fields: fc.array(number, { minLength: 7, maxLength: 7 }),
    text: fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }).map((n) => 'x'.repeat(n)) },
    ),
    flush: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 60 }),
      fc.integer({ min: 72, max: 4000 }),
      fc.integer({ min: 200, max: 9000 }),
      fc.integer({ min: 72, max: 2000 }),
      (records, bufferBytes, segmentBytes, chunkBytes) => {
        const dir = path.join(root, String(run++));
        const { writer } = JournalWriter.open(dir, { bufferBytes, segmentBytes });
        const expected: string[] = [];
        for (const r of records) {
          slot.begin(r.kind, r.instrument, r.fields[0] as number);
          slot.exchangeTimeUs = r.fields[1] as number;
          slot.priceTicks = r.fields[2] as number;
          slot.sizeLots = r.fields[3] as number;
          slot.id = r.fields[4] as number;
          slot.aux = r.fields[5] as number;
          slot.value = r.fields[6] as number;
          slot.side = r.side;
          slot.flags = r.flags;
          slot.setText(r.text);
          writer.append(slot);
          expected.push(describeRecord(slot));
          if (r.flush) writer.flush();
        }
        writer.close();
        assert.deepEqual(readAll(dir, 1, chunkBytes), expected);
        assert.equal(journalExtent(dir).lastSequence, writer.lastSequence);
        assert.equal(journalExtent(dir).bytes, writer.bytes);
      },
    ),
    { numRuns: 60 },
  );
});

test('sessions continue the sequence, each in a new segment; the seal tells how the last one ended', (t) => {
  const dir = temporaryFolder(t);
  const first = JournalWriter.open(dir);
  assert.deepEqual([first.recovery.seal, first.recovery.session, first.recovery.lastSequence], ['none', 1, 0]);
  const rows = appendMany(first.writer, 1, 20);
  first.writer.close();
  const second = JournalWriter.open(dir);
  assert.equal(second.recovery.seal, 'crashRecovered', 'no sessionEnd was written');
  assert.equal(second.recovery.journalId, first.recovery.journalId);
  assert.equal(second.writer.session, 2);
  rows.push(...appendMany(second.writer, 21, 5));
  second.writer.append(slot.begin(RecordKind.sessionEnd, 0, 99));
  rows.push(describeRecord(slot));
  second.writer.close();
  const third = JournalWriter.open(dir);
  assert.deepEqual([third.recovery.seal, third.recovery.session], ['ended', 3]);
  assert.equal(third.recovery.lastSequence, second.writer.lastSequence);
  third.writer.close();
  assert.deepEqual(readAll(dir), rows);
  assert.equal(listSegments(dir).length, 3);
  const at = 13;
  const sequence = Number((rows[at] as string).split(':')[0]);
  assert.deepEqual(readAll(dir, sequence), rows.slice(at), 'a reader starts anywhere');
});

test('a tail torn at every byte of the last records is cut to the last complete record', (t) => {
  const dir = temporaryFolder(t);
  const { writer } = JournalWriter.open(dir);
  const rows = appendMany(writer, 1, 8); // 7 has text
  const before = writer.bytes;
  rows.push(...appendMany(writer, 21, 2)); // 21 has text, 22 none
  writer.close();
  const file = path.join(dir, segmentFileName(1));
  const whole = fs.readFileSync(file);
  const id = fs.readFileSync(path.join(dir, 'journal.id'));
  const groupEnds = [before];
  groupEnds.push(whole.length - RECORD_BYTES, whole.length);
  for (let size = before - RECORD_BYTES; size <= whole.length; size++) {
    const copy = path.join(dir, 'torn');
    fs.mkdirSync(copy);
    fs.writeFileSync(path.join(copy, segmentFileName(1)), whole.subarray(0, size));
    fs.writeFileSync(path.join(copy, 'journal.id'), id);
    const complete = 7 + groupEnds.filter((end) => end <= size).length;
    // Before recovery the tail means "not yet".
    assert.deepEqual(readAll(copy), rows.slice(0, complete), `size ${size}, unsealed`);
    const opened = JournalWriter.open(copy);
    assert.equal(opened.recovery.seal, 'crashRecovered');
    opened.writer.append(fillSlot(slot, 500));
    const added = describeRecord(slot);
    opened.writer.close();
    assert.deepEqual(readAll(copy), [...rows.slice(0, complete), added], `size ${size}`);
    const kept = opened.recovery.tornFiles.map((torn) => fs.readFileSync(torn).length);
    assert.equal(
      kept.reduce((a, b) => a + b, 0),
      opened.recovery.cutBytes,
    );
    fs.rmSync(copy, { recursive: true });
  }
});

test('any flipped bit is found; in the middle it quarantines, at the tail it is cut', (t) => {
  const dir = temporaryFolder(t);
  const { writer } = JournalWriter.open(dir);
  const rows = appendMany(writer, 1, 30);
  writer.close();
  const whole = fs.readFileSync(path.join(dir, segmentFileName(1)));
  // Start of the group that holds each record index.
  const groupOf: number[] = [];
  rows.forEach((row, index) => {
    const next = rows[index + 1];
    const end = next === undefined ? writer.lastSequence : Number(next.split(':')[0]) - 1;
    while (groupOf.length < end) groupOf.push(index);
    assert.equal(Number(row.split(':')[0]), groupOf.indexOf(index) + 1);
  });
  fc.assert(
    fc.property(fc.integer({ min: 72 * 8, max: whole.length * 8 - 1 }), (bit) => {
      const copy = path.join(dir, 'flipped');
      fs.rmSync(copy, { recursive: true, force: true });
      fs.mkdirSync(copy);
      const bytes = Uint8Array.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      fs.writeFileSync(path.join(copy, segmentFileName(1)), bytes);
      const record = Math.floor(((bit >> 3) - 72) / RECORD_BYTES);
      const good = groupOf[record] as number;
      const opened = JournalWriter.open(copy);
      opened.writer.close();
      assert.deepEqual(readAll(copy), rows.slice(0, good));
      const last = record === groupOf.length - 1;
      assert.equal(opened.recovery.seal, last ? 'crashRecovered' : 'quarantined');
    }),
    { numRuns: 150 },
  );
});

test('a damaged header loses no earlier segment and does not reuse the session', (t) => {
  const dir = temporaryFolder(t);
  for (let session = 0; session < 2; session++) {
    const { writer } = JournalWriter.open(dir);
    appendMany(writer, 1 + session * 10, 10);
    writer.close();
  }
  const rows = readAll(dir).slice(0, 10);
  const file = path.join(dir, segmentFileName(2));
  const bytes = fs.readFileSync(file);
  bytes[9] = (bytes[9] as number) ^ 1;
  fs.writeFileSync(file, bytes);
  const { writer, recovery } = JournalWriter.open(dir);
  assert.equal(recovery.seal, 'quarantined');
  assert.equal(recovery.session, 3);
  writer.close();
  assert.deepEqual(readAll(dir), rows);
  assert.deepEqual(listSegments(dir), [1, 3]);
});

test('an empty last segment and a cut header are recovered from', (t) => {
  const dir = temporaryFolder(t);
  const { writer } = JournalWriter.open(dir);
  const rows = appendMany(writer, 1, 3);
  writer.close();
  JournalWriter.open(dir).writer.close();
  fs.writeFileSync(path.join(dir, segmentFileName(3)), new Uint8Array(10));
  const { recovery, writer: next } = JournalWriter.open(dir);
  assert.equal(recovery.lastSequence, 3);
  assert.equal(recovery.cutBytes, 10);
  next.close();
  assert.deepEqual(readAll(dir), rows);
});

test('a version of the future is refused and left alone', (t) => {
  const dir = temporaryFolder(t);
  const { writer } = JournalWriter.open(dir);
  appendMany(writer, 1, 3);
  writer.close();
  const file = path.join(dir, segmentFileName(1));
  const bytes = fs.readFileSync(file);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(6, 9, true);
  // The header's CRC is right for the new version.
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(68, crc32(bytes, 0, 68) >>> 0, true);
  fs.writeFileSync(file, bytes);
  assert.throws(() => JournalWriter.open(dir), /expected journal version 1\.1, was 1\.9/);
  assert.deepEqual(fs.readFileSync(file), bytes);
  assert.throws(() => readAll(dir), JournalDamagedError);
});

test('damage in a sealed segment is an error that names file and offset', (t) => {
  const dir = temporaryFolder(t);
  for (let session = 0; session < 2; session++) {
    const { writer } = JournalWriter.open(dir);
    appendMany(writer, 1 + session * 10, 6);
    writer.close();
  }
  const file = path.join(dir, segmentFileName(1));
  const bytes = fs.readFileSync(file);
  const offset = 72 + 3 * RECORD_BYTES;
  bytes[offset + 30] = (bytes[offset + 30] as number) ^ 4;
  fs.writeFileSync(file, bytes);
  assert.throws(
    () => readAll(dir),
    (error) => error instanceof JournalDamagedError && error.file === file && error.offset === offset,
  );
});

test('a reader follows a live writer through flushes, texts and segment rolls', (t) => {
  const dir = temporaryFolder(t);
  const reader = new JournalReader(dir, { chunkBytes: 720 });
  const seen = new EventSlot();
  assert.equal(reader.read(seen), false, 'an empty folder is "not yet"');
  const { writer } = JournalWriter.open(dir, { segmentBytes: 5000, bufferBytes: 720 });
  const expected: string[] = [];
  const got: string[] = [];
  for (let n = 1; n < 400; n++) {
    writer.append(fillSlot(slot, n));
    expected.push(describeRecord(slot));
    if (n % 3 === 0) {
      writer.flush();
      while (reader.read(seen)) got.push(describeRecord(seen));
      assert.equal(got.length, n);
    }
  }
  writer.close();
  while (reader.read(seen)) got.push(describeRecord(seen));
  assert.deepEqual(got, expected);
  assert.ok(listSegments(dir).length > 5);
  reader.close();
});

test('one writer a folder; a lock of a dead process is taken over', (t) => {
  const dir = temporaryFolder(t);
  const { writer } = JournalWriter.open(dir);
  assert.throws(() => JournalWriter.open(dir), JournalLockedError);
  writer.close();
  fs.writeFileSync(path.join(dir, 'journal.lock'), JSON.stringify({ pid: process.ppid, started: '' }));
  assert.throws(() => JournalWriter.open(dir), new RegExp(`process ${process.ppid}`));
  for (const stale of ['{"pid":4194303}', '{"pi', JSON.stringify({ pid: process.pid, started: 'before' })]) {
    fs.writeFileSync(path.join(dir, 'journal.lock'), stale);
    JournalWriter.open(dir).writer.close();
  }
  assert.equal(fs.existsSync(path.join(dir, 'journal.lock')), false);
});

test('append refuses text kinds and oversized text, and the journal stays whole', (t) => {
  const dir = temporaryFolder(t);
  const { writer } = JournalWriter.open(dir);
  assert.throws(() => writer.append(slot.begin(RecordKind.text, 0, 0)), /Expected a record kind above 1, was 1/);
  const huge = slot.begin(RecordKind.alert, 0, 0).setText('x'.repeat(65_536 * 56 + 1));
  assert.throws(() => writer.append(huge), /Expected at most 3670016 bytes of text/);
  const longest = 'y'.repeat(65_536 * 56);
  assert.equal(writer.append(slot.begin(RecordKind.alert, 0, 0).setText(longest)), 1);
  writer.append(fillSlot(slot, 1));
  writer.close();
  const reader = new JournalReader(dir);
  assert.equal(reader.read(slot), true);
  assert.equal(slot.text, longest);
  assert.equal(reader.recordsInLast, 65_537);
  assert.equal(reader.countRecords(slot), 1);
  reader.close();
});
