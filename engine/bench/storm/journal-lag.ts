import { RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { LatencyHistogram } from '../../core/histogram.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { firstId } from './storm-feed.ts';
import type { StormPhase } from './storm-venue.ts';

export interface JournalFindings {
  /** Market messages of the phase in the journal, and how many of those sent are not there. */
  received: number;
  missing: number;
  /** Receive time minus due time, ns, one histogram a second of the phase. */
  lagBySecond: LatencyHistogram[];
  /** Ids of executions, in the order of the journal. */
  executions: number[];
}

/**
 * Reads back what the trading process wrote down: when every message of a phase came, against when it was due, and every
 * execution of the whole journal.
 * @param till index behind the last message of the phase
 */
export function readJournalLag(journalDir: string, phase: StormPhase, till: number): JournalFindings {
  const reader = new JournalReader(journalDir);
  const slot = new EventSlot();
  const seconds = Math.ceil((till - phase.firstIndex) / phase.messagesPerSecond);
  const lagBySecond = Array.from({ length: seconds }, () => new LatencyHistogram());
  const executions: number[] = [];
  let originUs = 0;
  let received = 0;
  while (reader.read(slot)) {
    const { kind } = slot;
    if (kind === RecordKind.sessionStart) originUs = slot.value;
    else if (kind === RecordKind.orderFill) executions.push(slot.aux);
    const index = messageIndex(slot);
    if (index < phase.firstIndex || index >= till) continue;
    received++;
    const nth = index - phase.firstIndex;
    const dueUs = phase.startUs + (nth * 1e6) / phase.messagesPerSecond;
    const lagUs = originUs + slot.timeNs / 1000 - dueUs;
    lagBySecond[Math.floor(nth / phase.messagesPerSecond)]?.record(lagUs * 1000);
  }
  reader.close();
  return { received, missing: till - phase.firstIndex - received, lagBySecond, executions };
}

/** Compared at both ends of the storm. */
const edgeSeconds = 10;
const flatRatio = 1.1;

/** Receive time minus due time, us: the sender's own millisecond of batching is part of it. */
export interface LagSummary {
  first: { p50: number; p99: number };
  last: { p50: number; p99: number };
  /** p50 of the last 10 s over that of the first 10 s. */
  ratio: number;
  isFlat: boolean;
  p50BySecond: number[];
  max: number;
}

export function summarizeLag(bySecond: readonly LatencyHistogram[]): LagSummary {
  const first = merged(bySecond.slice(0, edgeSeconds));
  const last = merged(bySecond.slice(-edgeSeconds));
  const ratio = last.percentile(0.5) / first.percentile(0.5);
  return {
    first: edge(first),
    last: edge(last),
    ratio,
    isFlat: ratio <= flatRatio,
    p50BySecond: bySecond.map((histogram) => Math.round(histogram.percentile(0.5) / 1e3)),
    max: Math.round(merged(bySecond).max / 1e3),
  };
}

function merged(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const all = new LatencyHistogram();
  for (const histogram of histograms) all.merge(histogram);
  return all;
}

function edge(histogram: LatencyHistogram): { p50: number; p99: number } {
  return { p50: Math.round(histogram.percentile(0.5) / 1e3), p99: Math.round(histogram.percentile(0.99) / 1e3) };
}

/** Which message a record is of; -1 for one that begins none. */
function messageIndex(slot: EventSlot): number {
  switch (slot.kind) {
    case RecordKind.diffBegin:
      return slot.aux - firstId;
    case RecordKind.trade:
      return slot.id - firstId;
    case RecordKind.quote:
      return slot.side === Side.buy ? slot.id - firstId : -1;
    default:
      return -1;
  }
}

/** What is in one list and not, or more often, in the other. */
export function compareExecutions(
  sent: readonly number[],
  journalled: readonly number[],
): { missing: number; repeated: number; unknown: number } {
  const counts = new Map<number, number>();
  for (const id of journalled) counts.set(id, (counts.get(id) ?? 0) + 1);
  const known = new Set(sent);
  let repeated = 0;
  let unknown = 0;
  for (const [id, count] of counts) {
    if (!known.has(id)) unknown++;
    repeated += count - 1;
  }
  return { missing: sent.filter((id) => !counts.has(id)).length, repeated, unknown };
}
