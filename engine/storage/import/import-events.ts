import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { JobControl } from '../catalog/job-board.ts';
import type { PreparedStore } from '../prepare-store.ts';
import { RecordBatch } from '../record-batch.ts';
import { SeriesCatalog } from '../series-catalog.ts';
import { type ImportRecord, moveImport } from './import-record.ts';
import type { EventImport, ImportSink } from './import-source.ts';

/** Events in one transaction. */
const BATCH_EVENTS = 20_000;
const SESSION = 1;

/**
 * Writes the events of a source that are not in the store yet, each batch in the transaction that moves the import's
 * position. Trades that another import of the same series brought are left out: files overlap.
 */
export async function importEvents(
  { db, layout }: PreparedStore,
  source: EventImport,
  record: ImportRecord,
  control: JobControl,
): Promise<void> {
  const catalog = await SeriesCatalog.load(db, [record.journal]);
  const batch = new RecordBatch();
  const pending = new PendingEvents();
  let events = 0;
  let writing: Promise<void> | undefined;

  const flush = async (finished: boolean): Promise<void> => {
    const known = await knownTrades({ db, layout }, record, pending);
    batch.clear();
    for (let i = 0; i < pending.count; i++) {
      const slot = pending.at(i);
      if (slot.kind === RecordKind.trade && known.has(tradeKey(slot, record))) continue;
      batch.add(slot, 1, record.journal, SESSION, catalog);
    }
    await layout.ensureDays(db, batch.days);
    const rows = record.rows + batch.records;
    await db.transaction(async () => {
      await moveImport(db, record, { position: events, rows, finished });
      await batch.write(db, layout.candlesByTailer);
    });
    Object.assign(record, { position: events, rows, finished });
    pending.clear();
  };

  const sink: ImportSink = {
    emit(slot) {
      events++;
      if (events <= record.position) return;
      pending.push(slot, events);
    },
    pause(fraction) {
      control.progress(fraction, record.rows + pending.count);
      writing = pending.count >= BATCH_EVENTS ? flush(false) : undefined;
      return writing;
    },
  };
  await source.play(sink, control.signal);
  // A source may end while its last batch is being written.
  await writing;
  await flush(true);
  await layout.refreshCandles(db);
}

/** Copies of events, in slots that are used again. */
class PendingEvents {
  readonly #slots: EventSlot[] = [];
  count = 0;

  push(event: EventSlot, sequence: number): void {
    const slot = this.#slots[this.count] ?? new EventSlot();
    this.#slots[this.count++] = slot;
    slot.copyFrom(event);
    slot.sequence = sequence;
  }

  at(index: number): EventSlot {
    return this.#slots[index] as EventSlot;
  }

  clear(): void {
    this.count = 0;
  }
}

/** Trades among the pending ones that the store has from other imports. */
async function knownTrades({ db }: PreparedStore, record: ImportRecord, pending: PendingEvents): Promise<Set<string>> {
  const ranges = new Map<number, { fromUs: number; toUs: number }>();
  for (let i = 0; i < pending.count; i++) {
    const slot = pending.at(i);
    const series = record.series[slot.instrument];
    if (slot.kind !== RecordKind.trade || series === undefined) continue;
    const range = ranges.get(series) ?? { fromUs: slot.exchangeTimeUs, toUs: slot.exchangeTimeUs };
    range.fromUs = Math.min(range.fromUs, slot.exchangeTimeUs);
    range.toUs = Math.max(range.toUs, slot.exchangeTimeUs);
    ranges.set(series, range);
  }
  const known = new Set<string>();
  for (const [series, { fromUs, toUs }] of ranges) {
    const rows = await db.query(
      `SELECT trade_id::float8 AS id FROM trades WHERE series = $1 AND journal <> $2
        AND exchange_time >= 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
        AND exchange_time <= 'epoch'::timestamptz + $4::bigint * interval '1 microsecond'`,
      [series, record.journal, Math.floor(fromUs), Math.ceil(toUs)],
    );
    for (const row of rows) known.add(`${series}:${row['id']}`);
  }
  return known;
}

function tradeKey(slot: EventSlot, record: ImportRecord): string {
  return `${record.series[slot.instrument]}:${slot.id}`;
}
