import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import { testInstrument } from '../../market/instrument.test-support.ts';

/** An instrument for tests: base and quote are the symbol's first letters and its last four. */
export function instrument(index: number, symbol: string, tickSize: string, lotSize: string): InstrumentSpec {
  return testInstrument({
    index,
    venue: 'binance-spot',
    symbol,
    baseAsset: symbol.slice(0, -4),
    quoteAsset: symbol.slice(-4),
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 0,
    makerFee: 0.001,
  });
}
