/**
 * Test helper process: a session as the shell runs it (recovery, start, checkpoints), trading the symbols of argv[3] on
 * the journal in argv[2], in small segments, until it is killed.
 */
import { RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { testInstrument } from '../../market/instrument.test-support.ts';
import { Bench } from '../../execution/trading-core.test-support.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';
import { SessionCheckpoints } from './session-checkpoints.ts';
import { restoreFromJournal } from './session-recovery.ts';

const [, , dir = '', symbols = ''] = process.argv;
const { writer, recovery } = JournalWriter.open(dir, { segmentBytes: 250_000, bufferBytes: 20_000 });
const { session } = recovery;
const originUs = 1_700_000_000_000_000 + session * 3_600e6 * 7;
const instruments = symbols.split(',').map((symbol, index) => testInstrument({ index, symbol }));
const bench = new Bench({ sessionNumber: session, instruments, originUs });
bench.sink = { emit: (slot) => writer.append(slot) };

const restored = restoreFromJournal(bench.core, dir, recovery.lastSequence);
const slot = new EventSlot().begin(RecordKind.sessionStart, 0, 0).setText('{"kind":"sim"}');
slot.value = originUs;
writer.append(slot);
bench.core.restore(slot);
for (const spec of instruments) {
  writer.append(slot.begin(RecordKind.instrument, spec.index, 0).setText(JSON.stringify(spec)));
}
bench.core.finishRestore(0);
const checkpoints = new SessionCheckpoints(bench.core, writer, () => bench.timeNs);
checkpoints.write();
process.send?.({ restored });

bench.up();
for (const { index } of instruments) bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]], index);
for (let i = 0; ; i++) {
  // Two hours a turn now and then: days roll within a session.
  bench.timeNs += i % 50 === 0 ? 7_200e9 : 50e6;
  bench.input(RecordKind.timer);
  const instrument = i % instruments.length;
  for (let n = 0; n < 20; n++) bench.level(Side.buy, 5_999_000 + n, 100 + i, instrument);
  const long = bench.core.positionView(instrument).positionLots > 0;
  const order = bench.place(long ? Side.sell : Side.buy, 6_000_000, 100 + (i % 7), 0, instrument);
  if (order > 0 && i % 11 !== 0) bench.accept(order);
  if (order > 0 && i % 5 < 3) bench.fill(order, 1 + (i % 100), 6_000_000 + (i % 13), order * 10);
  if (order > 0 && bench.core.workingOrders.length > 8) bench.cancelled(order);
  bench.sent.length = 0;
  writer.flush();
  if (i % 7 === 0) checkpoints.writeIfRolled();
  if (i % 16 === 0) {
    process.send?.({ segment: writer.segment });
    await new Promise((resolve) => setImmediate(resolve));
  }
}
