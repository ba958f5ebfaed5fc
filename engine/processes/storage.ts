import type { ControlRequest, StorageConfig } from '../contract/process.ts';
import { putInBackground } from '../storage/background-priority.ts';
import { StorageService } from '../storage/storage-service.ts';
import { openControlChannel } from '../transport/open-control-channel.ts';
import { startHealth } from './process-health.ts';
import { openImport } from './storage/open-import.ts';
import { StoragePage } from './storage/storage-page.ts';

/** Entry point of the storage process: tails the journals into Postgres and answers history queries until told to stop. */
const STATUS_EVERY_MS = 1_000;

const channel = openControlChannel();
const health = startHealth(channel);
const pages = new Set<StoragePage>();
let service: StorageService | undefined;
let stopping = false;

// Its work can wait, that of the trading process and of the page cannot; the embedded database follows it.
const refused = putInBackground(process.pid);
if (refused !== '') console.warn(`storage: not in the background (${refused})`);

channel.onRequest((request) => {
  try {
    handle(request);
  } catch (error) {
    fail(error);
  }
});
channel.onPort((port) => {
  if (service === undefined || stopping) {
    port.close();
    return;
  }
  const page = new StoragePage(port, service, (closed) => pages.delete(closed));
  pages.add(page);
  page.sendStatus(service.status());
});
channel.onParentGone(() => {
  stop().catch(fail);
});
process.on('SIGTERM', () => {
  stop().catch(fail);
});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
channel.post({ type: 'accepting' });

function handle(request: ControlRequest): void {
  switch (request.type) {
    case 'configure':
      configure(request.config as StorageConfig);
      break;
    case 'query':
      answer(request.requestId, request.query);
      break;
    case 'shutdown':
      stop().catch(fail);
      break;
    default:
      throw new Error(`Expected configure, query or shutdown, was ${request.type}`);
  }
}

/** Ready at once: the server may still be starting, which status and progress tell. */
function configure(config: StorageConfig): void {
  if (service !== undefined) throw new Error('Expected one configuration, was a second one');
  service = new StorageService(config, {
    progress: (text) => channel.post({ type: 'progress', text }),
    log: (text) => console.error(`storage: ${text}`),
    openImport,
  });
  service.start();
  channel.post({ type: 'ready', ready: { process: 'storage' } });
  const timer = setInterval(() => {
    if (service === undefined || stopping || pages.size === 0) return;
    const status = service.status();
    for (const page of pages) page.sendStatus(status);
  }, STATUS_EVERY_MS);
  timer.unref();
}

function answer(requestId: number, query: string): void {
  try {
    if (service === undefined) throw new Error('The storage process is not configured');
    if (query !== 'storageStatus') throw new Error(`Expected storageStatus, was ${query}`);
    channel.post({ type: 'answer', requestId, ok: true, result: service.status() });
  } catch (error) {
    channel.post({ type: 'answer', requestId, ok: false, error: (error as Error).message });
  }
}

/** Stores what is left, stops Postgres, ends. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  health.dispose();
  for (const page of pages) page.close();
  await service?.stop();
  process.exit(0);
}

/** A bug: say so and end. The supervisor starts the process again, and the tailer goes on where it was. */
function fail(error: unknown): void {
  console.error(error);
  // Postgres stops with its parent on Linux, and is stopped by the next start elsewhere.
  setTimeout(() => process.exit(1), 50);
}
