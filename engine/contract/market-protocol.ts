/**
 * Wire protocols of market data that adapters speak natively and recordings are in: the values of `--protocol`.
 * `bybit` is the linear (USDT) perpetuals, whose wire format `bybit-spot` shares.
 */
export const marketProtocols = [
  'binance-spot',
  'binance-usdm',
  'binance-coinm',
  'bybit',
  'bybit-spot',
  'upbit',
  'okx',
  'kraken',
] as const;
export type MarketProtocol = (typeof marketProtocols)[number];

/** Any other exchange through the generic library: `ccxt:bitstamp`. Slow path: polled or re-parsed, said so on screen. */
export type SlowVenue = `ccxt:${string}`;
export type VenueId = MarketProtocol | SlowVenue;

/** Symbols as the venues spell them, upper case: `BTCUSDT`, `BTCUSD_PERP`, `BTC-USDT-SWAP`, `XBT/USD`, `BTC/USDT:USDT`. */
export const symbolPattern = /^[A-Z0-9][A-Z0-9_./:-]{1,39}$/;

export function isMarketProtocol(value: string): value is MarketProtocol {
  return (marketProtocols as readonly string[]).includes(value);
}

export function isSlowVenue(value: string): value is SlowVenue {
  return /^ccxt:[a-z0-9]{2,30}$/.test(value);
}

export function isVenueId(value: string): value is VenueId {
  return isMarketProtocol(value) || isSlowVenue(value);
}
