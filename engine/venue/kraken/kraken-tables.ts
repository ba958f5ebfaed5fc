import { bitOf, defineMembers, defineWords, LevelRows, Part } from '../kernel/member-table.ts';
import { type KrakenDepth, krakenDepths } from './kraken-depths.ts';

/** Where the kernel puts a message's numbers; those of the channel and of all levels come first. */
export const Scanned = {
  channelId: 0,
  channel: 1,
  /** Levels, or trades. */
  count: 2,
  newestUs: 3,
  oldestUs: 4,
  /** First level of a side, the one behind its last. */
  asks: 5,
  bids: 7,
  checksum: 9,
  /** What the first object had, and the second. */
  first: 10,
  second: 11,
} as const;

const asks = { part: Part.levels, of: LevelRows.withTime, at: Scanned.asks, optional: true } as const;
const bids = { ...asks, at: Scanned.bids } as const;
const members = [
  { names: ['a'], ...asks },
  { names: ['b'], ...bids },
  { names: ['c'], part: Part.quotedInteger, at: Scanned.checksum, optional: true },
  { names: ['as'], ...asks },
  { names: ['bs'], ...bids },
] as const;
export const Seen = {
  update: bitOf(0) | bitOf(1),
  checksum: bitOf(2),
  snapshot: bitOf(3) | bitOf(4),
} as const;

/** A book's object; of an update there may be another, for the other side. */
export const firstObject = defineMembers(members, Scanned.first);
export const secondObject = defineMembers(members, Scanned.second);

export const TRADE = 1;
/** What stands before the pair: a depth's channel of books, or that of the trades. */
export const channelsOf = new Map(
  krakenDepths.map((depth: KrakenDepth) => [
    depth,
    defineWords([
      { text: `,"book-${depth}","`, at: 0 },
      { text: ',"trade","', at: TRADE },
    ]),
  ]),
);
