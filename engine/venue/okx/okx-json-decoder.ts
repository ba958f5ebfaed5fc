import { Side } from '../../contract/units.ts';
import type { DecimalSteps } from '../decimal-steps.ts';
import { inWords, isObject, type Json, listOf, textOf, wholeOf } from '../json-fields.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import type { SymbolList } from '../symbol-list.ts';

/**
 * The slow way to decode a payload: JSON.parse, then a check of every field with a reason in words. Used for whatever the
 * scanner does not expect, so it also decides what a bad message is.
 */
export class OkxJsonDecoder {
  readonly #list: SymbolList;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });

  constructor(list: SymbolList) {
    this.#list = list;
  }

  /** Fills the batch. @throws RangeError, SyntaxError or TypeError when the payload is bad. */
  decode(bytes: Uint8Array, batch: MarketBatch): void {
    const parsed: unknown = JSON.parse(this.#decoder.decode(bytes));
    if (!isObject(parsed)) throw new RangeError(`Expected an object, was ${inWords(parsed)}`);
    if (parsed['data'] === undefined) {
      decodeEvent(parsed, batch);
      return;
    }
    const arg = parsed['arg'];
    if (!isObject(arg)) throw new RangeError(`arg: expected an object, was ${inWords(arg)}`);
    const channel = arg['channel'];
    const symbol = textOf(arg['instId'], 'instId');
    const instrument = this.#list.indexOf(symbol);
    if (instrument < 0) throw new RangeError(`instId: expected a subscribed one, was "${symbol}"`);
    if (channel !== 'books' && channel !== 'trades' && channel !== 'tickers') {
      throw new RangeError(`channel: expected books, trades or tickers, was ${inWords(channel)}`);
    }
    batch.instrument = instrument;
    batch.isBook = channel === 'books';
    const data = listOf(parsed['data'], 'data');
    if (channel === 'books') {
      this.#decodeBook(parsed['action'], onlyObject(data), batch);
    } else if (channel === 'trades') {
      for (const trade of data) this.#decodeTrade(trade, symbol, batch);
      batch.kind = BatchKind.trades;
    } else {
      this.#decodeTicker(onlyObject(data), symbol, batch);
    }
  }

  #decodeBook(action: unknown, data: Json, batch: MarketBatch): void {
    const book = batch.book;
    book.reset(batch.instrument);
    if (action !== 'snapshot' && action !== 'update') {
      throw new RangeError(`action: expected snapshot or update, was ${inWords(action)}`);
    }
    book.snapshot = action === 'snapshot';
    // In the order sent, as the scanner meets them.
    const asksFirst = Object.keys(data).find((key) => key === 'asks' || key === 'bids') === 'asks';
    if (asksFirst) this.#decodeLevels(data['asks'], 'asks', false, batch);
    this.#decodeLevels(data['bids'], 'bids', true, batch);
    if (!asksFirst) this.#decodeLevels(data['asks'], 'asks', false, batch);
    book.timeUs = wholeOf(data['ts'], 'ts') * 1000;
    const checksum = data['checksum'] ?? 0;
    if (typeof checksum !== 'number' || !Number.isInteger(checksum) || Math.abs(checksum) > 2 ** 31) {
      throw new RangeError(`checksum: expected a signed CRC-32, was ${inWords(checksum)}`);
    }
    book.hasChecksum = checksum !== 0;
    book.checksum = checksum >>> 0;
    if (data['seqId'] !== undefined) {
      book.sequence = sequenceOf(data['seqId'], 'seqId');
      book.previousSequence = sequenceOf(data['prevSeqId'], 'prevSeqId');
      book.hasSequence = true;
      if (book.snapshot !== (book.previousSequence === -1)) {
        throw new RangeError(`prevSeqId: expected -1 in snapshots alone, was ${book.previousSequence} (${action})`);
      }
    }
    // A late message that only repeats older sizes could pass the checksum of its own time.
    if (!book.hasSequence) book.oldestUs = book.timeUs;
    if (!book.hasChecksum && !book.hasSequence) throw new RangeError('Expected a checksum or a seqId, was neither');
    batch.kind = BatchKind.book;
  }

