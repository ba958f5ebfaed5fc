import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { RateLimits } from '../protocol/rate-limits.ts';
import { type SymbolSpec, symbolSpecOf } from '../symbol-spec.ts';
import { BinanceDialect } from './binance-dialect.ts';
import type { Dialect, DialectContext } from './dialect.ts';
import { spotVariant } from './spot-variant.ts';

/** Protocols that the simulated venue speaks. */
export const spokenProtocols: readonly MarketProtocol[] = ['binance-spot'];

/** @throws RangeError for a protocol that is not spoken. */
export function createDialect(context: DialectContext): Dialect {
  const nowMs = () => context.markets.nowMs;
  switch (context.protocol) {
    case 'binance-spot': {
      const credentials = { apiKey: '', apiSecret: '' };
      return new BinanceDialect(context, spotVariant({ ...context, limits: new RateLimits(), credentials, nowMs }));
    }
    default:
      throw new RangeError(`Expected one of ${spokenProtocols.join(', ')}, was ${context.protocol}`);
  }
}

const USUAL_SPOT = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT', 'DOGEUSDT'];

/** The listing of a protocol. @throws RangeError for a symbol that it cannot have. */
export function feedSpecs(_protocol: MarketProtocol, symbols: readonly string[] = USUAL_SPOT): SymbolSpec[] {
  return [...new Set(symbols)].map(symbolSpecOf);
}
