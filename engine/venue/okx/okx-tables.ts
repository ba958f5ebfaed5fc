import { bitOf, defineMembers, defineWords, LevelRows, type Member, Part } from '../kernel/member-table.ts';

/** Where the kernel puts a message's numbers. */
export const Scanned = {
  channel: 0,
  isSnapshot: 1,
  /** How many objects. */
  content: 2,
  /** -1 for the object that it is. */
  subscription: 3,
} as const;
export const Channel = { books: 0, trades: 1, tickers: 2 } as const;

/** Those of a book, in its row. */
export const ScannedBook = {
  /** First level of a side, the one behind its last. */
  asks: 0,
  bids: 2,
  timeMs: 4,
  checksum: 5,
  sequence: 6,
  previous: 7,
  seen: 8,
} as const;
export const ScannedTrade = { id: 0, ticks: 1, lots: 2, isBuy: 3, timeMs: 4 } as const;
export const ScannedTicker = { bid: 0, bidSize: 1, ask: 2, askSize: 3, timeMs: 4 } as const;

const levels = { part: Part.levels, of: LevelRows.withCounts } as const;
const symbol: Member = { names: ['instId'], part: Part.sameSymbol };

const CHECKSUM = 3;
const SEQUENCE = 4;
const PREVIOUS = 5;
export const HAS_CHECKSUM = bitOf(CHECKSUM);
export const HAS_SEQUENCE = bitOf(SEQUENCE);
export const HAS_PREVIOUS = bitOf(PREVIOUS);
const signed = { part: Part.signedInteger, optional: true } as const;
const book = defineMembers(
  [
    { names: ['asks'], ...levels, at: ScannedBook.asks },
    { names: ['bids'], ...levels, at: ScannedBook.bids },
    { names: ['ts'], part: Part.quotedInteger, at: ScannedBook.timeMs },
    { names: ['checksum'], ...signed, at: ScannedBook.checksum },
    { names: ['seqId'], ...signed, at: ScannedBook.sequence },
    { names: ['prevSeqId'], ...signed, at: ScannedBook.previous },
  ],
  ScannedBook.seen,
);

const sides = defineWords([
  { text: '"buy"', at: 1 },
  { text: '"sell"', at: 0 },
]);
const trades = defineMembers([
  symbol,
  { names: ['tradeId'], part: Part.quotedInteger, at: ScannedTrade.id },
  { names: ['px'], part: Part.priceText, at: ScannedTrade.ticks },
  { names: ['sz'], part: Part.sizeText, at: ScannedTrade.lots },
  { names: ['side'], part: Part.word, at: ScannedTrade.isBuy, of: sides },
  { names: ['ts'], part: Part.quotedInteger, at: ScannedTrade.timeMs },
  { names: ['count', 'seqId', 'source'], part: Part.unread },
]);

const tickers = defineMembers([
  symbol,
  { names: ['bidPx'], part: Part.priceText, at: ScannedTicker.bid },
  { names: ['bidSz'], part: Part.sizeText, at: ScannedTicker.bidSize },
  { names: ['askPx'], part: Part.priceText, at: ScannedTicker.ask },
  { names: ['askSz'], part: Part.sizeText, at: ScannedTicker.askSize },
  { names: ['ts'], part: Part.quotedInteger, at: ScannedTicker.timeMs },
  { names: ['instType', 'last', 'lastSz', 'open24h', 'high24h', 'low24h'], part: Part.unread },
  { names: ['sodUtc0', 'sodUtc8', 'volCcy24h', 'vol24h'], part: Part.unread },
]);

const channels = defineWords([
  { text: '"books"', at: Channel.books, of: book },
  { text: '"trades"', at: Channel.trades, of: trades },
  { text: '"tickers"', at: Channel.tickers, of: tickers },
]);
const subscription = defineMembers([
  { names: ['channel'], part: Part.choice, at: Scanned.channel, of: channels },
  { names: ['instId'], part: Part.symbol },
]);
const actions = defineWords([
  { text: '"update"', at: 0 },
  { text: '"snapshot"', at: 1 },
]);

/** A push: what it is about first. */
export const push = defineMembers([
  { names: ['arg'], part: Part.content, at: Scanned.subscription, of: subscription },
  { names: ['action'], part: Part.word, at: Scanned.isSnapshot, of: actions, optional: true },
  { names: ['data'], part: Part.content, at: Scanned.content },
  { names: ['event'], part: Part.refused },
]);
