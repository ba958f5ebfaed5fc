/** Test helper process: appends numbered records to the journal in argv[2] until it is killed, in uneven batches. */
import { EventSlot } from '../core/event-slot.ts';
import { fillSlot } from './journal.test-support.ts';
import { JournalWriter } from './journal-writer.ts';

const dir = process.argv[2] as string;
const { writer, recovery } = JournalWriter.open(dir, { segmentBytes: 200_000, bufferBytes: 20_000 });
process.send?.({ recovery });
const slot = new EventSlot();
// Numbers follow the sequence, so that the reader knows what each record must hold.
for (;;) {
  const batch = 1 + (writer.lastSequence % 97);
  for (let i = 0; i < batch; i++) writer.append(fillSlot(slot, writer.lastSequence + 1));
  writer.flush();
  process.send?.({ flushed: writer.flushedSequence });
  if (writer.lastSequence % 11 === 0) await writer.sync();
  else await new Promise((resolve) => setImmediate(resolve));
}
