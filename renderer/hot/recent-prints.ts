/** Size traded lately at each price row of the ladder: a run of prints at a price, forgotten after a pause. */
import { TRADE_FIELDS } from '../../engine/contract/market-frame.ts';
import { Side } from '../../engine/contract/units.ts';
import type { MarketState } from './market-state.ts';
import { priceBucket } from './price-bucket.ts';

const SLOTS = 1024;
/** A run of prints ends after this pause; the row is blank again. us of venue time. */
export const PRINT_LIFE_US = 5_000_000;

/** Direct-mapped by price bucket; two buckets 1024 rows apart share a slot, the newer one wins. */
export class RecentPrints {
  #step = 1;
  readonly #bucket = new Float64Array(SLOTS).fill(Number.NaN);
  readonly #lots = new Float64Array(SLOTS);
  readonly #side = new Float64Array(SLOTS);
  readonly #timeUs = new Float64Array(SLOTS);
  #consumed = 0;
  #newestUs = 0;

  /** Takes the trades that `state` got since the last call; starts over when the step changed or the state was reset. */
  update(state: MarketState, step: number): void {
    if (step !== this.#step || state.tradesWritten < this.#consumed) {
      this.#step = step;
      this.#bucket.fill(Number.NaN);
      this.#consumed = 0;
      this.#newestUs = 0;
    }
    for (let n = Math.max(this.#consumed, state.tradesWritten - SLOTS); n < state.tradesWritten; n++) {
      const at = n >= 0 ? state.tradeOffset(n) : -1;
      if (at < 0) continue;
      this.#add(
        state.trades[at] as number,
        state.trades[at + 1] as number,
        state.trades[at + 2] as number,
        state.trades[at + TRADE_FIELDS - 1] as number,
      );
    }
    this.#consumed = state.tradesWritten;
  }

  #add(timeUs: number, priceTicks: number, sizeLots: number, side: number): void {
    const bucket = priceBucket(priceTicks, this.#step, side === Side.buy);
    const slot = ((bucket % SLOTS) + SLOTS) % SLOTS;
    if (this.#bucket[slot] !== bucket || timeUs - (this.#timeUs[slot] as number) > PRINT_LIFE_US) {
      this.#bucket[slot] = bucket;
      this.#lots[slot] = 0;
    }
    this.#lots[slot] = (this.#lots[slot] as number) + sizeLots;
    this.#side[slot] = side;
    this.#timeUs[slot] = timeUs;
    if (timeUs > this.#newestUs) this.#newestUs = timeUs;
  }

  /** Lots printed at a bucket in the current run, negative when the last aggressor sold; 0 when none or `nowUs` is past its life. */
  signedLots(bucket: number, nowUs: number): number {
    const slot = ((bucket % SLOTS) + SLOTS) % SLOTS;
    if (this.#bucket[slot] !== bucket) return 0;
    if (Math.max(nowUs, this.#newestUs) - (this.#timeUs[slot] as number) > PRINT_LIFE_US) return 0;
    const lots = this.#lots[slot] as number;
    return this.#side[slot] === Side.sell ? -lots : lots;
  }
}
