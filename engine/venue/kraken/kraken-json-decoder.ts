import { Side } from '../../contract/units.ts';
import type { DecimalSteps } from '../decimal-steps.ts';
import { inWords, isObject, type Json, listOf, textOf } from '../json-fields.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import type { KrakenPairs } from './kraken-pairs.ts';

/**
 * The slow way to decode a payload: JSON.parse, then a check of every field with a reason in words. Used for whatever the
 * scanner does not expect, so it also decides what a bad message is.
 */
export class KrakenJsonDecoder {
  readonly #pairs: KrakenPairs;
  readonly #bookChannel: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });

  constructor(pairs: KrakenPairs, bookChannel: string) {
    this.#pairs = pairs;
    this.#bookChannel = bookChannel;
  }

  /** Fills the batch, trades without their numbers. @throws RangeError, SyntaxError or TypeError when the payload is bad. */
  decode(bytes: Uint8Array, batch: MarketBatch): void {
    const parsed: unknown = JSON.parse(this.#decoder.decode(bytes));
    if (Array.isArray(parsed)) this.#decodeData(parsed, batch);
    else if (isObject(parsed)) this.#decodeEvent(parsed, batch);
    else throw new RangeError(`Expected an event or a list, was ${inWords(parsed)}`);
  }

  #decodeEvent(event: Json, batch: MarketBatch): void {
    const name = event['event'];
    if (name === 'heartbeat' || name === 'pong' || name === 'systemStatus') return;
    if (name === 'error') throw refused(event, batch);
    if (name !== 'subscriptionStatus') throw new RangeError(`event: expected a known one, was ${inWords(name)}`);
    const instrument = this.#pairs.indexOf(event['pair'] as string);
    if (event['status'] === 'error') {
      // Not a market message: no book is in doubt, the missing snapshot is asked for again.
      batch.instrument = Math.max(0, instrument);
      throw refused(event, batch);
    }
    const id = event['channelID'];
    if (event['channelName'] !== this.#bookChannel || instrument < 0) return;
    this.#pairs.bookChannelIds[instrument] = event['status'] === 'subscribed' && typeof id === 'number' ? id : -1;
  }

  /** `[channel id, payload, (second payload,) channel, pair]`. */
  #decodeData(data: readonly unknown[], batch: MarketBatch): void {
    const symbol = textOf(data[data.length - 1], 'pair');
    const channel = textOf(data[data.length - 2], 'channel');
    const instrument = this.#pairs.indexOf(symbol);
    if (instrument < 0) throw new RangeError(`pair: expected a subscribed one, was "${symbol}"`);
    const id = data[0];
    const known = this.#pairs.bookChannelIds[instrument] as number;
    if (channel === this.#bookChannel) {
      // Name and number disagree: whose update this is, is not known.
      if (known >= 0 && id !== known) throw new RangeError(`channel id: expected ${known}, was ${inWords(id)}`);
      batch.isBook = true;
      batch.instrument = instrument;
      this.#decodeBook(data, batch);
    } else if (channel === 'trade') {
      if (data.length !== 4) throw new RangeError(`trade: expected 4 elements, was ${data.length}`);
      batch.instrument = instrument;
      this.#decodeTrades(data[1], batch);
    } else if (channel === 'ticker') {
      if (data.length !== 4) throw new RangeError(`ticker: expected 4 elements, was ${data.length}`);
      batch.instrument = instrument;
      this.#decodeTicker(data[1], batch);
    } else {
      throw new RangeError(`channel: expected a subscribed one, was "${channel}"`);
    }
  }

