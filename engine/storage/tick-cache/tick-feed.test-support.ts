import { RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { readJournalId } from '../../journal/journal-format.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { compareTicks, type Tick } from './tick.ts';
import type { TickKind } from './tick-cache.ts';

export interface ExpectedTicks {
  name: string;
  kind: TickKind;
  ticks: Tick[];
}

/** What a cache must hold, worked out plainly from whole journals: the newest distinct ticks by series and kind. */
export function expectedTicks(dirs: readonly string[], capacity: number): ExpectedTicks[] {
  const sets = new Map<string, { name: string; kind: TickKind; ticks: Map<string, Tick> }>();
  for (const dir of dirs) {
    const reader = new JournalReader(dir);
    const slot = new EventSlot();
    let start: { source: string; kind: string; originUs: number } = { source: '', kind: '', originUs: 0 };
    let names: string[] = [];
    while (reader.read(slot)) {
      if (slot.kind === RecordKind.sessionStart) {
        start = { ...JSON.parse(slot.text), originUs: slot.value };
        names = [];
      } else if (slot.kind === RecordKind.instrument) {
        const { venue, symbol, tickSize, lotSize } = JSON.parse(slot.text) as InstrumentSpec;
        const run = start.kind === 'replay' ? `|${readJournalId(dir)}.${reader.session}` : '';
        names[slot.instrument] = `${start.source}|${venue}|${symbol}|${+tickSize}|${+lotSize}${run}`;
      } else if (slot.kind === RecordKind.trade || slot.kind === RecordKind.quote) {
        const kind = slot.kind === RecordKind.trade ? 'trade' : 'quote';
        const name = names[slot.instrument] as string;
        const set = sets.get(kind + name) ?? { name, kind, ticks: new Map<string, Tick>() };
        sets.set(kind + name, set);
        const timeUs = slot.exchangeTimeUs || Math.floor(start.originUs + slot.timeNs / 1000);
        const { priceTicks, sizeLots, id, side } = slot;
        set.ticks.set(`${timeUs}:${id}:${side}:${priceTicks}:${sizeLots}`, { timeUs, priceTicks, sizeLots, id, side });
      }
    }
    reader.close();
  }
  return [...sets.values()].map(({ name, kind, ticks }) => ({
    name,
    kind,
    ticks: [...ticks.values()].sort(compareTicks).slice(-capacity),
  }));
}
