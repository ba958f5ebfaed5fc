import { Side } from '../contract/units.ts';
import { ExponentialAverage } from './exponential-average.ts';
import { RollingSum } from './rolling-sum.ts';
import { TradeIdWindow } from './trade-id-window.ts';
import { VolumeWeightedPrice } from './volume-weighted-price.ts';

export interface TradeFeaturesOptions {
  /** How far back `deltaLots` looks, ns. */
  deltaWindowNs: number;
  /** Trades of the moving average. */
  averagePeriod: number;
}

/**
 * What a strategy reads off the trades of one instrument, brought up to date with each. Nothing is allocated.
 *
 * A trade id counts once. Sums (`cumulativeDeltaLots`, `volumeLots`, `vwapTicks`) depend on the set of trades alone, not
 * on their order; `deltaLots` goes by the time they arrived, and the moving average leaves out a trade that is older (by
 * id) than one it has.
 */
export class TradeFeatures {
  readonly #ids = new TradeIdWindow();
  readonly #delta: RollingSum;
  readonly #average: ExponentialAverage;
  readonly #price = new VolumeWeightedPrice();
  /** Cumulative delta, newest id. */
  readonly #state = new Float64Array(2);
  #repeatedTrades = 0;

  /** @throws RangeError when an option is no positive number. */
  constructor(options: TradeFeaturesOptions) {
    this.#delta = new RollingSum(options.deltaWindowNs);
    this.#average = new ExponentialAverage(options.averagePeriod);
  }

  /** Volume of aggressive buyers less that of aggressive sellers within the window, lots, as of the newest time given. */
  get deltaLots(): number {
    return this.#delta.value;
  }
  /** The same since the session's start (CVD). */
  get cumulativeDeltaLots(): number {
    return this.#state[0] as number;
  }
  get volumeLots(): number {
    return this.#price.volume;
  }
  /** Volume-weighted average price since the session's start, fractional ticks; 0 before the first trade. */
  get vwapTicks(): number {
    return this.#price.value;
  }
  /** Exponential moving average of the prices, fractional ticks; see `averageValid`. */
  get averageTicks(): number {
    return this.#average.value;
  }
  get averageValid(): boolean {
    return this.#average.valid;
  }
  get repeatedTrades(): number {
    return this.#repeatedTrades;
  }

  /** @param timeNs engine time of arrival; @param side the aggressor. */
  addTrade(timeNs: number, priceTicks: number, sizeLots: number, side: Side, tradeId: number): void {
    if (!this.#ids.add(tradeId)) {
      this.#repeatedTrades++;
      return;
    }
    const state = this.#state;
    const signedLots = side === Side.buy ? sizeLots : -sizeLots;
    state[0] = (state[0] as number) + signedLots;
    this.#delta.add(timeNs, signedLots);
    this.#price.add(priceTicks, sizeLots);
    if (tradeId >= (state[1] as number)) {
      state[1] = tradeId;
      this.#average.add(priceTicks);
    }
  }

  /** Lets the window move on while no trade comes. */
  advance(timeNs: number): void {
    this.#delta.advance(timeNs);
  }
}
