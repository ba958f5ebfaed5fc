import type { Side } from '../contract/units.ts';
import { BookMessage } from './book-message.ts';

export const BatchKind = {
  /** Nothing for the market: an answer, a heartbeat. */
  none: 0,
  book: 1,
  trades: 2,
  quote: 3,
  /** The venue asks to connect anew; see `reason`. */
  reconnect: 4,
} as const;
export type BatchKind = (typeof BatchKind)[keyof typeof BatchKind];

const MAX_TRADES = 4096;

/** What one payload holds, decoded. Reused; filled by a venue's decoder. */
export class MarketBatch {
  kind: BatchKind = BatchKind.none;
  /** Set as soon as it is known, so that a bad message can be told to its instrument; -1 unknown. */
  instrument = -1;
  /** A book message: losing it makes the book unknown. Set before its content is decoded. */
  isBook = false;
  reason = '';
  readonly book = new BookMessage();

  tradeCount = 0;
  readonly tradeTicks = new Float64Array(MAX_TRADES);
  readonly tradeLots = new Float64Array(MAX_TRADES);
  readonly tradeIds = new Float64Array(MAX_TRADES);
  readonly tradeTimesUs = new Float64Array(MAX_TRADES);
  readonly tradeSides = new Uint8Array(MAX_TRADES);

  /** us since the epoch; 0 unknown. */
  quoteTimeUs = 0;
  quoteId = 0;
  /** 0 where the side is empty. */
  bidTicks = 0;
  bidLots = 0;
  askTicks = 0;
  askLots = 0;

  reset(): void {
    this.kind = BatchKind.none;
    this.instrument = -1;
    this.isBook = false;
    this.reason = '';
    this.tradeCount = 0;
  }

  /** No further trade fits. */
  get isFull(): boolean {
    return this.tradeCount === MAX_TRADES;
  }

  /** @param side the taker's. @throws RangeError when the message has too many trades. */
  addTrade(side: Side, ticks: number, lots: number, id: number, timeUs: number): void {
    if (this.isFull) throw new RangeError(`Expected at most ${MAX_TRADES} trades, was more`);
    const at = this.tradeCount++;
    this.tradeSides[at] = side;
    this.tradeTicks[at] = ticks;
    this.tradeLots[at] = lots;
    this.tradeIds[at] = id;
    this.tradeTimesUs[at] = timeUs;
  }
}
