/** Wire protocols of market data that recordings are in and adapters speak: the values of `--protocol`. */
export const marketProtocols = ['binance-spot', 'binance-usdm', 'binance-coinm'] as const;
export type MarketProtocol = (typeof marketProtocols)[number];

/** Symbols as the venues spell them, upper case: `BTCUSDT`, `BTCUSD_PERP`, `BTC-USDT-SWAP`, `XBT/USD`. */
export const symbolPattern = /^[A-Z0-9][A-Z0-9_./-]{1,29}$/;

export function isMarketProtocol(value: string): value is MarketProtocol {
  return (marketProtocols as readonly string[]).includes(value);
}
