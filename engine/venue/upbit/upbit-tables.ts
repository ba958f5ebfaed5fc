import { defineMembers, defineTexts, defineWords, type Member, Part } from '../kernel/member-table.ts';

/** Where the kernel puts a message's numbers. */
export const Scanned = {
  isTrade: 0,
  timeMs: 1,
  isSnapshot: 2,
  /** How the prices are grouped: wholes, units of 1e-8. */
  level: 3,
  /** Totals of asks and bids: wholes, units of 1e-8. */
  askTotal: 5,
  bidTotal: 7,
  /** Counts of asks and bids, then the sums of both as the totals. */
  units: 9,
  askSum: 11,
  bidSum: 13,
  tradeMs: 15,
  ticks: 16,
  lots: 17,
  isBuy: 18,
  /** What is above the last eight digits of the id, those. */
  id: 19,
} as const;

const other = Part.unread;
const streams = defineWords([{ text: '"SNAPSHOT"', at: 1 }], true);
/** What both begin with; what a message says anew about itself, or about an error, is not for the kernel. */
const head: readonly Member[] = [
  { names: ['code', 'cd'], part: Part.symbol },
  { names: ['timestamp', 'tms'], part: Part.integer, at: Scanned.timeMs },
  { names: ['stream_type', 'st'], part: Part.word, at: Scanned.isSnapshot, of: streams, optional: true },
  { names: ['type', 'ty', 'error'], part: Part.refused },
];

function bookOf(texts: readonly [string, string, string, string]): number {
  return defineMembers([
    ...head,
    { names: ['total_ask_size', 'tas'], part: Part.sum, at: Scanned.askTotal },
    { names: ['total_bid_size', 'tbs'], part: Part.sum, at: Scanned.bidTotal },
    { names: ['orderbook_units', 'obu'], part: Part.units, at: Scanned.units, of: defineTexts(texts) },
    { names: ['level', 'lv'], part: Part.sum, at: Scanned.level, optional: true },
  ]);
}

const sides = defineWords([
  { text: '"BID"', at: 1 },
  { text: '"ASK"', at: 0 },
]);
const trade = defineMembers([
  ...head,
  { names: ['trade_date', 'td', 'trade_time', 'ttm'], part: other },
  { names: ['trade_timestamp', 'ttms'], part: Part.integer, at: Scanned.tradeMs },
  { names: ['trade_price', 'tp'], part: Part.priceNumber, at: Scanned.ticks },
  { names: ['trade_volume', 'tv'], part: Part.sizeNumber, at: Scanned.lots },
  { names: ['ask_bid', 'ab'], part: Part.word, at: Scanned.isBuy, of: sides },
  { names: ['prev_closing_price', 'pcp', 'change', 'c', 'change_price', 'cp'], part: other },
  { names: ['sequential_id', 'sid'], part: Part.longInteger, at: Scanned.id },
  { names: ['best_ask_price', 'bap', 'best_ask_size', 'bas'], part: other },
  { names: ['best_bid_price', 'bbp', 'best_bid_size', 'bbs'], part: other },
]);

function messageOf(name: string, book: number): number {
  const types = defineWords([
    { text: '"orderbook"', at: 0, of: book },
    { text: '"trade"', at: 1, of: trade },
  ]);
  return defineMembers([{ names: [name], part: Part.event, at: Scanned.isTrade, of: types }]);
}

/** A message in the format DEFAULT, and in SIMPLE: the type first. */
export const defaultMessage = messageOf(
  'type',
  bookOf(['{"ask_price":', ',"bid_price":', ',"ask_size":', ',"bid_size":']),
);
export const simpleMessage = messageOf('ty', bookOf(['{"ap":', ',"bp":', ',"as":', ',"bs":']));
