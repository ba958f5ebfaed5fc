import type { DecodeVenue } from '../../bench/decode-with-json.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { FieldScanner } from '../../venue/binance-spot/field-scanner.ts';
import { decodeWithJson } from '../../venue/binance-spot/json-decoder.ts';
import { MarketMessage, MessageKind } from '../../venue/binance-spot/market-message.ts';
import { BybitDecoder } from '../../venue/bybit/bybit-decoder.ts';
import { BybitMessage, BybitMessageKind } from '../../venue/bybit/bybit-message.ts';
import { BybitScanner } from '../../venue/bybit/bybit-scanner.ts';
import { KrakenJsonDecoder } from '../../venue/kraken/kraken-json-decoder.ts';
import { KrakenPairs } from '../../venue/kraken/kraken-pairs.ts';
import { KrakenScanner } from '../../venue/kraken/kraken-scanner.ts';
import { BatchKind, MarketBatch } from '../../venue/market-batch.ts';
import { OkxJsonDecoder } from '../../venue/okx/okx-json-decoder.ts';
import { OkxScanner } from '../../venue/okx/okx-scanner.ts';
import { UpbitDecoder } from '../../venue/upbit/upbit-decoder.ts';
import { UpbitMessage, UpbitMessageKind } from '../../venue/upbit/upbit-message.ts';
import { UpbitScanner } from '../../venue/upbit/upbit-scanner.ts';
import { InstrumentTable } from '../../venue/instrument-table.ts';
import { SymbolList } from '../../venue/symbol-list.ts';

/** A venue's field scanner, and the decoder that judges whatever it does not take. */
export interface ScannerPair {
  /** Everything that the message says; undefined when the scanner leaves it alone. */
  scan(bytes: Uint8Array): object | undefined;
  /** The same, or why it is bad. */
  judge(bytes: Uint8Array): object;
}

export const scannerPairs: Record<DecodeVenue, (instruments: readonly InstrumentSpec[]) => ScannerPair> = {
  'binance-spot': binancePair,
  'binance-usdm': binancePair,
  bybit: (instruments) => {
    const table = new InstrumentTable(instruments);
    const scanner = new BybitScanner(table);
    const message = new BybitMessage();
    const decoder = new BybitDecoder(table);
    return {
      scan: (bytes) => {
        if (!scanner.scan(bytes, message)) return undefined;
        let given = 0;
        return bybitContentOf(message, () => scanner.readTrade(given++, message));
      },
      judge: (bytes) => {
        decoder.decodeSlowly(bytes);
        return bybitContentOf(decoder, () => {
          const found = decoder.nextTrade();
          if (found < 0) throw new Error(`expected nothing bad taken, was ${decoder.reason}`);
          return found > 0;
        });
      },
    };
  },
  upbit: (instruments) => {
    const table = new InstrumentTable(instruments);
    const scanner = new UpbitScanner(table);
    const message = new UpbitMessage();
    const decoder = new UpbitDecoder(table);
    return {
      scan: (bytes) => (scanner.scan(bytes, message) ? upbitContentOf(message) : undefined),
      judge: (bytes) => {
        decoder.startSlowly(bytes);
        decoder.next();
        const content = upbitContentOf(decoder);
        // There is one message in what scanners take.
        return decoder.next() ? new Error('expected one message') : content;
      },
    };
  },
  okx: (instruments) => {
    const list = new SymbolList();
    for (const spec of instruments) list.add(spec);
    const scanner = new OkxScanner(list);
    const json = new OkxJsonDecoder(list);
    return batchPair(
      true,
      (bytes, batch) => scanner.scan(bytes, batch),
      (bytes, batch) => json.decode(bytes, batch),
    );
  },
  kraken: (instruments) => {
    const pairs = new KrakenPairs();
    for (const spec of instruments) pairs.add(spec);
    const scanner = new KrakenScanner(pairs, 1000);
    const json = new KrakenJsonDecoder(pairs, 'book-1000');
    return batchPair(
      false,
      (bytes, batch) => scanner.scan(bytes, batch),
      (bytes, batch) => json.decode(bytes, batch),
    );
  },
};

function binancePair(instruments: readonly InstrumentSpec[]): ScannerPair {
  const table = new InstrumentTable(instruments);
  const message = new MarketMessage();
  const scanner = new FieldScanner(table, message);
  const judged = new MarketMessage();
  return {
    scan: (bytes) => {
      const before = scanner.fallbacks;
      scanner.scan(bytes);
      return scanner.fallbacks === before ? binanceContentOf(message) : undefined;
    },
    judge: (bytes) => {
      decodeWithJson(bytes, table, judged, -1);
      return judged.kind === MessageKind.bad ? new Error(judged.reason) : binanceContentOf(judged);
    },
  };
}