  #decodeLevels(rows: unknown, key: string, bid: boolean, batch: MarketBatch): void {
    const price = this.#list.prices[batch.instrument] as DecimalSteps;
    const size = this.#list.sizes[batch.instrument] as DecimalSteps;
    for (const row of listOf(rows, key)) {
      const level = listOf(row, key);
      const ticks = price.readPositive(level[0], 'price');
      const lots = size.read(level[1], 'size');
      batch.book.add(bid, ticks, lots, price.textDecimals, size.textDecimals);
    }
  }

  #decodeTrade(trade: unknown, symbol: string, batch: MarketBatch): void {
    if (!isObject(trade)) throw new RangeError(`trade: expected an object, was ${inWords(trade)}`);
    expectSymbol(trade, symbol);
    const ticks = (this.#list.prices[batch.instrument] as DecimalSteps).readPositive(trade['px'], 'px');
    const lots = (this.#list.sizes[batch.instrument] as DecimalSteps).readPositive(trade['sz'], 'sz');
    const side = trade['side'] === 'buy' ? Side.buy : trade['side'] === 'sell' ? Side.sell : Side.none;
    if (side === Side.none) throw new RangeError(`side: expected buy or sell, was ${inWords(trade['side'])}`);
    batch.addTrade(side, ticks, lots, wholeOf(trade['tradeId'], 'tradeId'), wholeOf(trade['ts'], 'ts') * 1000);
  }

  #decodeTicker(ticker: Json, symbol: string, batch: MarketBatch): void {
    expectSymbol(ticker, symbol);
    const price = this.#list.prices[batch.instrument] as DecimalSteps;
    const size = this.#list.sizes[batch.instrument] as DecimalSteps;
    // An empty side is an empty text.
    batch.bidTicks = ticker['bidPx'] === '' ? 0 : price.readPositive(ticker['bidPx'], 'bidPx');
    batch.bidLots = ticker['bidPx'] === '' ? 0 : size.read(ticker['bidSz'], 'bidSz');
    batch.askTicks = ticker['askPx'] === '' ? 0 : price.readPositive(ticker['askPx'], 'askPx');
    batch.askLots = ticker['askPx'] === '' ? 0 : size.read(ticker['askSz'], 'askSz');
    const timeMs = wholeOf(ticker['ts'], 'ts');
    batch.quoteTimeUs = timeMs * 1000;
    batch.quoteId = timeMs;
    batch.kind = BatchKind.quote;
  }
}

function decodeEvent(event: Json, batch: MarketBatch): void {
  const name = event['event'];
  if (name === 'subscribe' || name === 'unsubscribe' || name === 'channel-conn-count') return;
  if (name === 'notice') {
    batch.kind = BatchKind.reconnect;
    batch.reason = `the venue announced: ${inWords(event['msg'])}`;
    return;
  }
  if (name === 'error' || name === 'channel-conn-count-error') {
    // Not a market message: no book is in doubt, a missing snapshot is asked for again.
    batch.instrument = 0;
    throw new RangeError(`The venue refused a request: ${inWords(event['code'])} ${inWords(event['msg'])}`);
  }
  throw new RangeError(`event: expected a known one, was ${inWords(name)}`);
}

function onlyObject(data: readonly unknown[]): Json {
  const first = data[0];
  if (data.length !== 1 || !isObject(first)) throw new RangeError(`data: expected one object, was ${data.length}`);
  return first;
}

function expectSymbol(json: Json, symbol: string): void {
  if (json['instId'] !== symbol) throw new RangeError(`instId: expected ${symbol}, was ${inWords(json['instId'])}`);
}

function sequenceOf(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < -1) {
    throw new RangeError(`${field}: expected a whole number, was ${inWords(value)}`);
  }
  return value;
}
