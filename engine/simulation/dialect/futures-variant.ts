import { RateLimits } from '../protocol/rate-limits.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import type { BinanceVariant } from './binance-dialect.ts';
import type { DialectContext } from './dialect.ts';
import { aggregateTradeJson, depthJson, quoteJson, tradeJson } from './futures-messages.ts';
import { futuresRest } from './futures-rest.ts';

/** Depth, tickers and single trades. */
const isHighFrequency = (kind: string): boolean =>
  kind.startsWith('depth') || kind === 'bookTicker' || kind === 'trade';

const ENTRY_POINTS = {
  // The combined entry point of before 2026-04-23 is gone.
  'binance-usdm': [
    { prefix: '/public', carries: isHighFrequency },
    { prefix: '/market', carries: (kind: string) => !isHighFrequency(kind) },
  ],
  'binance-coinm': [{ prefix: '', carries: () => true }],
} as const;

/** Binance's futures: ids with holes, so that each depth update names the one before (`pu`). */
export function futuresVariant(context: DialectContext): BinanceVariant {
  const { protocol } = context;
  if (protocol !== 'binance-usdm' && protocol !== 'binance-coinm') {
    throw new RangeError(`Expected a futures protocol, was ${protocol}`);
  }
  const limits = new RateLimits(undefined, 2400);
  // COIN-M names the pair of the contract as well.
  const pairOf = ({ symbol }: SymbolSpec): string =>
    protocol === 'binance-coinm' ? `"ps":"${symbol.slice(0, symbol.indexOf('_'))}",` : '';
  return {
    entryPoints: ENTRY_POINTS[protocol],
    depthStreams: new Map([
      [100, ['@depth@100ms']],
      [250, ['@depth']],
      [500, ['@depth@500ms']],
    ]),
    messagesPerSecond: 10,
    trade: tradeJson,
    aggregateTrade: aggregateTradeJson,
    quote: (market) => quoteJson(market, pairOf(market.spec)),
    depth: (update) => depthJson(update, pairOf(update.market.spec)),
    rest: (request) => futuresRest(context, limits, request),
  };
}
