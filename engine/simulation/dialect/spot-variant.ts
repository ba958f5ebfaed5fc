import { DEPTH_INTERVALS_MS } from '../simulated-exchange.ts';
import { type RestContext, spotRest } from '../protocol/rest-api.ts';
import type { BinanceVariant } from './binance-dialect.ts';
import { aggregateTradeJson, bookTickerJson, depthUpdateJson, tradeJson } from './binance-messages.ts';

/** Binance spot: one entry point for all streams, ids without holes. */
export function spotVariant(context: RestContext): BinanceVariant {
  const names = [['@depth@100ms'], ['@depth', '@depth@1000ms']];
  return {
    entryPoints: [{ prefix: '', carries: () => true }],
    depthStreams: new Map(DEPTH_INTERVALS_MS.map((intervalMs, i) => [intervalMs, names[i] as string[]])),
    messagesPerSecond: 5,
    trade: tradeJson,
    aggregateTrade: aggregateTradeJson,
    quote: bookTickerJson,
    depth: depthUpdateJson,
    rest: (request) => spotRest(context, request),
  };
}
