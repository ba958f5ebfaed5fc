import { RecordKind } from '../contract/record.ts';
import { Side } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { testInstrument } from '../market/instrument.test-support.ts';

const TRADE_EVERY_S = 0.4;

/**
 * Appends a session of the simulated market to a journal as the trading process would have left it, with trades of BTCUSDT
 * alone, s since the epoch: times are whole steps of 1.2 s, so that several trades share one.
 */
export function writePastSession(dir: string, fromS: number, toS: number): void {
  const { writer, recovery } = JournalWriter.open(dir, { nowUs: () => fromS * 1e6 });
  const slot = new EventSlot();
  slot.begin(RecordKind.sessionStart, 0, 0).id = recovery.session;
  slot.value = fromS * 1e6;
  writer.append(slot.setText(JSON.stringify({ source: 'sim', kind: 'sim', journalId: recovery.journalId })));
  const spec = testInstrument({ venue: 'binance-spot', tickSize: '0.1', priceDecimals: 1 });
  writer.append(slot.begin(RecordKind.instrument, 0, 0).setText(JSON.stringify(spec)));
  const count = Math.floor((toS - fromS) / TRADE_EVERY_S);
  for (let n = 0; n < count; n++) {
    const timeS = n * TRADE_EVERY_S;
    slot.begin(RecordKind.trade, 0, timeS * 1e9);
    slot.exchangeTimeUs = fromS * 1e6 + Math.floor(timeS / 1.2) * 1_200_000;
    slot.priceTicks = 617_000 + Math.round(600 * Math.sin(n / 900)) + ((n * 7919) % 61);
    slot.sizeLots = 100 + ((n * 31) % 9_001);
    slot.side = n % 3 === 0 ? Side.sell : Side.buy;
    slot.id = Math.round(fromS) + n;
    writer.append(slot);
  }
  writer.append(slot.begin(RecordKind.sessionEnd, 0, (toS - fromS) * 1e9));
  writer.close();
}
