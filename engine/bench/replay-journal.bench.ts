/**
 * One run over the journals of the three recorded Binance sessions: `replay-journal.bench.ts <ours|dispatch|crc>`.
 * `ours`: the journal read from its files, every record checked, its inputs stepped again to the same decisions.
 * `dispatch` and `crc` are floors: the same reader with a look at each kind, and the bare checksum over bytes in memory.
 * The journals are written before, by the replay of the recordings. Prints a BenchSample.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECORD_BYTES, RecordFlag, RecordKind } from '../contract/record.ts';
import { EventSlot } from '../core/event-slot.ts';
import { SEGMENT_HEADER_BYTES } from '../journal/journal-format.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { recordCrc } from '../journal/record-crc.ts';
import type { BenchSample } from './bench-result.ts';
import { keep } from './keep.ts';
import { measurePasses, type ReplayPass } from './replay-figures.ts';
import { loadSessions, newCore, playBytes, type ReplaySession, SequenceSink } from './replay-session.ts';

/** Plays the recording into a journal, as a session does; returns the hash of its decisions. */
function writeJournal(session: ReplaySession, dir: string): string {
  const { writer } = JournalWriter.open(dir);
  const core = newCore(session, { emit: (slot) => writer.append(slot) });
  playBytes(session, {
    emit: (slot) => {
      writer.append(slot);
      core.step(slot);
    },
  });
  writer.close();
  return core.decisionHash();
}

/** Steps the journal's inputs; returns their number. @throws Error when they decide otherwise. */
function stepJournal(session: ReplaySession, dir: string, hash: string): number {
  const core = newCore(session, keep(new SequenceSink()));
  const reader = keep(new JournalReader(dir));
  const slot = keep(new EventSlot());
  let events = 0;
  while (reader.read(slot)) {
    if (slot.has(RecordFlag.derived)) continue;
    core.step(slot);
    events++;
  }
  reader.close();
  const own = core.decisionHash();
  if (own !== hash) throw new Error(`${session.name}: expected the decisions ${hash}, was ${own}`);
  return events;
}

function dispatchJournal(dir: string, counts: Float64Array): number {
  const reader = keep(new JournalReader(dir));
  const slot = keep(new EventSlot());
  let events = 0;
  while (reader.read(slot)) {
    if (slot.has(RecordFlag.derived)) continue;
    const { kind } = slot;
    if (kind === RecordKind.level) counts[0]!++;
    else if (kind === RecordKind.trade) counts[1]!++;
    else counts[2]!++;
    events++;
  }
  reader.close();
  return events;
}

function crcOf(words: Uint32Array): number {
  const wordsARecord = RECORD_BYTES >> 2;
  let events = 0;
  let sum = 0;
  for (let at = 0; at + wordsARecord <= words.length; at += wordsARecord) {
    sum ^= recordCrc(words, at);
    events++;
  }
  // Used, so that it cannot be left out.
  if (sum === 0.5) throw new Error('Expected a whole number');
  return events;
}

/** All records of a journal in memory. */
function recordsOf(dir: string): Uint32Array {
  const segments = readdirSync(dir)
    .filter((name) => name.endsWith('.xmj'))
    .sort()
    .map((name) => readFileSync(join(dir, name)).subarray(SEGMENT_HEADER_BYTES));
  const bytes = Buffer.concat(segments);
  const words = new Uint32Array(Math.floor(bytes.length / RECORD_BYTES) * (RECORD_BYTES >> 2));
  new Uint8Array(words.buffer).set(bytes.subarray(0, words.byteLength));
  if (words.length === 0) throw new Error(`Expected records in ${dir}, was none`);
  return words;
}

async function run(name: string, folder: string): Promise<BenchSample> {
  const sessions = await loadSessions();
  const checksums: Record<string, string> = {};
  const counts = new Float64Array(3);
  const passes = sessions.map((session): ReplayPass => {
    const dir = join(folder, session.name);
    const hash = writeJournal(session, dir);
    checksums[`decisions ${session.name}`] = hash;
    if (name === 'ours') return { session, run: () => stepJournal(session, dir, hash) };
    if (name === 'dispatch') return { session, run: () => dispatchJournal(dir, counts) };
    const words = recordsOf(dir);
    return { session, run: () => crcOf(words) };
  });
  return measurePasses('events', passes, checksums);
}

const name = process.argv[2] ?? '';
if (!['ours', 'dispatch', 'crc'].includes(name)) throw new RangeError(`Expected ours, dispatch or crc, was ${name}`);
const folder = mkdtempSync(join(tmpdir(), 'christmas-bench-journal-'));
try {
  console.log(JSON.stringify(await run(name, folder)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
