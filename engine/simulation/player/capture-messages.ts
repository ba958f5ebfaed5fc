import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { StepFinder } from './step-finder.ts';

/** Protocols that share a wire format. */
export type ProtocolFamily = 'binance' | 'bybit' | 'okx' | 'kraken' | 'upbit';

export type CaptureMessageKind = 'depth' | 'trade' | 'aggTrade' | 'ticker' | 'other';

/** What a look at one recorded message tells, without decoding it. */
export interface CaptureMessage {
  /** Undefined for answers and heartbeats that several venues could have sent. */
  family: ProtocolFamily | undefined;
  kind: CaptureMessageKind;
  /** As the venue spells it; empty where the message is about none. */
  symbol: string;
  /** Of Binance's depth updates: futures name the update before (`pu`). */
  isFutures: boolean;
  /** Levels a side of the book, where the message says so; else 0. */
  bookDepth: number;
}

type Json = Record<string, unknown>;

const families: Readonly<Record<MarketProtocol, ProtocolFamily>> = {
  'binance-spot': 'binance',
  'binance-usdm': 'binance',
  'binance-coinm': 'binance',
  bybit: 'bybit',
  'bybit-spot': 'bybit',
  upbit: 'upbit',
  okx: 'okx',
  kraken: 'kraken',
};

export function familyOf(protocol: MarketProtocol): ProtocolFamily {
  return families[protocol];
}

/**
 * Tells whose message this is, about what, and hands its prices and sizes to the instrument's step finder.
 * @param text the message as written: the numbers of Upbit are no texts and would lose their last zeros.
 * @throws RangeError with one line when it is of a version of a protocol that no adapter speaks.
 */
export function readCaptureMessage(
  json: unknown,
  text: string,
  stepsOf: (symbol: string) => StepFinder,
): CaptureMessage {
  if (Array.isArray(json)) return readKraken(json, stepsOf);
  if (!isObject(json)) return other(undefined);
  if ('topic' in json) return readBybit(json, stepsOf);
  if ('arg' in json) return readOkx(json, stepsOf);
  if (('ty' in json && 'cd' in json) || ('type' in json && 'code' in json)) return readUpbit(json, text, stepsOf);
  if ('stream' in json && isObject(json['data'])) return readBinance(json['data'], stepsOf);
  if ('e' in json || 'lastUpdateId' in json) return readBinance(json, stepsOf);
  const event = json['event'];
  if (event === 'heartbeat' || event === 'systemStatus' || event === 'subscriptionStatus') return other('kraken');
  if (json['channel'] === 'book' && json['method'] === undefined) {
    throw new RangeError('expected WebSocket v1 of Kraken, was v2 (channel book)');
  }
  return other(undefined);
}

function readBinance(data: Json, stepsOf: (symbol: string) => StepFinder): CaptureMessage {
  const symbol = textOf(data['s']);
  const event = data['e'];
  const message = { family: 'binance' as const, symbol, isFutures: false, bookDepth: 0 };
  if (event === 'depthUpdate') {
    const steps = stepsOf(symbol);
    steps.addLevels(data['b']);
    steps.addLevels(data['a']);
    return { ...message, kind: 'depth', isFutures: 'pu' in data };
  }
  if (event === 'trade' || event === 'aggTrade') {
    const steps = stepsOf(symbol);
    steps.addPrice(data['p']);
    steps.addSize(data['q']);
    return { ...message, kind: event };
  }
  // Spot's ticker is the one message that does not say what it is.
  if (event === 'bookTicker' || (event === undefined && 'B' in data && 'A' in data)) {
    const steps = stepsOf(symbol);
    steps.addPrice(data['b']);
    steps.addSize(data['B']);
    steps.addPrice(data['a']);
    steps.addSize(data['A']);
    return { ...message, kind: 'ticker' };
  }
  return other('binance');
}

function readBybit(json: Json, stepsOf: (symbol: string) => StepFinder): CaptureMessage {
  const topic = textOf(json['topic']);
  const version2 = /^(orderBookL2_25|orderBook_200|trade|instrument_info|klineV2)\b/.exec(topic);
  if (version2 !== null) throw new RangeError(`expected Bybit v5, was its old API (topic ${topic})`);
  const data = json['data'];
  if (topic.startsWith('orderbook.') && isObject(data)) {
    const symbol = textOf(data['s']);
    const steps = stepsOf(symbol);
    steps.addLevels(data['b']);
    steps.addLevels(data['a']);
    return { family: 'bybit', kind: 'depth', symbol, isFutures: false, bookDepth: 0 };
  }
  if (topic.startsWith('publicTrade.') && Array.isArray(data)) {
    const symbol = topic.slice('publicTrade.'.length);
    const steps = stepsOf(symbol);
    for (const trade of data.filter(isObject)) {
      steps.addPrice(trade['p']);
      steps.addSize(trade['v']);
    }
    return { family: 'bybit', kind: 'trade', symbol, isFutures: false, bookDepth: 0 };
  }
  return other('bybit');
}

