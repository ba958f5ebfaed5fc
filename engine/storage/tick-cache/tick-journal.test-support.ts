import assert from 'node:assert/strict';
import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';
import { instrumentOf } from '../storage.test-support.ts';
import { compareTicks, type Tick } from './tick.ts';
import type { TickColumns } from './tick-columns.ts';

const START_US = Date.UTC(2026, 0, 2) * 1000;

/** Writes trades of some symbols into a journal and remembers the newest: what a cache of them must hold. */
export class TickJournal {
  readonly #writer: JournalWriter;
  readonly #slot = new EventSlot();
  readonly #symbols: readonly string[];
  readonly #capacity: number;
  readonly #newest: Tick[][];
  #count = 0;

  constructor(dir: string, symbols: readonly string[], capacity: number) {
    const { writer, recovery } = JournalWriter.open(dir, { segmentBytes: 8 * 1024 * 1024 });
    this.#writer = writer;
    this.#symbols = symbols;
    this.#capacity = capacity;
    this.#newest = symbols.map(() => []);
    const slot = this.#slot.begin(RecordKind.sessionStart, 0, 0);
    slot.id = recovery.session;
    slot.value = START_US;
    writer.append(slot.setText(JSON.stringify({ source: 'sim', kind: 'sim' })));
    symbols.forEach((symbol, index) => {
      writer.append(
        this.#slot.begin(RecordKind.instrument, index, 0).setText(JSON.stringify(instrumentOf(index, symbol))),
      );
    });
    writer.flush();
  }

  get count(): number {
    return this.#count;
  }

  /** Appends so many trades, the symbols in turn. */
  append(count: number): void {
    const slot = this.#slot;
    for (let i = 0; i < count; i++) {
      const n = ++this.#count;
      const instrument = n % this.#symbols.length;
      slot.begin(RecordKind.trade, instrument, n * 100_000);
      slot.exchangeTimeUs = START_US + n * 100;
      slot.priceTicks = 6_000_000 + ((n * 7919) % 1013) - 500;
      slot.sizeLots = 1 + ((n * 31) % 997);
      slot.side = n % 3 === 0 ? 2 : 1;
      slot.id = n;
      this.#writer.append(slot);
      const { exchangeTimeUs: timeUs, id, side, priceTicks, sizeLots } = slot;
      const newest = this.#newest[instrument] as Tick[];
      newest.push({ timeUs, id, side, priceTicks, sizeLots });
      if (newest.length >= 2 * this.#capacity) newest.splice(0, newest.length - this.#capacity);
    }
    this.#writer.flush();
  }

  /** Newest trades of a symbol, oldest first. */
  newest(symbol: string): Tick[] {
    return (this.#newest[this.#symbols.indexOf(symbol)] as Tick[]).slice(-this.#capacity);
  }

  /** Its name in a cache. */
  seriesName(symbol: string): string {
    const { venue, tickSize, lotSize } = instrumentOf(0, symbol);
    return `sim|${venue}|${symbol}|${Number(tickSize)}|${Number(lotSize)}`;
  }

  close(): void {
    this.#writer.close();
  }
}

/** As deepEqual, with a difference that can be read: thousands of ticks cannot. */
export function assertSameTicks(held: TickColumns, expected: readonly Tick[], what: string): void {
  const at = expected.findIndex((tick, i) => i >= held.length || compareTicks(tick, held.at(i)) !== 0);
  if (at < 0 && held.length === expected.length) return;
  const first = (i: number): string => (i < held.length ? JSON.stringify(held.at(i)) : 'nothing');
  assert.fail(
    `${what}: expected ${expected.length} ticks, tick ${at} ${JSON.stringify(expected[at])}; was ${held.length}, ${first(at)}`,
  );
}
