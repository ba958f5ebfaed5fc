import type { SlowVenue } from '../../contract/market-protocol.ts';
import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';

/** What is used of a market description of the generic library. */
export interface SlowMarket {
  symbol: string;
  base?: string | undefined;
  quote?: string | undefined;
  active?: boolean | undefined;
  inverse?: boolean | undefined;
  maker?: number | undefined;
  taker?: number | undefined;
  precision?: { price?: number | undefined; amount?: number | undefined } | undefined;
  limits?: { cost?: { min?: number | undefined } | undefined } | undefined;
}

/** How the library writes precisions: number of decimals, or the step itself (its TICK_SIZE mode). */
export type SlowPrecisionMode = 'decimals' | 'step';

/**
 * Instrument of a market, or undefined where it is closed or its steps are not told.
 * `index` is 0; callers number it anew.
 */
export function slowInstrument(
  venue: SlowVenue,
  market: SlowMarket,
  mode: SlowPrecisionMode,
): InstrumentSpec | undefined {
  const tickSize = stepText(market.precision?.price, mode);
  const lotSize = stepText(market.precision?.amount, mode);
  if (tickSize === undefined || lotSize === undefined || market.active === false) return undefined;
  const minNotional = market.limits?.cost?.min ?? 0;
  return {
    index: 0,
    venue,
    symbol: market.symbol,
    baseAsset: market.base ?? '',
    quoteAsset: market.quote ?? '',
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: Number.isFinite(minNotional) && minNotional > 0 ? minNotional : 0,
    makerFee: market.maker ?? 0,
    takerFee: market.taker ?? 0,
  };
}

/** Decimal text of a step: 0.00001 and 1e-8 without an exponent. */
function stepText(precision: number | undefined, mode: SlowPrecisionMode): string | undefined {
  if (precision === undefined || precision === null || !Number.isFinite(precision)) return undefined;
  if (mode === 'decimals') {
    if (!Number.isInteger(precision) || precision < 0 || precision > 18) return undefined;
    return precision === 0 ? '1' : `0.${'0'.repeat(precision - 1)}1`;
  }
  return precision > 0 && precision < 1e15 ? plainDecimal(precision) : undefined;
}

/** The shortest decimal text of a number, without an exponent: 1e-8 is `0.00000001`. */
function plainDecimal(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e-');
  if (exponent === undefined) return mantissa;
  const digits = mantissa.replace('.', '');
  return `0.${'0'.repeat(Number(exponent) - 1)}${digits}`;
}
