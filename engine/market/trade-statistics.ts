import { Side } from '../contract/units.ts';
import { TradeIdWindow } from './trade-id-window.ts';

/** Totals over the trades of one instrument since the session's start; a repeated trade id counts once. */
export class TradeStatistics {
  readonly #ids = new TradeIdWindow();
  #count = 0;
  #firstId = 0;
  #lastId = 0;
  #buyVolumeLots = 0;
  #sellVolumeLots = 0;
  #lowTicks = 0;
  #highTicks = 0;
  #firstPriceTicks = 0;
  #lastPriceTicks = 0;
  #lastSizeLots = 0;
  #lastSide: Side = 0;

  /** @param side the aggressor. */
  addTrade(priceTicks: number, sizeLots: number, side: Side, tradeId: number): void {
    if (!this.#ids.add(tradeId)) return;
    if (this.#count === 0 || tradeId < this.#firstId) {
      this.#firstId = tradeId;
      this.#firstPriceTicks = priceTicks;
    }
    if (this.#count === 0 || tradeId > this.#lastId) {
      this.#lastId = tradeId;
      this.#lastPriceTicks = priceTicks;
      this.#lastSizeLots = sizeLots;
      this.#lastSide = side;
    }
    if (this.#count === 0 || priceTicks < this.#lowTicks) this.#lowTicks = priceTicks;
    if (this.#count === 0 || priceTicks > this.#highTicks) this.#highTicks = priceTicks;
    if (side === Side.buy) this.#buyVolumeLots += sizeLots;
    else this.#sellVolumeLots += sizeLots;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }
  /** Lowest trade id; 0 when there was no trade, as are all below. */
  get firstId(): number {
    return this.#firstId;
  }
  get lastId(): number {
    return this.#lastId;
  }
  get volumeLots(): number {
    return this.#buyVolumeLots + this.#sellVolumeLots;
  }
  /** Volume of trades whose aggressor bought. */
  get buyVolumeLots(): number {
    return this.#buyVolumeLots;
  }
  get sellVolumeLots(): number {
    return this.#sellVolumeLots;
  }
  get lowTicks(): number {
    return this.#lowTicks;
  }
  get highTicks(): number {
    return this.#highTicks;
  }
  /** Price of the trade with the lowest id. */
  get firstPriceTicks(): number {
    return this.#firstPriceTicks;
  }
  /** Price of the trade with the highest id. */
  get lastPriceTicks(): number {
    return this.#lastPriceTicks;
  }
  get lastSizeLots(): number {
    return this.#lastSizeLots;
  }
  /** Aggressor of the trade with the highest id. */
  get lastSide(): Side {
    return this.#lastSide;
  }
}