  #decodeBook(data: readonly unknown[], batch: MarketBatch): void {
    const book = batch.book;
    book.reset(batch.instrument);
    if (data.length !== 4 && data.length !== 5)
      throw new RangeError(`book: expected 4 or 5 elements, was ${data.length}`);
    for (let i = 1; i < data.length - 2; i++) {
      const part = data[i];
      if (!isObject(part)) throw new RangeError(`book: expected an object, was ${inWords(part)}`);
      for (const key in part) {
        if (key === 'c') {
          book.checksum = checksumOf(part[key]);
          book.hasChecksum = true;
        } else if (key === 'a' || key === 'b') {
          this.#decodeLevels(part[key], key, key === 'b', batch);
        } else if (key === 'as' || key === 'bs') {
          book.snapshot = true;
          this.#decodeLevels(part[key], key, key === 'bs', batch);
        } else {
          throw new RangeError(`book: expected a, b, as, bs or c, was "${key}"`);
        }
      }
    }
    if (!book.snapshot && !book.hasChecksum) throw new RangeError('c: expected the checksum of an update, was absent');
    if (book.snapshot && data.length !== 4) throw new RangeError('book: expected a snapshot alone, was more');
    batch.kind = BatchKind.book;
  }

  #decodeLevels(rows: unknown, key: string, bid: boolean, batch: MarketBatch): void {
    const book = batch.book;
    const price = this.#pairs.prices[batch.instrument] as DecimalSteps;
    const size = this.#pairs.sizes[batch.instrument] as DecimalSteps;
    for (const row of listOf(rows, key)) {
      const level = listOf(row, key);
      const ticks = price.readPositive(level[0], 'price');
      const lots = size.read(level[1], 'size');
      book.add(bid, ticks, lots, price.textDecimals, size.textDecimals);
      const timeUs = microseconds(level[2], 'time');
      if (timeUs > book.timeUs) book.timeUs = timeUs;
      // A republished level has come back into the depth, with the time of its last change.
      const republished = level[3] === 'r';
      if (!republished && level.length !== 3)
        throw new RangeError(`${key}: expected [price, size, time], was more or less`);
      if (!republished && !book.snapshot && (book.oldestUs === 0 || timeUs < book.oldestUs)) book.oldestUs = timeUs;
    }
  }

  #decodeTrades(rows: unknown, batch: MarketBatch): void {
    const { instrument } = batch;
    const price = this.#pairs.prices[instrument] as DecimalSteps;
    const size = this.#pairs.sizes[instrument] as DecimalSteps;
    for (const row of listOf(rows, 'trades')) {
      const trade = listOf(row, 'trade');
      const ticks = price.readPositive(trade[0], 'price');
      const lots = size.readPositive(trade[1], 'size');
      const timeUs = microseconds(trade[2], 'time');
      const side = trade[3] === 'b' ? Side.buy : trade[3] === 's' ? Side.sell : Side.none;
      if (side === Side.none) throw new RangeError(`side: expected b or s, was ${inWords(trade[3])}`);
      batch.addTrade(side, ticks, lots, 0, timeUs);
    }
    batch.kind = BatchKind.trades;
  }

  #decodeTicker(value: unknown, batch: MarketBatch): void {
    if (!isObject(value)) throw new RangeError(`ticker: expected an object, was ${inWords(value)}`);
    const price = this.#pairs.prices[batch.instrument] as DecimalSteps;
    const size = this.#pairs.sizes[batch.instrument] as DecimalSteps;
    const bid = listOf(value['b'], 'b');
    const ask = listOf(value['a'], 'a');
    batch.bidTicks = price.readPositive(bid[0], 'bid');
    batch.bidLots = size.read(bid[2], 'bid size');
    batch.askTicks = price.readPositive(ask[0], 'ask');
    batch.askLots = size.read(ask[2], 'ask size');
    batch.quoteTimeUs = 0;
    batch.quoteId = 0;
    batch.kind = BatchKind.quote;
  }
}

function refused(event: Json, batch: MarketBatch): RangeError {
  batch.instrument = Math.max(0, batch.instrument);
  return new RangeError(`The venue refused a request: ${inWords(event['errorMessage'])}`);
}

function checksumOf(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : -1;
  if (number < 0 || number > 0xffffffff) throw new RangeError(`c: expected a CRC-32, was ${inWords(value)}`);
  return number;
}

/** us of `1618678133.365913`. */
function microseconds(value: unknown, field: string): number {
  if (typeof value === 'string' && value.length === 17 && value.charCodeAt(10) === 46) {
    let us = 0;
    let at = 0;
    for (; at < 17; at++) {
      const digit = value.charCodeAt(at) - 48;
      if (at === 10) continue;
      if (digit < 0 || digit > 9) break;
      us = us * 10 + digit;
    }
    if (at === 17) return us;
  }
  throw new RangeError(`${field}: expected seconds with 6 decimals, was ${inWords(value)}`);
}
