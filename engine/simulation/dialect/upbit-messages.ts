import { Side } from '../../contract/units.ts';
import { trimmedText } from '../decimal-text.ts';
import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import type { ToldLevel } from './book-memory.ts';
import type { BookUpdate } from './dialect.ts';

export const upbitFormats = ['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'] as const;
export type UpbitFormat = (typeof upbitFormats)[number];
export type UpbitStream = 'SNAPSHOT' | 'REALTIME';

/** Names of the fields, DEFAULT and SIMPLE. */
const NAMES: readonly (readonly [long: string, short: string])[] = [
  ['type', 'ty'],
  ['code', 'cd'],
  ['timestamp', 'tms'],
  ['total_ask_size', 'tas'],
  ['total_bid_size', 'tbs'],
  ['orderbook_units', 'obu'],
  ['level', 'lv'],
  ['stream_type', 'st'],
  ['trade_date', 'td'],
  ['trade_time', 'ttm'],
  ['trade_timestamp', 'ttms'],
  ['trade_price', 'tp'],
  ['trade_volume', 'tv'],
  ['ask_bid', 'ab'],
  ['prev_closing_price', 'pcp'],
  ['change', 'c'],
  ['change_price', 'cp'],
  ['sequential_id', 'sid'],
  ['best_ask_price', 'bap'],
  ['best_ask_size', 'bas'],
  ['best_bid_price', 'bbp'],
  ['best_bid_size', 'bbs'],
];
const SHORT: ReadonlyMap<string, string> = new Map(NAMES);
const LONG_UNIT = ['ask_price', 'bid_price', 'ask_size', 'bid_size'] as const;
const SHORT_UNIT = ['ap', 'bp', 'as', 'bs'] as const;
/** Totals are written with as many. */
const UNIT_DECIMALS = 8;

type Field = readonly [name: string, json: string];

/** A price as the venue prints numbers: at least one decimal. */
export function upbitPrice(spec: SymbolSpec, ticks: number): string {
  const text = trimmedText(ticks * spec.tickUnits, spec.priceDecimals);
  return text.includes('.') ? text : `${text}.0`;
}

export function upbitSize(spec: SymbolSpec, lots: number): string {
  return trimmedText(lots, spec.sizeDecimals);
}

/** A whole book: the totals are those of the levels that it shows. A side with fewer levels is filled up with zeros. */
export function bookMessage(update: BookUpdate, stream: UpbitStream, format: UpbitFormat): string {
  const { market, bids, asks, timeMs } = update;
  const { spec } = market;
  // Some hundred numbers a message: without a list of fields for each level.
  const isSimple = format.startsWith('SIMPLE');
  const [askPrice, bidPrice, askSize, bidSize] = isSimple ? SHORT_UNIT : LONG_UNIT;
  const price = (level: ToldLevel | undefined): string => (level === undefined ? '0' : upbitPrice(spec, level.ticks));
  const size = (level: ToldLevel | undefined): string => (level === undefined ? '0' : upbitSize(spec, level.lots));
  const units: string[] = [];
  for (let i = 0; i < Math.max(bids.length, asks.length); i++) {
    const [ask, bid] = [asks[i], bids[i]];
    units.push(
      `{"${askPrice}":${price(ask)},"${bidPrice}":${price(bid)},"${askSize}":${size(ask)},"${bidSize}":${size(bid)}}`,
    );
  }
  const fields: Field[] = [
    ['type', '"orderbook"'],
    ['code', `"${spec.symbol}"`],
    ['timestamp', String(timeMs)],
    ['total_ask_size', total(spec, asks)],
    ['total_bid_size', total(spec, bids)],
    ['orderbook_units', `[${units.join(',')}]`],
    ['level', '0'],
    ['stream_type', `"${stream}"`],
  ];
  return messageOf(fields, format);
}

/** A trade; the venue's id is the time and four digits more: above 2^53. */
export function tradeMessage(
  market: SimulatedMarket,
  trade: PublicTrade,
  stream: UpbitStream,
  format: UpbitFormat,
): string {
  const { spec, quote } = market;
  const { timeMs, priceTicks } = trade;
  const [date = '', time = ''] = new Date(timeMs).toISOString().split('T');
  const change = priceTicks - spec.startPriceTicks;
  const fields: Field[] = [
    ['type', '"trade"'],
    ['code', `"${spec.symbol}"`],
    ['timestamp', String(timeMs)],
    ['trade_date', `"${date}"`],
    ['trade_time', `"${time.slice(0, 8)}"`],
    ['trade_timestamp', String(timeMs)],
    ['trade_price', upbitPrice(spec, priceTicks)],
    ['trade_volume', upbitSize(spec, trade.sizeLots)],
    ['ask_bid', trade.takerSide === Side.buy ? '"BID"' : '"ASK"'],
    ['prev_closing_price', upbitPrice(spec, spec.startPriceTicks)],
    ['change', change > 0 ? '"RISE"' : change < 0 ? '"FALL"' : '"EVEN"'],
    ['change_price', upbitPrice(spec, Math.abs(change))],
    ['sequential_id', `${timeMs}${String(trade.tradeId % 10_000).padStart(4, '0')}`],
    ['best_ask_price', upbitPrice(spec, quote.askTicks)],
    ['best_ask_size', upbitSize(spec, quote.askLots)],
    ['best_bid_price', upbitPrice(spec, quote.bidTicks)],
    ['best_bid_size', upbitSize(spec, quote.bidLots)],
    ['stream_type', `"${stream}"`],
  ];
  return messageOf(fields, format);
}

function messageOf(fields: readonly Field[], format: UpbitFormat): string {
  const json = objectOf(fields, format);
  return format.endsWith('LIST') ? `[${json}]` : json;
}

function objectOf(fields: readonly Field[], format: UpbitFormat): string {
  const isSimple = format.startsWith('SIMPLE');
  return `{${fields.map(([name, json]) => `"${isSimple ? SHORT.get(name) : name}":${json}`).join(',')}}`;
}

/** Sums may pass 2^53 lots: they are made with big integers. */
function total(spec: SymbolSpec, levels: readonly ToldLevel[]): string {
  let lots = 0n;
  for (const level of levels) lots += BigInt(level.lots);
  const scale = 10n ** BigInt(UNIT_DECIMALS - spec.sizeDecimals);
  const units = String(lots * scale).padStart(UNIT_DECIMALS + 1, '0');
  return `${units.slice(0, -UNIT_DECIMALS)}.${units.slice(-UNIT_DECIMALS)}`;
}
