import { Side } from '../../contract/units.ts';
import { LevelList } from '../level-list.ts';

/** What a payload turned out to be. */
export const BybitMessageKind = {
  /** An answer, a pong, a topic that is not wanted. */
  ignored: 0,
  snapshot: 1,
  delta: 2,
  /** Trades follow from `BybitDecoder.nextTrade`. */
  trades: 3,
  /** Not understood, or not true; `reason` says why. */
  bad: 4,
} as const;
export type BybitMessageKind = (typeof BybitMessageKind)[keyof typeof BybitMessageKind];

/** One decoded payload of Bybit's v5 public streams; reused. */
export class BybitMessage {
  kind: BybitMessageKind = BybitMessageKind.ignored;
  /** Index of the instrument, -1 while unknown. */
  instrument = -1;
  reason = '';
  /** With `bad`: it was a book message of `instrument`, which is lost. */
  wasBook = false;
  /** Levels a side that the book's topic names. */
  depth = 0;
  updateId = 0;
  sequence = 0;
  /** Time of the matching engine (`cts`), else of the push (`ts`), us since the epoch. */
  timeUs = 0;
  readonly bids = new LevelList();
  readonly asks = new LevelList();
  /** Sizes that lay between two lots and were rounded to the nearest, at least 1. */
  inexactSizes = 0;

  // The newest trade.
  tradeTimeMs = 0;
  tradeSide: Side = Side.none;
  tradePriceTicks = 0;
  tradeSizeLots = 0;
  tradeSequence = 0;
  /** Two independent 32-bit hashes of the venue's id. */
  tradeIdHashA = 0;
  tradeIdHashB = 0;

  /** Forgets the payload before. */
  reset(): void {
    this.kind = BybitMessageKind.ignored;
    this.instrument = -1;
    this.reason = '';
    this.wasBook = false;
    this.depth = this.updateId = this.sequence = this.timeUs = this.inexactSizes = 0;
    this.bids.count = this.asks.count = 0;
  }
}
