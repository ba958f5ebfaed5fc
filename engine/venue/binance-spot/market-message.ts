import { LevelList } from '../level-list.ts';

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

/** Where a message's numbers lie in {@link MarketMessage.values}: the scanners write them there in place. */
export const Value = {
  eventTimeUs: 0,
  tradeTimeUs: 1,
  firstUpdateId: 2,
  lastUpdateId: 3,
  previousUpdateId: 4,
  tradeId: 5,
  priceTicks: 6,
  sizeLots: 7,
  bidTicks: 8,
  bidLots: 9,
  askTicks: 10,
  askLots: 11,
} as const;
const VALUES = 12;

/** Reused result of decoding one payload. Which fields count depends on `kind`. */
export class MarketMessage {
  kind: MessageKind = MessageKind.ignored;
  /** Index of the instrument, -1 while unknown. */
  instrument = -1;
  reason = '';
  /** A depth update was lost: its instrument's book is no longer right. Only with `bad`. */
  wasDepth = false;
  /** The buyer was the maker: the aggressor sold. */
  buyerIsMaker = false;
  /** Sizes that lay between two lots and were rounded. */
  inexactSizes = 0;
  readonly bids = new LevelList();
  readonly asks = new LevelList();
  /** The numbers, by {@link Value}: in an array they are never boxed. */
  readonly values: Float64Array = new Float64Array(VALUES);

  /** Venue time of the event (and of the trade), us since the epoch; 0 when absent. */
  get eventTimeUs(): number {
    return this.values[Value.eventTimeUs] as number;
  }
  set eventTimeUs(value: number) {
    this.values[Value.eventTimeUs] = value;
  }
  get tradeTimeUs(): number {
    return this.values[Value.tradeTimeUs] as number;
  }
  set tradeTimeUs(value: number) {
    this.values[Value.tradeTimeUs] = value;
  }
  /** Depth: U and u. Ticker: `lastUpdateId`. Snapshot: `lastUpdateId`. */
  get firstUpdateId(): number {
    return this.values[Value.firstUpdateId] as number;
  }
  set firstUpdateId(value: number) {
    this.values[Value.firstUpdateId] = value;
  }
  get lastUpdateId(): number {
    return this.values[Value.lastUpdateId] as number;
  }
  set lastUpdateId(value: number) {
    this.values[Value.lastUpdateId] = value;
  }
  /** Depth of futures: `pu`, the last id of the update before; -1 when absent. */
  get previousUpdateId(): number {
    return this.values[Value.previousUpdateId] as number;
  }
  set previousUpdateId(value: number) {
    this.values[Value.previousUpdateId] = value;
  }
  get tradeId(): number {
    return this.values[Value.tradeId] as number;
  }
  set tradeId(value: number) {
    this.values[Value.tradeId] = value;
  }
  get priceTicks(): number {
    return this.values[Value.priceTicks] as number;
  }
  set priceTicks(value: number) {
    this.values[Value.priceTicks] = value;
  }
  get sizeLots(): number {
    return this.values[Value.sizeLots] as number;
  }
  set sizeLots(value: number) {
    this.values[Value.sizeLots] = value;
  }
  get bidTicks(): number {
    return this.values[Value.bidTicks] as number;
  }
  set bidTicks(value: number) {
    this.values[Value.bidTicks] = value;
  }
  get bidLots(): number {
    return this.values[Value.bidLots] as number;
  }
  set bidLots(value: number) {
    this.values[Value.bidLots] = value;
  }
  get askTicks(): number {
    return this.values[Value.askTicks] as number;
  }
  set askTicks(value: number) {
    this.values[Value.askTicks] = value;
  }
  get askLots(): number {
    return this.values[Value.askLots] as number;
  }
  set askLots(value: number) {
    this.values[Value.askLots] = value;
  }

  reset(): void {
    this.kind = MessageKind.ignored;
    this.instrument = -1;
    this.reason = '';
    this.wasDepth = false;
    const { values } = this;
    for (let i = 0; i < VALUES; i++) values[i] = 0;
    values[Value.previousUpdateId] = -1;
    this.bids.count = 0;
    this.asks.count = 0;
    this.inexactSizes = 0;
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
