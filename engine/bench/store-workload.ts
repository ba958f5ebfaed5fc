import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { RecordKind } from '../contract/record.ts';
import { EventSlot } from '../core/event-slot.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { testInstrument } from '../market/instrument.test-support.ts';

export const storeSymbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
/** 2024-08-08 00:00 UTC: all rows are in one day, and so in one partition. */
export const storeOriginUs = Date.UTC(2024, 7, 8) * 1000;
/** A tick every 2 ms of market time. */
const tickNs = 2e6;

/** A folder that is removed when this process ends; everyone may enter it, for the server's user. */
export function benchFolder(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'christmas-bench-'));
  fs.chmodSync(dir, 0o755);
  process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The n-th trade: every value is a function of n. Symbols are series 1 to 4 in a new store. */
export function fillTrade(slot: EventSlot, n: number): void {
  slot.begin(RecordKind.trade, n % storeSymbols.length, n * tickNs);
  slot.exchangeTimeUs = storeOriginUs + (n * tickNs) / 1000 - 500;
  slot.priceTicks = 6_000_000 + ((n * 7919) % 1013);
  slot.sizeLots = 1 + ((n * 31) % 997);
  slot.side = n % 3 === 0 ? 2 : 1;
  slot.id = n;
}

/** A journal of a session that has begun; `append` trades to it. */
export function openStoreJournal(dir: string, originUs = storeOriginUs): JournalWriter {
  const { writer, recovery } = JournalWriter.open(dir);
  const slot = new EventSlot();
  slot.begin(RecordKind.sessionStart, 0, 0).setText(JSON.stringify({ source: 'bench', kind: 'sim' }));
  slot.id = recovery.session;
  slot.value = originUs;
  writer.append(slot);
  storeSymbols.forEach((symbol, index) => {
    const spec = testInstrument({ index, venue: 'sim', symbol });
    writer.append(slot.begin(RecordKind.instrument, index, 0).setText(JSON.stringify(spec)));
  });
  writer.flush();
  return writer;
}

/** Columns and text of the same trade, for `psql \copy`: exactly what the tailer stores. */
export const tradeColumns =
  'time, journal, sequence, session, series, instrument, exchange_time, side, flags, price_ticks, size_lots, trade_id';

export function tradeText(slot: EventSlot, sequence: number): string {
  const time = new Date((storeOriginUs + slot.timeNs / 1000) / 1000).toISOString();
  const exchangeTime = storeOriginUs / 1000 + slot.timeNs / 1e6 - 0.5;
  const fraction = String(Math.round((exchangeTime % 1000) * 1000)).padStart(6, '0');
  const exchange = `${new Date(exchangeTime).toISOString().slice(0, 19)}.${fraction}Z`;
  const { instrument, side, priceTicks, sizeLots, id } = slot;
  return [time, 1, sequence, 1, instrument + 1, instrument, exchange, side, 0, priceTicks, sizeLots, id].join('\t');
}