function readOkx(json: Json, stepsOf: (symbol: string) => StepFinder): CaptureMessage {
  const { arg, data } = json;
  if (!isObject(arg) || !Array.isArray(data)) return other('okx');
  const symbol = textOf(arg['instId']);
  const channel = arg['channel'];
  if (channel !== 'books' && channel !== 'trades' && channel !== 'tickers') return other('okx');
  const steps = stepsOf(symbol);
  for (const item of data.filter(isObject)) {
    if (channel === 'books') {
      steps.addLevels(item['bids']);
      steps.addLevels(item['asks']);
    } else if (channel === 'trades') {
      steps.addPrice(item['px']);
      steps.addSize(item['sz']);
    } else {
      for (const side of ['bid', 'ask']) {
        steps.addPrice(item[`${side}Px`]);
        steps.addSize(item[`${side}Sz`]);
      }
    }
  }
  const kind = channel === 'books' ? 'depth' : channel === 'trades' ? 'trade' : 'ticker';
  return { family: 'okx', kind, symbol, isFutures: false, bookDepth: 0 };
}

/** `[channel id, payload, (second payload,) channel, pair]`. */
function readKraken(data: readonly unknown[], stepsOf: (symbol: string) => StepFinder): CaptureMessage {
  const symbol = textOf(data.at(-1));
  const channel = textOf(data.at(-2));
  if (data.length < 4 || symbol === '') return other('kraken');
  const parts = data.slice(1, -2);
  if (channel.startsWith('book-')) {
    const steps = stepsOf(symbol);
    for (const part of parts.filter(isObject)) {
      for (const key of ['as', 'bs', 'a', 'b']) steps.addLevels(part[key]);
    }
    return { family: 'kraken', kind: 'depth', symbol, isFutures: false, bookDepth: Number(channel.slice(5)) || 0 };
  }
  if (channel === 'trade') {
    stepsOf(symbol).addLevels(parts[0]);
    return { family: 'kraken', kind: 'trade', symbol, isFutures: false, bookDepth: 0 };
  }
  if (channel !== 'ticker' || !isObject(parts[0])) return other('kraken');
  const steps = stepsOf(symbol);
  for (const key of ['a', 'b']) {
    // [price, whole lots, lots]
    const side = parts[0][key];
    if (Array.isArray(side)) steps.addLevels([[side[0], side[2]]]);
  }
  return { family: 'kraken', kind: 'ticker', symbol, isFutures: false, bookDepth: 0 };
}

function readUpbit(json: Json, text: string, stepsOf: (symbol: string) => StepFinder): CaptureMessage {
  const type = json['ty'] ?? json['type'];
  const symbol = textOf(json['cd'] ?? json['code']);
  if (type !== 'orderbook' && type !== 'trade') return other('upbit');
  const steps = stepsOf(symbol);
  for (const [, key, number] of text.matchAll(UPBIT_NUMBERS)) {
    if (key === 'ap' || key === 'bp' || key === 'tp' || key?.endsWith('price') === true) steps.addPrice(number);
    else steps.addSize(number);
  }
  return { family: 'upbit', kind: type === 'orderbook' ? 'depth' : 'trade', symbol, isFutures: false, bookDepth: 0 };
}

const UPBIT_NUMBERS =
  /"(ap|bp|as|bs|tp|tv|ask_price|bid_price|ask_size|bid_size|trade_price|trade_volume)":(\d[0-9.eE+-]*)/g;

/** Venue time of a message that was recorded without a local one, ms since the epoch; NaN when it says none. */
export function messageTimeMs(bytes: Buffer): number {
  for (const key of TIME_KEYS) {
    const at = bytes.indexOf(key);
    if (at < 0) continue;
    let from = at + key.length;
    if (bytes[from] === QUOTE) from++;
    let value = 0;
    let digits = 0;
    for (; digits < 14; digits++) {
      const digit = (bytes[from + digits] ?? 0) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (digits === 13) return value;
  }
  return Number.NaN;
}

const QUOTE = 34;
const TIME_KEYS = ['"ts":', '"E":', '"tms":', '"timestamp":'].map((key) => Buffer.from(key));

function other(family: ProtocolFamily | undefined): CaptureMessage {
  return { family, kind: 'other', symbol: '', isFutures: false, bookDepth: 0 };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
