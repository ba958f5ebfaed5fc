import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import { tickBandsOf, tickSizeNear } from './upbit-tick-table.ts';

/** Upbit's sizes have 8 decimals. */
const SIZE_DECIMALS = 8;

interface Quote {
  /** A level of this value must count exactly in lots. */
  levelValue: number;
  minNotional: number;
  fee: number;
}

const QUOTES: Readonly<Record<string, Quote>> = {
  KRW: { levelValue: 1e10, minNotional: 5000, fee: 0.0005 },
  BTC: { levelValue: 100, minNotional: 0.00005, fee: 0.0025 },
  USDT: { levelValue: 1e7, minNotional: 0.5, fee: 0.0025 },
};

/**
 * Instrument of a market such as `KRW-BTC`. Upbit's tick depends on the price: see {@link tickSizeNear} for the one
 * that is chosen. Minimum value and fees are the standard ones; an account's own come from `/v1/orders/chance`.
 *
 * The lot is 1e-8 as long as a level worth 1e10 KRW (100 BTC, 1e7 USDT) counts below 2^53 lots, else the smallest power of
 * ten that does: for a coin at 0.01 KRW it is 0.001. Finer sizes are then rounded and counted (`inexactSizes`).
 * @param referencePrice decimal text above 0, for example of the last trade or the recording's first.
 * @throws RangeError when the market has no such form or its quote asset is unknown.
 */
export function upbitInstrument(index: number, market: string, referencePrice: string): InstrumentSpec {
  const match = /^([A-Z0-9]+)-([A-Z0-9]+)$/.exec(market);
  if (match === null) throw new RangeError(`Expected a market such as KRW-BTC, was "${market}"`);
  const [, quoteAsset, baseAsset] = match as unknown as [string, string, string];
  const tickSize = tickSizeNear(tickBandsOf(quoteAsset), referencePrice);
  const { levelValue, minNotional, fee } = QUOTES[quoteAsset] as Quote;
  const price = Number(referencePrice);
  if (!(price > 0)) throw new RangeError(`Expected a reference price above 0, was "${referencePrice}"`);
  const smallest = levelValue / price / Number.MAX_SAFE_INTEGER;
  const decimals = Math.max(0, Math.min(SIZE_DECIMALS, Math.floor(-Math.log10(smallest))));
  const lotSize = decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
  return {
    index,
    venue: 'upbit',
    symbol: market,
    baseAsset,
    quoteAsset,
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimals,
    minNotional,
    makerFee: fee,
    takerFee: fee,
  };
}
