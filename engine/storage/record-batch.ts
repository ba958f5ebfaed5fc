import type { EventSlot } from '../core/event-slot.ts';
import { RecordKind } from '../contract/record.ts';
import { CandleBatch } from './candle-batch.ts';
import { SeriesRows } from './catalog/series-rows.ts';
import { clampTimeUs, CopyBuffer, type RowContext } from './copy-buffer.ts';
import type { PostgresSession } from './postgres-session.ts';
import { TABLE_LAYOUTS, tableOf } from './record-tables.ts';
import { PARTITIONED_TABLES, RECORD_TABLES, type RecordTable } from './schema.ts';
import type { SeriesCatalog } from './series-catalog.ts';

const DAY_US = 86_400_000_000;

/** Rows and candles of some consecutive records of one journal: what one transaction commits. */
export class RecordBatch {
  readonly #tables = new Map<RecordTable, CopyBuffer>();
  readonly #candles = new CandleBatch();
  readonly #seriesRows = new SeriesRows();
  readonly #context: RowContext = { journal: 0, session: 0, series: 0, timeUs: 0 };
  /** Days (since the epoch) of rows in partitioned tables. */
  readonly days = new Set<number>();
  #lastDay = -1;
  records = 0;
  lastSequence = 0;
  lastTimeUs = 0;
  session = 0;

  constructor() {
    for (const table of RECORD_TABLES) this.#tables.set(table, new CopyBuffer(TABLE_LAYOUTS[table]));
  }

  clear(): void {
    for (const buffer of this.#tables.values()) buffer.clear();
    this.#candles.clear();
    this.#seriesRows.clear();
    this.days.clear();
    this.#lastDay = -1;
    this.records = 0;
  }

  /** Takes a record and its text chunks: `recordsInGroup` records from `slot.sequence` on. */
  add(slot: EventSlot, recordsInGroup: number, journal: number, session: number, catalog: SeriesCatalog): void {
    const kind = slot.kind;
    if (kind === RecordKind.sessionStart) catalog.onSessionStart(journal, session, slot);
    else if (kind === RecordKind.instrument) catalog.onInstrument(journal, session, slot);
    const current = catalog.sessionOf(journal, session);
    const series = current.series[slot.instrument];
    const context = this.#context;
    context.journal = journal;
    context.session = session;
    context.series = series?.key ?? 0;
    context.timeUs = clampTimeUs(current.originUs + slot.timeNs / 1000);
    const table = tableOf(kind);
    (this.#tables.get(table) as CopyBuffer).addRecord(slot, context);
    if (series !== undefined) {
      this.#seriesRows.add(session, series.key, table, slot.exchangeTimeUs > 0 ? slot.exchangeTimeUs : context.timeUs);
    }
    const day = Math.floor(context.timeUs / DAY_US);
    if (day !== this.#lastDay && PARTITIONED_TABLES.includes(table)) {
      this.days.add(day);
      this.#lastDay = day;
    }
    for (let i = 1; i < recordsInGroup; i++) {
      (this.#tables.get('journal_texts') as CopyBuffer).addTextChunk(slot, context, slot.sequence + i);
    }
    if (series !== undefined && kind === RecordKind.trade) {
      const timeUs = slot.exchangeTimeUs > 0 ? slot.exchangeTimeUs : context.timeUs;
      this.#candles.add(series.key, timeUs, slot.priceTicks, slot.sizeLots, slot.side, slot.id);
    }
    this.records += recordsInGroup;
    this.lastSequence = slot.sequence + recordsInGroup - 1;
    this.lastTimeUs = context.timeUs;
    this.session = session;
  }

  /** Rows by table, those with any. */
  rowsByTable(): Map<RecordTable, number> {
    const rows = new Map<RecordTable, number>();
    for (const [table, buffer] of this.#tables) if (buffer.rows > 0) rows.set(table, buffer.rows);
    return rows;
  }

  /** Inside the transaction. `withCandles`: see StoreLayout. */
  async write(session: PostgresSession, withCandles: boolean): Promise<void> {
    await this.writeRows(session);
    await this.writeSums(session, withCandles);
  }

  /** Rows alone: several batches may do so at once. */
  async writeRows(session: PostgresSession): Promise<void> {
    for (const [table, buffer] of this.#tables) {
      if (buffer.rows > 0) await session.copy(table, buffer.layout.columns, buffer.finish());
    }
  }

  /** Candles and counters, in the transaction of the rows: one batch at a time, they are added to what is there. */
  async writeSums(session: PostgresSession, withCandles: boolean): Promise<void> {
    if (withCandles) await this.#candles.write(session);
    await this.#seriesRows.write(session, this.#context.journal);
  }
}
