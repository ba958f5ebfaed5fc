/** What each row of the ladder shows: a pure function of market state, prints, scroll position and step. */
import { LEVEL_FIELDS, MarketField } from '../../engine/contract/market-frame.ts';
import { Side } from '../../engine/contract/units.ts';
import type { MarketState } from './market-state.ts';
import { priceBucket } from './price-bucket.ts';
import type { RecentPrints } from './recent-prints.ts';

export const MAX_LADDER_ROWS = 160;

export const RowFlag = { bestBid: 1, bestAsk: 2, lastPrice: 4, spread: 8, entry: 16 } as const;

/** The largest rows of one build, largest first. */
const largest = new Float64Array(4);

function keepLargest(lots: number): void {
  for (let i = 0; i < largest.length; i++) {
    if (lots <= (largest[i] as number)) continue;
    largest.copyWithin(i + 1, i, largest.length - 1);
    largest[i] = lots;
    return;
  }
}

export class LadderModel {
  /** Row 0 is the top: the highest price. Lots. */
  readonly bid = new Float64Array(MAX_LADDER_ROWS);
  readonly ask = new Float64Array(MAX_LADDER_ROWS);
  /** Signed by the last aggressor: negative for sells. */
  readonly last = new Float64Array(MAX_LADDER_ROWS);
  readonly flags = new Uint8Array(MAX_LADDER_ROWS);
  rowCount = 0;
  topBucket = 0;
  step = 1;
  /** Size that fills a depth bar: the fourth largest row, so that one wall does not flatten the rest. Rises at once, falls slowly, so that bars do not pulse. */
  barLots = 1;

  /** Price of a row in ticks. */
  priceTicks(row: number): number {
    return (this.topBucket - row) * this.step;
  }

  /** Row of a bucket, or -1 when out of sight. */
  rowOf(bucket: number): number {
    const row = this.topBucket - bucket;
    return row >= 0 && row < this.rowCount ? row : -1;
  }

  /** Recomputes all rows. `topBucket` is the bucket of row 0. */
  build(state: MarketState, prints: RecentPrints, topBucket: number, rowCount: number, step: number): void {
    const rows = Math.min(rowCount, MAX_LADDER_ROWS);
    if (step !== this.step) this.barLots = 1;
    this.topBucket = topBucket;
    this.rowCount = rows;
    this.step = step;
    this.bid.fill(0, 0, rows);
    this.ask.fill(0, 0, rows);
    this.flags.fill(0, 0, rows);
    largest.fill(0);
    for (let i = 0; i < state.bidCount; i++) {
      const row = topBucket - priceBucket(state.bids[i * LEVEL_FIELDS] as number, step, false);
      if (row >= rows) break;
      if (row < 0) continue;
      const lots = (this.bid[row] as number) + (state.bids[i * LEVEL_FIELDS + 1] as number);
      this.bid[row] = lots;
      keepLargest(lots);
    }
    for (let i = 0; i < state.askCount; i++) {
      const row = topBucket - priceBucket(state.asks[i * LEVEL_FIELDS] as number, step, true);
      if (row < 0) break;
      if (row >= rows) continue;
      const lots = (this.ask[row] as number) + (state.asks[i * LEVEL_FIELDS + 1] as number);
      this.ask[row] = lots;
      keepLargest(lots);
    }
    this.barLots = Math.max(largest[largest.length - 1] as number, this.barLots * 0.985, 1);

    const nowUs = state.header[MarketField.exchangeTimeUs] as number;
    for (let row = 0; row < rows; row++) this.last[row] = prints.signedLots(topBucket - row, nowUs);

    const bidRow = state.bidCount > 0 ? topBucket - priceBucket(state.bestBidTicks, step, false) : Number.NaN;
    const askRow = state.askCount > 0 ? topBucket - priceBucket(state.bestAskTicks, step, true) : Number.NaN;
    this.#flag(bidRow, RowFlag.bestBid);
    this.#flag(askRow, RowFlag.bestAsk);
    for (let row = Math.max(0, askRow + 1); row < Math.min(rows, bidRow); row++) this.#flag(row, RowFlag.spread);
    const lastTicks = state.header[MarketField.lastPriceTicks] as number;
    if (lastTicks > 0) {
      const bought = state.header[MarketField.lastSide] === Side.buy;
      this.#flag(topBucket - priceBucket(lastTicks, step, bought), RowFlag.lastPrice);
    }
    const entryTicks = state.header[MarketField.averagePriceTicks] as number;
    if (entryTicks > 0) this.#flag(topBucket - Math.round(entryTicks / step), RowFlag.entry);
  }

  #flag(row: number, flag: number): void {
    if (row >= 0 && row < this.rowCount) this.flags[row] = (this.flags[row] as number) | flag;
  }
}

/** Bucket of the top row that puts the middle of the market into the middle row. */
export function centredTop(midTicks: number, step: number, rowCount: number): number {
  return Math.round(midTicks / step) + Math.floor(rowCount / 2);
}

/**
 * Whether an unattended ladder should re-centre: only when the market left the middle half of the rows, so that it moves
 * seldom and then far.
 */
export function shouldRecentre(midTicks: number, step: number, topBucket: number, rowCount: number): boolean {
  const row = topBucket - midTicks / step;
  return !(row >= rowCount * 0.25 && row <= rowCount * 0.75);
}
