/** The two futures markets: margined in USDT or USDC, and margined in the coin itself. */
export type FuturesMarket = 'usdm' | 'coinm';

/** One WebSocket connection: where to, and which streams it carries. */
export interface StreamRoute {
  /** Combined-stream address up to the stream names. */
  url: string;
  streams: string[];
}

interface MarketHosts {
  rest: string;
  /** Path of the depth snapshot; `limit` is the most levels it gives. */
  depthPath: string;
  depthLimit: number;
  stream: string;
  /** Entry points by kind of stream; the empty path where the host takes all kinds. */
  highFrequencyPath: string;
  marketPath: string;
}

/**
 * Since 2026-04-23 USD-M has separate entry points, and one that a stream does not belong to accepts the subscription
 * and then never sends: depth, tickers and single trades come from `/public`, aggregate trades (and klines, mark prices)
 * from `/market`. COIN-M has one for all.
 */
export const futuresHosts: Readonly<Record<FuturesMarket, MarketHosts>> = {
  usdm: {
    rest: 'https://fapi.binance.com',
    depthPath: '/fapi/v1/depth',
    depthLimit: 1000,
    stream: 'wss://fstream.binance.com',
    highFrequencyPath: '/public',
    marketPath: '/market',
  },
  coinm: {
    rest: 'https://dapi.binance.com',
    depthPath: '/dapi/v1/depth',
    depthLimit: 1000,
    stream: 'wss://dstream.binance.com',
    highFrequencyPath: '',
    marketPath: '',
  },
};

/** Address of the book snapshot of a symbol. */
export function depthUrl(market: FuturesMarket, symbol: string): string {
  const { rest, depthPath, depthLimit } = futuresHosts[market];
  return `${rest}${depthPath}?symbol=${encodeURIComponent(symbol)}&limit=${depthLimit}`;
}

/** Sorts streams onto the connections that carry them; one route when the market has one entry point. */
export function routeStreams(market: FuturesMarket, streams: readonly string[]): StreamRoute[] {
  const { stream, highFrequencyPath, marketPath } = futuresHosts[market];
  const routes = new Map<string, string[]>();
  for (const name of streams) {
    const path = isHighFrequency(name) ? highFrequencyPath : marketPath;
    const list = routes.get(path);
    if (list === undefined) routes.set(path, [name]);
    else list.push(name);
  }
  return Array.from(routes, ([path, names]) => ({ url: `${stream}${path}/stream?streams=`, streams: names }));
}

function isHighFrequency(stream: string): boolean {
  const kind = stream.slice(stream.indexOf('@') + 1);
  return kind.startsWith('depth') || kind === 'bookTicker' || kind === 'trade';
}
