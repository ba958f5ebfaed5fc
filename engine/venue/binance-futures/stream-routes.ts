import type { StreamEntry, StreamSuffix } from '../binance-spot/stream-plan.ts';

/** The two futures markets: margined in USDT or USDC, and margined in the coin itself. */
export type FuturesMarket = 'usdm' | 'coinm';

interface MarketHosts {
  rest: string;
  /** Path of the depth snapshot, which the symbol's name completes up to the limit. */
  depthPath: string;
  /** The most levels that a snapshot gives. */
  depthLimit: number;
  stream: string;
}

export const futuresHosts: Readonly<Record<FuturesMarket, MarketHosts>> = {
  usdm: {
    rest: 'https://fapi.binance.com',
    depthPath: '/fapi/v1/depth',
    depthLimit: 1000,
    stream: 'wss://fstream.binance.com',
  },
  coinm: {
    rest: 'https://dapi.binance.com',
    depthPath: '/dapi/v1/depth',
    depthLimit: 1000,
    stream: 'wss://dstream.binance.com',
  },
};

/** Path and query of the book snapshot of a symbol. */
export function depthPathOf(market: FuturesMarket, symbol: string): string {
  const { depthPath, depthLimit } = futuresHosts[market];
  return `${depthPath}?symbol=${encodeURIComponent(symbol)}&limit=${depthLimit}`;
}

/**
 * Since 2026-04-23 USD-M has separate entry points, and one that a stream does not belong to accepts the subscription
 * and then never sends: depth, tickers and single trades come from `/public`, aggregate trades (and klines, mark prices)
 * from `/market`. COIN-M has one for all.
 */
export const futuresEntries: Readonly<Record<FuturesMarket, readonly StreamEntry[]>> = {
  usdm: [
    { name: 'public', path: '/public/stream', carries: isHighFrequency },
    { name: 'market', path: '/market/stream', carries: (suffix) => !isHighFrequency(suffix) },
  ],
  coinm: [{ name: 'streams', path: '/stream', carries: () => true }],
};

function isHighFrequency(suffix: StreamSuffix): boolean {
  return suffix !== 'aggTrade';
}
