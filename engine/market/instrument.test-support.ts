import type { InstrumentSpec } from '../contract/units.ts';

/** BTCUSDT as Binance spot lists it, with paper-like fees; tests say only what matters to them. */
export function testInstrument(patch: Partial<InstrumentSpec> = {}): InstrumentSpec {
  return {
    index: 0,
    venue: 'test',
    symbol: 'BTCUSDT',
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    priceDecimals: 2,
    sizeDecimals: 5,
    minNotional: 5,
    makerFee: 0.0002,
    takerFee: 0.001,
    ...patch,
  };
}