/** @param hasIds trades are numbered by the venue, not after decoding. */
function batchPair(
  hasIds: boolean,
  scan: (bytes: Uint8Array, batch: MarketBatch) => boolean,
  decode: (bytes: Uint8Array, batch: MarketBatch) => void,
): ScannerPair {
  const batch = new MarketBatch();
  return {
    scan: (bytes) => {
      batch.reset();
      return scan(bytes, batch) ? contentOf(batch, hasIds) : undefined;
    },
    judge: (bytes) => {
      batch.reset();
      try {
        decode(bytes, batch);
      } catch (error) {
        return error as Error;
      }
      return contentOf(batch, hasIds);
    },
  };
}

function binanceContentOf(m: MarketMessage): object {
  const { kind, instrument, inexactSizes } = m;
  // Of a trade that did not meet the book nothing else is asked.
  if (kind === MessageKind.ignored) return { kind };
  const levels = [m.bids, m.asks].map(({ count, pairs }) => [...pairs.subarray(0, 2 * count)]);
  const isMaker = kind === MessageKind.trade && m.buyerIsMaker;
  return { kind, instrument, inexactSizes, values: [...m.values], isMaker, levels };
}

function bybitContentOf(m: BybitMessage, next: () => boolean): object {
  const { kind, instrument, depth, wasBook, updateId, sequence, timeUs, inexactSizes, reason } = m;
  const levels = [m.asks, m.bids].map(({ count, pairs }) => [...pairs.subarray(0, 2 * count)]);
  const trades: number[][] = [];
  while (kind === BybitMessageKind.trades && next()) {
    const { tradeTimeMs, tradeSide, tradePriceTicks, tradeSizeLots, tradeSequence, tradeIdHashA, tradeIdHashB } = m;
    const numbers = [tradePriceTicks, tradeSizeLots, tradeSequence, tradeIdHashA, tradeIdHashB];
    trades.push([tradeTimeMs, tradeSide, ...numbers]);
  }
  const proof = { depth, wasBook, updateId, sequence, timeUs, inexactSizes };
  return { kind, instrument, reason, ...proof, levels, trades };
}

function upbitContentOf(m: UpbitMessage): object {
  const { kind, instrument, isSnapshot, inexactSizes, reason, timeMs } = m;
  const head = { kind, instrument, isSnapshot, inexactSizes, reason, timeMs };
  if (kind === UpbitMessageKind.trade) {
    const { tradeTimeMs, tradeSide, tradePriceTicks, tradeSizeLots, tradeIdHigh, tradeIdLow } = m;
    return { ...head, tradeTimeMs, tradeSide, tradePriceTicks, tradeSizeLots, tradeIdHigh, tradeIdLow };
  }
  const levels = [m.asks, m.bids].map(({ count, pairs }) => [...pairs.subarray(0, 2 * count)]);
  return { ...head, wasBook: m.wasBook, totalsDiffer: m.totalsDiffer, levels };
}

function contentOf(batch: MarketBatch, hasIds: boolean): object {
  const { kind, instrument, isBook, book, tradeCount } = batch;
  const head = { kind, instrument, isBook };
  if (kind === BatchKind.quote) {
    const { quoteTimeUs, quoteId, bidTicks, bidLots, askTicks, askLots } = batch;
    return { ...head, quoteTimeUs, quoteId, bidTicks, bidLots, askTicks, askLots };
  }
  if (kind === BatchKind.trades) {
    const columns: (Float64Array | Uint8Array)[] = [
      batch.tradeTicks,
      batch.tradeLots,
      batch.tradeTimesUs,
      batch.tradeSides,
    ];
    if (hasIds) columns.push(batch.tradeIds);
    return { ...head, trades: columns.map((column) => [...column.subarray(0, tradeCount)]) };
  }
  if (kind !== BatchKind.book) return head;
  const { count, snapshot, timeUs, oldestUs, hasChecksum, checksum, hasSequence, previousSequence, sequence } = book;
  const columns = [book.bid, book.ticks, book.lots, book.priceDecimals, book.sizeDecimals];
  const proof = { snapshot, timeUs, oldestUs, hasChecksum, checksum, hasSequence, previousSequence, sequence };
  return { ...head, ...proof, of: book.instrument, levels: columns.map((column) => [...column.subarray(0, count)]) };
}
