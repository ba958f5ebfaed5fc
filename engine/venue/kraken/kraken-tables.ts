import { bitOf, defineMembers, defineWords, LevelRows, Part } from '../kernel/member-table.ts';
import { type KrakenDepth, krakenDepths } from './kraken-depths.ts';

/** Where the kernel puts a message's numbers; the number of its channel, and what the channel is, come first. */
export const Scanned = {
  channelId: 0,
  channel: 1,
  /** First level of a side, the one behind its last. */
  asks: 2,
  bids: 4,
  checksum: 6,
  /** What the first object had, and the second. */
  first: 7,
  second: 8,
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
