import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { ImportOrder } from '../../contract/data-messages.ts';
import type { JobControl, JobResult } from '../catalog/job-board.ts';
import type { PreparedStore } from '../prepare-store.ts';
import { importCandles } from './import-candles.ts';
import { importEvents } from './import-events.ts';
import { loadKnownSteps, openImportRecord } from './import-record.ts';
import type { ImportSource, OpenImport } from './import-source.ts';

const IMPORT_LOCK = 0x584d4149;

/**
 * Imports files once: known by their content, whatever they are called. One that was interrupted goes on where it was.
 * @throws Error of one line naming file and reason.
 */
export async function runImport(
  connect: () => Promise<PreparedStore>,
  open: OpenImport,
  order: ImportOrder,
  control: JobControl,
): Promise<JobResult> {
  const store = await connect();
  const { db } = store;
  try {
    // Two at once could both find a trade missing that both bring. Given back with the connection.
    await db.query(`SELECT pg_advisory_lock(${IMPORT_LOCK})`);
    const source = await open(order, await loadKnownSteps(db));
    const record = await openImportRecord(db, {
      contentHash: await hashOf(order.files, source.venue),
      name: nameOf(order),
      run: source.kind === 'candles' ? 'candles' : source.trades,
      originUs: source.kind === 'candles' ? 0 : source.originUs,
      instruments: source.kind === 'candles' ? [source.instrument] : source.instruments,
    });
    if (record.finished) {
      control.progress(1, record.rows);
      return { detail: '', repeated: true };
    }
    await write(store, source, record, control);
    control.progress(1, record.rows);
    return { detail: '' };
  } finally {
    await db.close();
  }
}

export function nameOf(order: ImportOrder): string {
  return order.files.map((file) => basename(file)).join(', ');
}

function write(
  store: PreparedStore,
  source: ImportSource,
  record: Parameters<typeof importEvents>[2],
  control: JobControl,
): Promise<void> {
  return source.kind === 'candles'
    ? importCandles(store, source, record, control)
    : importEvents(store, source, record, control);
}

/** Of the files' bytes in order, and the venue they are taken for. */
async function hashOf(files: readonly string[], venue: string): Promise<string> {
  const whole = createHash('sha256').update(`${venue}\n`);
  for (const file of files) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    whole.update(hash.digest());
  }
  return whole.digest('hex');
}
