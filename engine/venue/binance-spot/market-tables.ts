import { defineMembers, defineWords, LevelRows, type Member, Part } from '../kernel/member-table.ts';
import { MessageKind, Value } from './market-message.ts';

/** Where the kernel puts what is no number of the message itself. */
export const Scanned = {
  /** The message's kind. */
  kind: 12,
  /** 1 when the buyer was the maker. */
  maker: 13,
  /** 0 for a trade that met the book. */
  type: 14,
  /** -1 for an object. */
  content: 15,
  /** First level of a side, the one behind its last. */
  bids: 16,
  asks: 18,
} as const;

const levels = { part: Part.levels, of: LevelRows.ofTwo } as const;
const integer = Part.integer;
const symbol: Member = { names: ['s'], part: Part.symbol };
const eventTime: Member = { names: ['E'], part: integer, at: Value.eventTimeUs, optional: true };
const secondEvent: Member = { names: ['e'], part: Part.refused };

const depth = defineMembers([
  eventTime,
  { names: ['T'], part: Part.unread },
  symbol,
  { names: ['U'], part: integer, at: Value.firstUpdateId },
  { names: ['u'], part: integer, at: Value.lastUpdateId },
  { names: ['pu'], part: integer, at: Value.previousUpdateId, optional: true },
  { names: ['b'], ...levels, at: Scanned.bids },
  { names: ['a'], ...levels, at: Scanned.asks },
  secondEvent,
]);

const isMaker = defineWords([
  { text: 'true', at: 1 },
  { text: 'false', at: 0 },
]);
const ofTrade: readonly Member[] = [
  eventTime,
  symbol,
  { names: ['p'], part: Part.priceText, at: Value.priceTicks },
  { names: ['q'], part: Part.sizeText, at: Value.sizeLots },
  { names: ['T'], part: integer, at: Value.tradeTimeUs, optional: true },
  { names: ['m'], part: Part.word, at: Scanned.maker, of: isMaker },
  { names: ['M'], part: Part.unread },
  secondEvent,
];
/** Of a futures trade: MARKET alone met the book. */
const types = defineWords([{ text: '"MARKET"', at: 0 }], true);
const trade = defineMembers([
  ...ofTrade,
  { names: ['t'], part: integer, at: Value.tradeId },
  { names: ['X'], part: Part.word, at: Scanned.type, of: types, optional: true },
]);
const aggregateTrade = defineMembers([
  ...ofTrade,
  { names: ['a'], part: integer, at: Value.tradeId },
  { names: ['f', 'l'], part: Part.unread },
]);

/** A ticker goes on as it began: spot's names no event, that of COIN-M comes second. */
const events = defineWords([
  { text: '"depthUpdate"', at: MessageKind.depth, of: depth },
  { text: '"trade"', at: MessageKind.trade, of: trade },
  { text: '"aggTrade"', at: MessageKind.trade, of: aggregateTrade },
  { text: '"bookTicker"', at: MessageKind.bookTicker },
]);

/** An event, as it comes on a stream of its own. */
export const event = defineMembers([
  { names: ['e'], part: Part.event, at: Scanned.kind, of: events, optional: true },
  { names: ['u'], part: integer, at: Value.lastUpdateId },
  symbol,
  { names: ['b'], part: Part.priceText, at: Value.bidTicks },
  { names: ['B'], part: Part.sizeText, at: Value.bidLots },
  { names: ['a'], part: Part.priceText, at: Value.askTicks },
  { names: ['A'], part: Part.sizeText, at: Value.askLots },
  { names: ['T', 'ps'], part: Part.unread },
  eventTime,
]);

/** A message of a combined stream: its name, and the event. */
export const combinedMessage = defineMembers([
  { names: ['stream'], part: Part.unread },
  { names: ['data'], part: Part.content, at: Scanned.content, of: event },
]);

/** The body of a REST snapshot. */
export const snapshot = defineMembers([
  { names: ['lastUpdateId'], part: integer, at: Value.lastUpdateId },
  { names: ['bids'], ...levels, at: Scanned.bids },
  { names: ['asks'], ...levels, at: Scanned.asks },
]);
