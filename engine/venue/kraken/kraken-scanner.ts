import { Side } from '../../contract/units.ts';
import { copyBook } from '../kernel/copy-book.ts';
import { FIRST_ROW, kernelValues, ROW_VALUES, scanChannel } from '../kernel/scan-kernel.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import type { KrakenDepth } from './kraken-depths.ts';
import type { KrakenPairs } from './kraken-pairs.ts';
import { channelsOf, firstObject, Scanned, secondObject, Seen, TRADE } from './kraken-tables.ts';

const MAX_CHECKSUM = 0xffffffff;
/** Numbers of a trade, in its row. */
const ScannedTrade = { ticks: 0, lots: 1, timeUs: 2, isBuy: 3 } as const;

/**
 * Decodes Kraken's books and trades straight from their bytes, in the kernel, `[number, content, channel, pair]`: what the
 * content is about stands at the end and is looked at first. False for whatever else comes, or is not written plainly, or
 * not right: the batch is then half filled, and the JSON decoder's to judge.
 */
export class KrakenScanner {
  readonly #pairs: KrakenPairs;
  readonly #channels: number;

  constructor(pairs: KrakenPairs, depth: KrakenDepth) {
    this.#pairs = pairs;
    this.#channels = channelsOf.get(depth) as number;
  }

  scan(bytes: Uint8Array, batch: MarketBatch): boolean {
    const { table } = this.#pairs;
    if (table === undefined) return false;
    kernelValues[Scanned.bids] = kernelValues[Scanned.bids + 1] = 0;
    kernelValues[Scanned.first] = kernelValues[Scanned.second] = 0;
    const instrument = scanChannel(bytes, firstObject, secondObject, this.#channels, table);
    if (instrument < 0) return false;
    batch.instrument = instrument;
    return kernelValues[Scanned.channel] === TRADE ? takeTrades(batch) : this.#takeBook(batch);
  }

  #takeBook(batch: MarketBatch): boolean {
    const { book, instrument } = batch;
    const known = this.#pairs.bookChannelIds[instrument] as number;
    if (known >= 0 && known !== kernelValues[Scanned.channelId]) return false;
    const first = kernelValues[Scanned.first] as number;
    const second = kernelValues[Scanned.second] as number;
    const seen = first | second;
    // What comes twice, or is of both kinds, is not the scanner's to choose from.
    if ((first & second) !== 0) return false;
    const isSnapshot = (seen & Seen.snapshot) !== 0;
    if (isSnapshot ? second !== 0 || (seen & Seen.update) !== 0 : (seen & Seen.checksum) === 0) return false;
    book.reset(instrument);
    book.snapshot = isSnapshot;
    book.hasChecksum = (seen & Seen.checksum) !== 0;
    if (book.hasChecksum) {
      book.checksum = kernelValues[Scanned.checksum] as number;
      if (book.checksum > MAX_CHECKSUM) return false;
    }
    book.timeUs = kernelValues[Scanned.newestUs] as number;
    if (!isSnapshot) book.oldestUs = kernelValues[Scanned.oldestUs] as number;
    batch.isBook = true;
    batch.kind = BatchKind.book;
    const bidsFrom = kernelValues[Scanned.bids] as number;
    return copyBook(kernelValues[Scanned.count] as number, bidsFrom, kernelValues[Scanned.bids + 1] as number, book);
  }
}

function takeTrades(batch: MarketBatch): boolean {
  const { tradeTicks, tradeLots, tradeTimesUs, tradeSides } = batch;
  const count = kernelValues[Scanned.count] as number;
  for (let i = 0; i < count; i++) {
    if (batch.isFull) return false;
    const row = FIRST_ROW + i * ROW_VALUES;
    tradeTicks[i] = kernelValues[row + ScannedTrade.ticks] as number;
    tradeLots[i] = kernelValues[row + ScannedTrade.lots] as number;
    tradeTimesUs[i] = kernelValues[row + ScannedTrade.timeUs] as number;
    tradeSides[i] = kernelValues[row + ScannedTrade.isBuy] === 1 ? Side.buy : Side.sell;
    batch.tradeCount++;
  }
  batch.kind = BatchKind.trades;
  return true;
}
