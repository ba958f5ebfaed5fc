import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { CheckpointError } from '../../execution/checkpoint-format.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import { listSegments, readSegmentHeader } from '../../journal/journal-format.ts';
import { JournalReader } from '../../journal/journal-reader.ts';

/** A segment's checkpoint is soon after its start; this many records are searched for it. */
const SEARCHED_RECORDS = 16_384;

export interface SessionRecovery {
  /** Sequence of the checkpoint that recovery started from; 0: from the first record. */
  checkpointSequence: number;
  /** Records read behind the checkpoint, text chunks included. */
  recordsRead: number;
  /** Newer checkpoints that could not be used: sequence and reason. */
  refused: string[];
}

/**
 * Makes positions, fills and open orders of older sessions known to the step again: from the newest usable checkpoint,
 * then by the order records behind it. Market records only pass by. How long that takes is bounded by the size of a
 * segment, not by the journal's; only a journal without any checkpoint is read as a whole.
 * @param lastSequence last record of the older sessions. @throws JournalDamagedError
 */
export function restoreFromJournal(core: TradingCore, journalDir: string, lastSequence: number): SessionRecovery {
  const recovery: SessionRecovery = { checkpointSequence: 0, recordsRead: 0, refused: [] };
  if (lastSequence === 0) return recovery;
  const fromSequence = restoreNewestCheckpoint(core, journalDir, lastSequence, recovery);
  for (const refused of recovery.refused) console.error(`checkpoint passed over: ${refused}`);
  const reader = new JournalReader(journalDir, { fromSequence });
  const slot = new EventSlot();
  try {
    while (reader.nextSequence <= lastSequence && reader.read(slot)) {
      if (concernsOrders(slot.kind)) core.restore(slot);
    }
    recovery.recordsRead = reader.nextSequence - fromSequence;
  } finally {
    reader.close();
  }
  return recovery;
}

/** Returns the first sequence that is still to be read. */
function restoreNewestCheckpoint(
  core: TradingCore,
  journalDir: string,
  lastSequence: number,
  recovery: SessionRecovery,
): number {
  let endSequence = lastSequence + 1;
  for (const segment of listSegments(journalDir).reverse()) {
    const header = readSegmentHeader(journalDir, segment);
    if (header === undefined || header.firstSequence >= endSequence) continue;
    const found = checkpointsAtStart(journalDir, header.firstSequence, endSequence);
    for (const { sequence, nextSequence, text } of found.reverse()) {
      try {
        core.restoreCheckpoint(text);
        recovery.checkpointSequence = sequence;
        return nextSequence;
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        recovery.refused.push(`record ${sequence}: ${error.message}`);
      }
    }
    endSequence = header.firstSequence;
  }
  return 1;
}

interface FoundCheckpoint {
  sequence: number;
  /** Of the record behind it. */
  nextSequence: number;
  text: string;
}

/** Checkpoints among the first records of a segment, oldest first. */
function checkpointsAtStart(journalDir: string, firstSequence: number, endSequence: number): FoundCheckpoint[] {
  const found: FoundCheckpoint[] = [];
  const reader = new JournalReader(journalDir, { fromSequence: firstSequence });
  const slot = new EventSlot();
  const end = Math.min(endSequence, firstSequence + SEARCHED_RECORDS);
  try {
    while (reader.nextSequence < end && reader.read(slot)) {
      if (slot.kind !== RecordKind.checkpoint) continue;
      found.push({ sequence: slot.sequence, nextSequence: reader.nextSequence, text: slot.text });
    }
  } finally {
    reader.close();
  }
  return found;
}

function concernsOrders(kind: number): boolean {
  return kind === RecordKind.sessionStart || kind === RecordKind.instrument || kind >= RecordKind.intentPlace;
}
