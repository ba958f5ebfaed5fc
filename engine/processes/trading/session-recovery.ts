import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import { JournalReader } from '../../journal/journal-reader.ts';

/**
 * Feeds what older sessions did with orders back into the step, so that positions, fills and open orders are known
 * again. Market records only pass by. Returns the number of records read.
 */
export function restoreFromJournal(core: TradingCore, journalDir: string, lastSequence: number): number {
  if (lastSequence === 0) return 0;
  const reader = new JournalReader(journalDir);
  const slot = new EventSlot();
  try {
    while (reader.nextSequence <= lastSequence && reader.read(slot)) {
      if (concernsOrders(slot.kind)) core.restore(slot);
    }
  } finally {
    reader.close();
  }
  return lastSequence;
}

function concernsOrders(kind: number): boolean {
  return kind === RecordKind.sessionStart || kind === RecordKind.instrument || kind >= RecordKind.intentPlace;
}
