import { Side } from '../../contract/units.ts';
import { LevelList } from '../level-list.ts';

/** What one message turned out to be. */
export const UpbitMessageKind = {
  /** `{"status":"UP"}`, a type that is not wanted. */
  ignored: 0,
  book: 1,
  trade: 2,
  /** Not understood, or not true; `reason` says why. */
  bad: 3,
} as const;
export type UpbitMessageKind = (typeof UpbitMessageKind)[keyof typeof UpbitMessageKind];

/** One decoded message of Upbit's public stream; reused. */
export class UpbitMessage {
  kind: UpbitMessageKind = UpbitMessageKind.ignored;
  /** Index of the instrument, -1 while unknown. */
  instrument = -1;
  reason = '';
  /** With `bad`: it was a book of `instrument`, which is lost. */
  wasBook = false;
  /** Book: prices rise strictly in asks and fall strictly in bids. */
  readonly asks = new LevelList();
  readonly bids = new LevelList();
  /** The level sizes do not add up to what the message says they do, side by side. */
  totalsDiffer = false;
  timeMs = 0;
  /** The venue's answer to a subscription, not something that has just happened. */
  isSnapshot = false;
  inexactSizes = 0;

  tradeTimeMs = 0;
  tradeSide: Side = Side.none;
  tradePriceTicks = 0;
  tradeSizeLots = 0;
  /** `sequential_id` is `tradeIdHigh` times 1e8 plus `tradeIdLow`, exactly, up to 23 digits. */
  tradeIdHigh = 0;
  tradeIdLow = 0;

  /** Forgets the message before. */
  reset(): void {
    this.kind = UpbitMessageKind.ignored;
    this.instrument = -1;
    this.reason = '';
    this.wasBook = this.totalsDiffer = this.isSnapshot = false;
    this.asks.count = this.bids.count = 0;
    this.timeMs = this.inexactSizes = 0;
  }
}
