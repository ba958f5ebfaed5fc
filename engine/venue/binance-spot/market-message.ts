/** What a decoded payload turned out to be. */
export const MessageKind = {
  /** Nothing the engine needs: a subscription's answer, a stream of another kind. */
  ignored: 0,
  depth: 1,
  /** trade or aggTrade. */
  trade: 2,
  bookTicker: 3,
  snapshot: 4,
  /** The venue will cut the connection. */
  shutdown: 5,
  /** Not understood, or not true: `reason` says why. `instrument` is known when it could be told whose it was. */
  bad: 6,
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

const MAX_LEVELS = 1 << 16;

/** Reused result of decoding one payload. Which fields count depends on `kind`. */
export class MarketMessage {
  kind: MessageKind = MessageKind.ignored;
  /** Index of the instrument, -1 while unknown. */
  instrument = -1;
  reason = '';
  /** A depth update was lost: its instrument's book is no longer right. Only with `bad`. */
  wasDepth = false;
  /** Venue time of the event (and of the trade), us since the epoch; 0 when absent. */
  eventTimeUs = 0;
  tradeTimeUs = 0;
  /** Depth: U and u. Ticker: `lastUpdateId`. Snapshot: `lastUpdateId`. */
  firstUpdateId = 0;
  lastUpdateId = 0;
  /** Depth of futures: `pu`, the last id of the update before; -1 when absent. */
  previousUpdateId = -1;
  tradeId = 0;
  priceTicks = 0;
  sizeLots = 0;
  /** The buyer was the maker: the aggressor sold. */
  buyerIsMaker = false;
  bidTicks = 0;
  bidLots = 0;
  askTicks = 0;
  askLots = 0;
  bidCount = 0;
  askCount = 0;
  /** Sizes that lay between two lots and were rounded. */
  inexactSizes = 0;
  /** Pairs of priceTicks, sizeLots; `bidCount` and `askCount` of them count. */
  bids = new Float64Array(2 * 1024);
  asks = new Float64Array(2 * 1024);

  reset(): void {
    this.kind = MessageKind.ignored;
    this.instrument = -1;
    this.reason = '';
    this.wasDepth = false;
    this.eventTimeUs = 0;
    this.tradeTimeUs = 0;
    this.firstUpdateId = 0;
    this.lastUpdateId = 0;
    this.previousUpdateId = -1;
    this.tradeId = 0;
    this.bidCount = 0;
    this.askCount = 0;
    this.inexactSizes = 0;
  }

  /** Doubles the room for bids or asks; false at the limit of 65,536 levels. */
  growLevels(bids: boolean): boolean {
    const old = bids ? this.bids : this.asks;
    if (old.length >= 2 * MAX_LEVELS) return false;
    const grown = new Float64Array(old.length * 2);
    grown.set(old);
    if (bids) this.bids = grown;
    else this.asks = grown;
    return true;
  }

  /** Marks the message bad. */
  fail(reason: string): void {
    this.kind = MessageKind.bad;
    this.reason = reason;
  }
}

/** Venue time stamps come in ms or, with `timeUnit=MICROSECOND` and in files from 2025 on, in us. */
export function toMicroseconds(time: number): number {
  return time < 1e14 ? time * 1000 : time;
}
