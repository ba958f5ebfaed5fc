import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { TestContext } from 'node:test';
import { EventSlot } from '../core/event-slot.ts';
import { RecordKind } from '../contract/record.ts';
import { JournalReader } from './journal-reader.ts';

/** A folder that is removed when the test ends. */
export function temporaryFolder(t: TestContext, name = 'journal'): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `christmas-${name}-`));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Fills a slot with values that are a function of `n` alone, so that a reader can check them. */
export function fillSlot(slot: EventSlot, n: number): EventSlot {
  slot.begin(n % 7 === 0 ? RecordKind.alert : RecordKind.trade, n % 5, n * 1000);
  slot.exchangeTimeUs = 1_700_000_000_000_000 + n;
  slot.priceTicks = 6_000_000 + (n % 997);
  slot.sizeLots = 1 + (n % 31);
  slot.id = n;
  slot.aux = -n;
  slot.value = n / 3;
  slot.side = n % 2 === 0 ? 1 : 2;
  if (n % 7 === 0) slot.setText(textOf(n));
  return slot;
}

export function textOf(n: number): string {
  return `alert ${n} ${'é'.repeat(n % 90)}`;
}

/** Everything a journal holds as comparable rows. */
export function readAll(dir: string, fromSequence = 1, chunkBytes?: number): string[] {
  const reader = new JournalReader(dir, chunkBytes === undefined ? { fromSequence } : { fromSequence, chunkBytes });
  const slot = new EventSlot();
  const rows: string[] = [];
  while (reader.read(slot)) rows.push(describeRecord(slot));
  reader.close();
  return rows;
}

export function describeRecord(slot: EventSlot): string {
  const hex = Buffer.from(slot.bytes.subarray(0, 68)).toString('hex');
  return `${slot.sequence}:${slot.kind}:${hex}:${slot.text}`;
}
