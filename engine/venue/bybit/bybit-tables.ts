import { bitOf, defineMembers, defineWords, LevelRows, type Member, Part } from '../kernel/member-table.ts';

/** Where the kernel puts a message's numbers. */
export const Scanned = {
  depth: 0,
  isSnapshot: 1,
  pushMs: 2,
  engineMs: 3,
  update: 4,
  sequence: 5,
  /** First level of a side, the one behind its last. */
  bids: 6,
  asks: 8,
  /** How many trades; -1 for a book. */
  content: 10,
} as const;

/** Those of a trade, in its row. */
export const ScannedTrade = {
  timeMs: 0,
  ticks: 1,
  lots: 2,
  isBuy: 3,
  sequence: 4,
  /** Two hashes of its id. */
  id: 5,
  seen: 7,
} as const;

const integer = Part.integer;
const levels = { part: Part.levels, of: LevelRows.ofTwo } as const;
const symbol: Member = { names: ['s'], part: Part.sameSymbol };

const book = defineMembers([
  symbol,
  { names: ['b'], ...levels, at: Scanned.bids },
  { names: ['a'], ...levels, at: Scanned.asks },
  { names: ['u'], part: integer, at: Scanned.update },
  { names: ['seq'], part: integer, at: Scanned.sequence },
]);

const sides = defineWords([
  { text: '"Buy"', at: 1 },
  { text: '"Sell"', at: 0 },
]);
/** Spot's have no number in the order of the book. */
const SEQUENCE = 6;
export const TRADE_HAS_SEQUENCE = bitOf(SEQUENCE);
const trades = defineMembers(
  [
    { names: ['T'], part: integer, at: ScannedTrade.timeMs },
    { ...symbol, optional: true },
    { names: ['S'], part: Part.word, at: ScannedTrade.isBuy, of: sides },
    { names: ['v'], part: Part.sizeText, at: ScannedTrade.lots },
    { names: ['p'], part: Part.priceText, at: ScannedTrade.ticks },
    { names: ['i'], part: Part.hashedText, at: ScannedTrade.id },
    { names: ['seq'], part: integer, at: ScannedTrade.sequence, optional: true },
    { names: ['L', 'BT', 'RPI'], part: Part.unread },
  ],
  ScannedTrade.seen,
);

const topics = defineWords([
  { text: '"orderbook.', at: 1, of: book },
  { text: '"publicTrade.', at: 0, of: trades },
]);
const types = defineWords([
  { text: '"delta"', at: 0 },
  { text: '"snapshot"', at: 1 },
]);

/** A push: the topic first, the rest in any order (it differs between spot and futures). */
export const push = defineMembers([
  { names: ['topic'], part: Part.topic, at: Scanned.depth, of: topics },
  { names: ['type'], part: Part.word, at: Scanned.isSnapshot, of: types, optional: true },
  { names: ['ts'], part: integer, at: Scanned.pushMs },
  { names: ['data'], part: Part.content, at: Scanned.content },
  { names: ['cts'], part: integer, at: Scanned.engineMs, optional: true },
]);
