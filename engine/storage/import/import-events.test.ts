import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test } from 'node:test';
import type { DataJob } from '../../contract/data-messages.ts';
import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { StorageService } from '../storage-service.ts';
import { eventually, instrumentOf, ORIGIN_US, temporaryDataDir } from '../storage.test-support.ts';
import type { EventImport } from './import-source.ts';

const TRADES = 20_500;

/** Ends without a turn of the event loop after its last pause, as a recording whose last slice fills a batch does. */
const endsWhileWriting: EventImport = {
  kind: 'events',
  venue: 'sim',
  trades: 'single',
  instruments: [instrumentOf(0, 'BTCUSDT')],
  originUs: ORIGIN_US,
  async play(sink) {
    for (let id = 1; id <= TRADES; id++) {
      const slot = new EventSlot().begin(RecordKind.trade, 0, id * 1_000);
      Object.assign(slot, { id, priceTicks: 100, sizeLots: 1, exchangeTimeUs: ORIGIN_US + id });
      sink.emit(slot);
    }
    void sink.pause(1);
  },
};

test('a source that ends while its last batch is written is whole', async (t) => {
  const dataDir = temporaryDataDir();
  const service = new StorageService(
    { process: 'storage', dataDir, journalDirs: [path.join(dataDir, 'journal')], postgresUrl: '' },
    { progress: () => undefined, log: (text) => t.diagnostic(text), openImport: async () => endsWhileWriting },
  );
  service.start();
  t.after(() => service.stop());
  const me = {};
  // Its bytes are what an import is known by.
  await service.request(me, { kind: 'startImport', order: { files: [import.meta.filename] } });
  const job: DataJob = await eventually('the import to end', () => {
    const [only] = service.status().jobs;
    return only?.state !== 'running' && only;
  });
  assert.deepEqual([job.state, job.detail, job.rows], ['done', '', TRADES]);
});
