import { decimalsOf, type InstrumentSpec, toSteps } from '../../contract/units.ts';

/** From this price on (inclusive) orders must be multiples of the tick; both decimal text in quote units. */
export interface TickBand {
  from: string;
  tick: string;
}

/** KRW markets since 2025-07-31 (docs.upbit.com/kr/docs/krw-market-info), highest band first. */
export const KRW_TICKS: readonly TickBand[] = [
  { from: '1000000', tick: '1000' },
  { from: '500000', tick: '500' },
  { from: '100000', tick: '100' },
  { from: '50000', tick: '50' },
  { from: '10000', tick: '10' },
  { from: '5000', tick: '5' },
  { from: '100', tick: '1' },
  { from: '10', tick: '0.1' },
  { from: '1', tick: '0.01' },
  { from: '0.1', tick: '0.001' },
  { from: '0.01', tick: '0.0001' },
  { from: '0.001', tick: '0.00001' },
  { from: '0.0001', tick: '0.000001' },
  { from: '0.00001', tick: '0.0000001' },
  { from: '0', tick: '0.00000001' },
];

/** BTC markets: one tick at every price. */
export const BTC_TICKS: readonly TickBand[] = [{ from: '0', tick: '0.00000001' }];

/** USDT markets since 2024-08-19 (docs.upbit.com/docs/usdt-market-info). */
export const USDT_TICKS: readonly TickBand[] = [
  { from: '10', tick: '0.01' },
  { from: '1', tick: '0.001' },
  { from: '0.1', tick: '0.0001' },
  { from: '0.01', tick: '0.00001' },
  { from: '0.001', tick: '0.000001' },
  { from: '0.0001', tick: '0.0000001' },
  { from: '0', tick: '0.00000001' },
];

/** Table of a market by its quote asset. @throws RangeError for a quote asset that Upbit does not have. */
export function tickBandsOf(quoteAsset: string): readonly TickBand[] {
  if (quoteAsset === 'KRW') return KRW_TICKS;
  if (quoteAsset === 'BTC') return BTC_TICKS;
  if (quoteAsset === 'USDT') return USDT_TICKS;
  throw new RangeError(`Expected quote asset KRW, BTC or USDT, was ${quoteAsset}`);
}

/**
 * Tick of a symbol for the engine: the table's tick at a tenth of the reference price, which is the finest that any
 * price from there up needs, since every coarser tick of the table is a whole multiple of every finer one. One tick for
 * the whole table would be 1e-8, and 1.5e8 KRW in such ticks are more than a double counts.
 *
 * A price below a tenth of the reference may lie between two ticks: then it is refused, never rounded.
 * @param referencePrice decimal text, for example the last trade's.
 */
export function tickSizeNear(bands: readonly TickBand[], referencePrice: string): string {
  return bandOf(bands, tenthOf(referencePrice)).tick;
}

function tenthOf(price: string): string {
  const decimals = decimalsOf(price);
  const digits = String(toSteps(price, unitOf(decimals))).padStart(decimals + 2, '0');
  return `${digits.slice(0, -decimals - 1)}.${digits.slice(-decimals - 1)}`;
}

function bandOf(bands: readonly TickBand[], price: string): TickBand {
  for (const band of bands) {
    const unit = unitOf(Math.max(decimalsOf(price), decimalsOf(band.from)));
    if (toSteps(price, unit) >= toSteps(band.from, unit)) return band;
  }
  throw new RangeError(`Expected a price from 0, was ${price}`);
}

function unitOf(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

/**
 * A tick table in one instrument's ticks: which prices the venue takes in an order. Integers only.
 * Bands finer than the instrument's tick are left out; prices there are multiples of the instrument's own tick.
 */
export class UpbitTickTable {
  readonly #fromTicks: number[] = [];
  readonly #stepTicks: number[] = [];

  /** @throws RangeError when a coarser tick of the table is no multiple of the instrument's. */
  constructor(spec: Pick<InstrumentSpec, 'tickSize'>, bands: readonly TickBand[]) {
    for (const { from, tick } of bands) {
      const unit = unitOf(Math.max(decimalsOf(tick), decimalsOf(spec.tickSize), decimalsOf(from)));
      const own = toSteps(spec.tickSize, unit);
      const step = toSteps(tick, unit);
      if (step < own) break;
      if (step % own !== 0) throw new RangeError(`Expected a tick that divides ${tick}, was ${spec.tickSize}`);
      this.#fromTicks.push(Math.ceil(toSteps(from, unit) / own));
      this.#stepTicks.push(step / own);
    }
  }

  /** Distance of two neighbouring order prices at this price, in the instrument's ticks. */
  stepTicks(priceTicks: number): number {
    for (let i = 0; i < this.#fromTicks.length; i++) {
      if (priceTicks >= (this.#fromTicks[i] as number)) return this.#stepTicks[i] as number;
    }
    return 1;
  }

  /** True when the venue takes an order at this price; otherwise it answers `invalid_price_bid` or `_ask`. */
  isOrderPrice(priceTicks: number): boolean {
    return Number.isSafeInteger(priceTicks) && priceTicks > 0 && priceTicks % this.stepTicks(priceTicks) === 0;
  }

  /** Highest order price at or below. */
  floor(priceTicks: number): number {
    return priceTicks - (priceTicks % this.stepTicks(priceTicks));
  }

  /** Lowest order price at or above. */
  ceil(priceTicks: number): number {
    const floor = this.floor(priceTicks);
    // Bands begin at multiples of both their own and the lower tick: one step up is never past the next band's start.
    return floor === priceTicks ? floor : floor + this.stepTicks(priceTicks);
  }
}
