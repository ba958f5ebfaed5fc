/** One run of one book: `book-update.bench.ts NAME`, a name of bookNames; prints a BenchSample. */
import { allocatedBytesPerEvent } from './allocated-bytes.ts';
import { type BenchBook, type BookName, bookNames, makeBook } from './book-implementations.ts';
import { makeBookWorkload } from './book-workload.ts';
import type { BenchSample } from './bench-result.ts';
import { busyNs } from './busy-clock.ts';

/** Timed updates. A slow book does fewer of the same: its rate is steady long before. */
const updates: Record<BookName, number> = {
  ours: 4_000_000,
  ladder: 4_000_000,
  naive: 20_000,
  'sorted-array': 1_000_000,
  ccxt: 200_000,
  'nodejs-order-book': 200_000,
};
const warmUpUpdates: Record<BookName, number> = {
  ours: 1_000_000,
  ladder: 1_000_000,
  naive: 5_000,
  'sorted-array': 1_000_000,
  ccxt: 100_000,
  'nodejs-order-book': 100_000,
};
/** After how many updates the checksum of all best prices so far is taken. */
const checkpoints = [20_000, 200_000, 1_000_000, 4_000_000];
/** Small enough that no collection runs in between, even with 2 KB an event. */
const allocationUpdates = 10_000;

/** Applies updates [from, to), reads both best prices after each, and folds them into a checksum. */
function drive(book: BenchBook, from: number, to: number, checksum: number): number {
  let sum = checksum;
  for (let i = from; i < to; i++) {
    book.apply(i);
    sum = (Math.imul(sum, 31) + book.bestBidTicks) | 0;
    sum = (Math.imul(sum, 31) + book.bestAskTicks) | 0;
  }
  return sum;
}

/** Heap bytes an update allocates. */
function bytesPerUpdate(book: BenchBook, from: number): number {
  return allocatedBytesPerEvent(allocationUpdates, () => drive(book, from, from + allocationUpdates, 0));
}

async function run(name: BookName): Promise<BenchSample> {
  const count = updates[name];
  // Warm-up is a book of its own over other updates, so that the timed one starts in the same state everywhere.
  const warmUp = makeBookWorkload(warmUpUpdates[name], 2);
  drive(await makeBook(name, warmUp), 0, warmUp.count, 0);

  const workload = makeBookWorkload(count + allocationUpdates * 2, 1);
  const book = await makeBook(name, workload);
  drive(book, 0, workload.fillCount, 0);
  let checksum = 0;
  const checksums: Record<string, string> = {};
  let at = 0;
  const startNs = busyNs();
  for (const checkpoint of checkpoints) {
    if (checkpoint > count) break;
    checksum = drive(book, workload.fillCount + at, workload.fillCount + checkpoint, checksum);
    at = checkpoint;
    checksums[`best prices over ${checkpoint} updates`] = (checksum >>> 0).toString(16);
  }
  const elapsedNs = busyNs() - startNs;
  // Twice: the first stretch may still compile.
  bytesPerUpdate(book, workload.fillCount + count);
  const bytesPerEvent = bytesPerUpdate(book, workload.fillCount + count + allocationUpdates);
  return { figures: { rate: at / (elapsedNs / 1e3), time: elapsedNs / at }, checksums, bytesPerEvent };
}

const name = process.argv[2] as BookName;
if (!bookNames.includes(name)) throw new RangeError(`Expected one of ${bookNames.join(', ')}, was ${name}`);
console.log(JSON.stringify(await run(name)));
