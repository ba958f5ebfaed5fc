import type { InstrumentTable } from '../instrument-table.ts';
import { endOfText, QUOTE } from '../scan-values.ts';
import type { MarketMessage } from './market-message.ts';

/** The quoted symbol at `at`, as the message's instrument. One that is not subscribed is the slow path's to word. */
export function readSymbol(bytes: Uint8Array, at: number, table: InstrumentTable, m: MarketMessage): number {
  if (bytes[at] !== QUOTE) return -1;
  const end = endOfText(bytes, at + 1);
  if (end < 0) return -1;
  m.instrument = table.find(bytes, at + 1, end);
  return m.instrument < 0 ? -1 : end + 1;
}
