import { Side } from '../../contract/units.ts';
import { copyBook } from '../kernel/copy-book.ts';
import { FIRST_ROW, IS_OBJECT, kernelValues, ROW_VALUES, scanPayload } from '../kernel/scan-kernel.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import type { SymbolList } from '../symbol-list.ts';
import {
  Channel,
  HAS_CHECKSUM,
  HAS_PREVIOUS,
  HAS_SEQUENCE,
  push,
  Scanned,
  ScannedBook,
  ScannedTicker,
  ScannedTrade,
} from './okx-tables.ts';

const UNKNOWN = -1;
const MAX_CHECKSUM = 2 ** 31;
const SEQUENCE = HAS_SEQUENCE | HAS_PREVIOUS;

/**
 * Decodes OKX's books, trades and tickers straight from their bytes, in the kernel: the compact JSON that the venue sends,
 * what it is about first, the members of `data` in any order. False for whatever else comes, or is not written plainly, or
 * not right: the batch is then half filled, and the JSON decoder's to judge.
 */
export class OkxScanner {
  readonly #list: SymbolList;

  constructor(list: SymbolList) {
    this.#list = list;
  }

  scan(bytes: Uint8Array, batch: MarketBatch): boolean {
    const { table } = this.#list;
    if (table === undefined) return false;
    kernelValues[Scanned.isSnapshot] = UNKNOWN;
    const instrument = scanPayload(bytes, push, table);
    const count = kernelValues[Scanned.content] as number;
    if (instrument < 0 || kernelValues[Scanned.subscription] !== IS_OBJECT || count === IS_OBJECT) return false;
    batch.instrument = instrument;
    const channel = kernelValues[Scanned.channel];
    if (channel === Channel.trades) return takeTrades(count, batch);
    if (count !== 1) return false;
    return channel === Channel.books ? takeBook(batch) : takeTicker(batch);
  }
}

function rowValue(at: number): number {
  return kernelValues[FIRST_ROW + at] as number;
}

function takeBook(batch: MarketBatch): boolean {
  const { book } = batch;
  const action = kernelValues[Scanned.isSnapshot] as number;
  const seen = rowValue(ScannedBook.seen);
  const checksum = (seen & HAS_CHECKSUM) === 0 ? 0 : rowValue(ScannedBook.checksum);
  if (action === UNKNOWN || Math.abs(checksum) > MAX_CHECKSUM) return false;
  book.reset(batch.instrument);
  book.snapshot = action === 1;
  book.timeUs = rowValue(ScannedBook.timeMs) * 1000;
  book.hasChecksum = checksum !== 0;
  book.checksum = checksum >>> 0;
  batch.isBook = true;
  batch.kind = BatchKind.book;
  if ((seen & SEQUENCE) === 0) {
    // A late message that only repeats older sizes could pass the checksum of its own time.
    book.oldestUs = book.timeUs;
    if (!book.hasChecksum) return false;
  } else {
    if ((seen & SEQUENCE) !== SEQUENCE) return false;
    book.sequence = rowValue(ScannedBook.sequence);
    book.previousSequence = rowValue(ScannedBook.previous);
    book.hasSequence = true;
    if (book.sequence < -1 || book.previousSequence < -1) return false;
    if (book.snapshot !== (book.previousSequence === -1)) return false;
  }
  const bidsTo = rowValue(ScannedBook.bids + 1);
  const count = Math.max(bidsTo, rowValue(ScannedBook.asks + 1));
  return copyBook(count, rowValue(ScannedBook.bids), bidsTo, book);
}

function takeTrades(count: number, batch: MarketBatch): boolean {
  const { tradeTicks, tradeLots, tradeIds, tradeTimesUs, tradeSides } = batch;
  for (let i = 0; i < count; i++) {
    if (batch.isFull) return false;
    const row = i * ROW_VALUES;
    const ticks = rowValue(row + ScannedTrade.ticks);
    const lots = rowValue(row + ScannedTrade.lots);
    if (ticks === 0 || lots === 0) return false;
    tradeTicks[i] = ticks;
    tradeLots[i] = lots;
    tradeIds[i] = rowValue(row + ScannedTrade.id);
    tradeTimesUs[i] = rowValue(row + ScannedTrade.timeMs) * 1000;
    tradeSides[i] = rowValue(row + ScannedTrade.isBuy) === 1 ? Side.buy : Side.sell;
    batch.tradeCount++;
  }
  batch.kind = BatchKind.trades;
  return true;
}

function takeTicker(batch: MarketBatch): boolean {
  batch.bidTicks = rowValue(ScannedTicker.bid);
  batch.bidLots = rowValue(ScannedTicker.bidSize);
  batch.askTicks = rowValue(ScannedTicker.ask);
  batch.askLots = rowValue(ScannedTicker.askSize);
  batch.quoteId = rowValue(ScannedTicker.timeMs);
  batch.quoteTimeUs = batch.quoteId * 1000;
  batch.kind = BatchKind.quote;
  return batch.bidTicks !== 0 && batch.askTicks !== 0;
}
