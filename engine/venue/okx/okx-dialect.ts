import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { DecimalSteps } from '../decimal-steps.ts';
import { inWords, isObject, type Json, listOf, textOf, wholeOf } from '../json-fields.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import type { BookChecksum } from '../proven-book.ts';
import type { FeedDialect } from '../proven-feed-adapter.ts';
import { okxChecksum } from './okx-checksum.ts';

const PONG = [112, 111, 110, 103];
const CHANNELS = ['books', 'trades', 'tickers'] as const;

/**
 * OKX's public WebSocket v5. Book messages name the one before (`prevSeqId`), or carry a CRC-32 over the 25 best levels of
 * each side, or both: recordings of 2022 have only the checksum; since 2026 the venue sends 0 there, which counts as
 * none. A message that proves itself in neither way is bad.
 */
export class OkxDialect implements FeedDialect {
  readonly path = '/ws/v5/public';
  /** A subscription of three channels each in one message, which may have 64 KB. */
  readonly instrumentsPerConnection = 100;
  /** The venue sends 400 and removes each that falls out of them itself; this is only a bound. */
  readonly depth = 1024;
  /** The venue cuts connections that are silent for 30 s. */
  readonly pingIntervalMs = 20_000;
  readonly pingMessage = 'ping';
  readonly #symbols: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #prices: DecimalSteps[] = [];
  readonly #sizes: DecimalSteps[] = [];
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });

  add({ symbol, tickSize, lotSize }: InstrumentSpec): void {
    if (this.#indexes.has(symbol)) throw new RangeError(`Expected each symbol once, was ${symbol} twice`);
    const price = new DecimalSteps(tickSize);
    const size = new DecimalSteps(lotSize);
    this.#indexes.set(symbol, this.#symbols.length);
    this.#symbols.push(symbol);
    this.#prices.push(price);
    this.#sizes.push(size);
  }

  indexOf(symbol: string): number {
    return this.#indexes.get(symbol) ?? -1;
  }

  streamsOf(instrument: number): string[] {
    return CHANNELS.map((channel) => `${channel}:${this.#symbols[instrument]}`);
  }

  subscriptionMessages(instruments: readonly number[]): string[] {
    return [this.#request('subscribe', instruments)];
  }

  unsubscriptionMessages(instruments: readonly number[]): string[] {
    return [this.#request('unsubscribe', instruments)];
  }

  resubscriptionMessages(instrument: number): string[] {
    const args = [{ channel: 'books', instId: this.#symbols[instrument] }];
    return ['unsubscribe', 'subscribe'].map((op) => JSON.stringify({ op, args }));
  }

  checksum(instrument: number): BookChecksum {
    return okxChecksum(this.#prices[instrument] as DecimalSteps, this.#sizes[instrument] as DecimalSteps);
  }

  onConnected(): void {
    // Nothing is kept between connections.
  }

  decode(bytes: Uint8Array, batch: MarketBatch): void {
    if (bytes.length === PONG.length && PONG.every((c, i) => bytes[i] === c)) return;
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
    const instrument = this.#indexes.get(symbol) ?? -1;
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

  #request(op: string, instruments: readonly number[]): string {
    const args = instruments.flatMap((i) => CHANNELS.map((channel) => ({ channel, instId: this.#symbols[i] })));
    return JSON.stringify({ op, args });
  }

  #decodeBook(action: unknown, data: Json, batch: MarketBatch): void {
    const book = batch.book;
    book.reset(batch.instrument);
    if (action !== 'snapshot' && action !== 'update') {
      throw new RangeError(`action: expected snapshot or update, was ${inWords(action)}`);
    }
    book.snapshot = action === 'snapshot';
    this.#decodeLevels(data['bids'], 'bids', true, batch);
    this.#decodeLevels(data['asks'], 'asks', false, batch);
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
    const price = this.#prices[batch.instrument] as DecimalSteps;
    const size = this.#sizes[batch.instrument] as DecimalSteps;
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
    const ticks = (this.#prices[batch.instrument] as DecimalSteps).readPositive(trade['px'], 'px');
    const lots = (this.#sizes[batch.instrument] as DecimalSteps).readPositive(trade['sz'], 'sz');
    const side = trade['side'] === 'buy' ? Side.buy : trade['side'] === 'sell' ? Side.sell : Side.none;
    if (side === Side.none) throw new RangeError(`side: expected buy or sell, was ${inWords(trade['side'])}`);
    batch.addTrade(side, ticks, lots, wholeOf(trade['tradeId'], 'tradeId'), wholeOf(trade['ts'], 'ts') * 1000);
  }

  #decodeTicker(ticker: Json, symbol: string, batch: MarketBatch): void {
    expectSymbol(ticker, symbol);
    const price = this.#prices[batch.instrument] as DecimalSteps;
    const size = this.#sizes[batch.instrument] as DecimalSteps;
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
