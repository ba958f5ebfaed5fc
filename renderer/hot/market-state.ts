/** Newest state of one instrument as it came in market frames. Typed arrays only; nothing here is React state. */
import {
  LEVEL_FIELDS,
  MARKET_HEADER_FIELDS,
  MAX_FRAME_LEVELS,
  MAX_FRAME_WORKING,
  MarketField,
  marketFrameLayout,
  TRADE_FIELDS,
  WORKING_FIELDS,
} from '../../engine/contract/market-frame.ts';

/** Trades kept per instrument; older ones are in storage. */
export const TRADE_RING = 4096;

/** Receives the 1 s candle rows of a frame: `body` from field `offset`, `count` rows of CANDLE_FIELDS. */
export type CandleSink = (body: Float64Array, offset: number, count: number) => void;

export class MarketState {
  readonly instrument: number;
  readonly header = new Float64Array(MARKET_HEADER_FIELDS);
  /** {priceTicks, sizeLots} rows, best first. */
  readonly bids = new Float64Array(MAX_FRAME_LEVELS * LEVEL_FIELDS);
  readonly asks = new Float64Array(MAX_FRAME_LEVELS * LEVEL_FIELDS);
  bidCount = 0;
  askCount = 0;
  /** Rows of TRADE_FIELDS; row of trade n is n mod TRADE_RING. */
  readonly trades = new Float64Array(TRADE_RING * TRADE_FIELDS);
  /** Trades ever written; the newest is row (tradesWritten - 1) mod TRADE_RING. */
  tradesWritten = 0;
  droppedTrades = 0;
  conflatedEvents = 0;
  readonly working = new Float64Array(MAX_FRAME_WORKING * WORKING_FIELDS);
  workingCount = 0;
  /** Frames applied since the last {@link reset}. */
  frames = 0;

  constructor(instrument: number) {
    this.instrument = instrument;
  }

  /** Forgets everything: another engine session speaks from here on. */
  reset(): void {
    this.header.fill(0);
    this.bidCount = 0;
    this.askCount = 0;
    this.tradesWritten = 0;
    this.droppedTrades = 0;
    this.conflatedEvents = 0;
    this.workingCount = 0;
    this.frames = 0;
  }

  /** Takes over one frame body. @throws RangeError when its counts do not fit. */
  apply(body: Float64Array, candles: CandleSink): void {
    const layout = marketFrameLayout(body);
    const bidCount = body[MarketField.bidCount] as number;
    const askCount = body[MarketField.askCount] as number;
    const workingCount = body[MarketField.workingCount] as number;
    if (bidCount > MAX_FRAME_LEVELS || askCount > MAX_FRAME_LEVELS || workingCount > MAX_FRAME_WORKING) {
      throw new RangeError(
        `Expected at most ${MAX_FRAME_LEVELS} levels and ${MAX_FRAME_WORKING} orders, was ${bidCount}, ${askCount}, ${workingCount}`,
      );
    }
    this.header.set(body.subarray(0, MARKET_HEADER_FIELDS));
    this.bids.set(body.subarray(layout.bids, layout.asks));
    this.asks.set(body.subarray(layout.asks, layout.trades));
    this.working.set(body.subarray(layout.working, layout.end));
    this.bidCount = bidCount;
    this.askCount = askCount;
    this.workingCount = workingCount;
    this.droppedTrades += body[MarketField.droppedTrades] as number;
    this.conflatedEvents += body[MarketField.conflatedEvents] as number;
    const tradeCount = body[MarketField.tradeCount] as number;
    for (let i = 0; i < tradeCount; i++) this.pushTrade(body, layout.trades + i * TRADE_FIELDS);
    const candleCount = body[MarketField.candleCount] as number;
    if (candleCount > 0) candles(body, layout.candles, candleCount);
    this.frames++;
  }

  /** Copies one trade row from `source` into the ring. */
  pushTrade(source: Float64Array | number[], offset: number): void {
    const at = (this.tradesWritten % TRADE_RING) * TRADE_FIELDS;
    for (let field = 0; field < TRADE_FIELDS; field++) this.trades[at + field] = source[offset + field] as number;
    this.tradesWritten++;
  }

  /** Field offset of trade number `n` (0-based, since the last reset) in {@link trades}; -1 when overwritten or not there. */
  tradeOffset(n: number): number {
    if (n < 0 || n >= this.tradesWritten || n < this.tradesWritten - TRADE_RING) return -1;
    return (n % TRADE_RING) * TRADE_FIELDS;
  }

  /** Lots ahead of an own order in its queue; -1 when unknown. */
  queueAheadLots(orderNumber: number): number {
    for (let i = 0; i < this.workingCount; i++) {
      if (this.working[i * WORKING_FIELDS] === orderNumber) return this.working[i * WORKING_FIELDS + 4] as number;
    }
    return -1;
  }

  get bestBidTicks(): number {
    return this.bidCount > 0 ? (this.bids[0] as number) : Number.NaN;
  }

  get bestAskTicks(): number {
    return this.askCount > 0 ? (this.asks[0] as number) : Number.NaN;
  }

  /** Middle of the touch, else the last price, else NaN. */
  get midTicks(): number {
    if (this.bidCount > 0 && this.askCount > 0) return ((this.bids[0] as number) + (this.asks[0] as number)) / 2;
    const last = this.header[MarketField.lastPriceTicks] as number;
    return last > 0 ? last : Number.NaN;
  }
}
