import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { journalExtent, listSegments, readJournalId, readSegmentHeader } from '../../journal/journal-format.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { clampTimeUs } from '../copy-buffer.ts';
import type { SeriesCatalog, SessionEntry } from '../series-catalog.ts';
import { LiveOrigins, type TickBatch } from './tick-batch.ts';
import { tickSeriesName } from './tick-series.ts';

/** How late a venue may tell of a trade, clock offset included; us. */
const LATENESS_US = 5_000_000;

/** Records between two places where a reader may start. */
const MARK_EVERY = 25_000;

/** The ticks of one journal, read in order from near its end, and on while it grows. */
export class TailedTicks {
  readonly dir: string;
  readonly journalId: string;
  readonly live: LiveOrigins;
  readonly #number: number;
  readonly #catalog: SeriesCatalog;
  readonly #slot = new EventSlot();
  readonly #names = new Map<string, string>();
  /** Sequences that begin a record, rising: where a reader may start. */
  readonly #marks: number[] = [];
  #reader: JournalReader;
  /** Ticks before it are not wanted: it is only read to learn the instruments. */
  #wantedFrom: number;
  #floorUs = 0;

  /** Undefined while no writer has made the journal. `number` tells journals apart in the catalog. */
  static open(dir: string, number: number, catalog: SeriesCatalog, windowRecords: number): TailedTicks | undefined {
    const id = readJournalId(dir);
    return id === undefined ? undefined : new TailedTicks(dir, number, id, catalog, windowRecords);
  }

  private constructor(dir: string, number: number, id: string, catalog: SeriesCatalog, windowRecords: number) {
    this.dir = dir;
    this.journalId = id;
    this.live = new LiveOrigins(id);
    this.#number = number;
    this.#catalog = catalog;
    this.#wantedFrom = Math.max(1, journalExtent(dir).lastSequence - windowRecords + 1);
    this.#reader = new JournalReader(dir, { fromSequence: sessionStart(dir, this.#wantedFrom) });
  }

  /** Newest session that was read. */
  get session(): SessionEntry | undefined {
    return this.#catalog.latestSession(this.#number);
  }

  /** Records not yet read. */
  get backlog(): number {
    return Math.max(0, journalExtent(this.dir).lastSequence - this.#reader.nextSequence + 1);
  }

  /** Goes back to read the last `windowRecords` again; what the instruments are is known by now. */
  rewind(windowRecords: number): void {
    const from = Math.max(1, journalExtent(this.dir).lastSequence - windowRecords + 1);
    const mark = this.#marks.findLast((sequence) => sequence <= from) ?? this.#marks[0];
    if (mark === undefined) return;
    this.#marks.splice(0, this.#marks.indexOf(mark));
    this.#reader.close();
    this.#reader = new JournalReader(this.dir, { fromSequence: mark });
    this.#wantedFrom = Math.max(from, mark);
    this.#floorUs = 0;
  }

  /**
   * Reads up to `maxRecords` records into `batch`. @returns how many: fewer at the current end.
   * @throws JournalDamagedError as JournalReader
   */
  read(batch: TickBatch, maxRecords: number): number {
    const from = this.#reader.nextSequence;
    if (from >= (this.#marks.at(-1) ?? -MARK_EVERY) + MARK_EVERY) this.#marks.push(from);
    const slot = this.#slot;
    while (this.#reader.nextSequence - from < maxRecords && this.#reader.read(slot)) {
      const session = this.#reader.session;
      const kind = slot.kind;
      if (kind === RecordKind.sessionStart) this.#catalog.onSessionStart(this.#number, session, slot);
      else if (kind === RecordKind.instrument) {
        this.#catalog.onInstrument(this.#number, session, slot);
        this.#names.delete(`${session}:${slot.instrument}`);
      } else if (kind === RecordKind.trade || kind === RecordKind.quote) this.#take(batch, session);
    }
    // Nothing of it goes to Postgres.
    this.#catalog.takeAdditions();
    return this.#reader.nextSequence - from;
  }

  close(): void {
    this.#reader.close();
  }

  #take(batch: TickBatch, session: number): void {
    const slot = this.#slot;
    if (slot.sequence < this.#wantedFrom) return;
    const entry = this.#catalog.sessionOf(this.#number, session);
    const receivedUs = clampTimeUs(entry.originUs + slot.timeNs / 1000);
    // Ticks before the first wanted record were received before this one: what happened later is all there.
    if (this.#floorUs === 0 && this.#wantedFrom > 1) this.#floorUs = receivedUs + LATENESS_US;
    const name = this.#nameOf(entry, slot.instrument);
    if (name === undefined) return;
    const timeUs = slot.exchangeTimeUs > 0 ? slot.exchangeTimeUs : receivedUs;
    if (timeUs <= this.#floorUs) return;
    const set = batch.at(name, slot.kind === RecordKind.trade ? 'trade' : 'quote');
    set.floorUs = this.#floorUs;
    set.ticks.push(timeUs, slot.id, slot.side, slot.priceTicks, slot.sizeLots);
    set.sequences.push(slot.sequence);
  }

  #nameOf(entry: SessionEntry, instrument: number): string | undefined {
    const key = `${entry.session}:${instrument}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const series = entry.series[instrument];
      if (series === undefined) return undefined;
      name = tickSeriesName(series, entry, this.journalId);
      this.#names.set(key, name);
    }
    return name;
  }
}

/** First sequence of the session that record `sequence` belongs to; 1 for an empty journal. */
function sessionStart(dir: string, sequence: number): number {
  let start = { session: 0, firstSequence: 1 };
  for (const segment of listSegments(dir)) {
    const header = readSegmentHeader(dir, segment);
    if (header === undefined) continue;
    if (header.firstSequence > sequence) break;
    if (header.session !== start.session) start = header;
  }
  return start.firstSequence;
}
