import { RateLimits } from '../protocol/rate-limits.ts';
import { BinanceDialect } from './binance-dialect.ts';
import { BybitDialect } from './bybit-dialect.ts';
import type { Dialect, DialectContext } from './dialect.ts';
import { futuresVariant } from './futures-variant.ts';
import { KrakenDialect } from './kraken-dialect.ts';
import { OkxDialect } from './okx-dialect.ts';
import { spotVariant } from './spot-variant.ts';
import { UpbitDialect } from './upbit-dialect.ts';

/** The dialect of a protocol; Binance spot without an account. */
export function createDialect(context: DialectContext): Dialect {
  const nowMs = () => context.markets.nowMs;
  switch (context.protocol) {
    case 'binance-spot': {
      const credentials = { apiKey: '', apiSecret: '' };
      return new BinanceDialect(context, spotVariant({ ...context, limits: new RateLimits(), credentials, nowMs }));
    }
    case 'binance-usdm':
    case 'binance-coinm':
      return new BinanceDialect(context, futuresVariant(context));
    case 'bybit':
    case 'bybit-spot':
      return new BybitDialect(context);
    case 'okx':
      return new OkxDialect(context);
    case 'kraken':
      return new KrakenDialect(context);
    case 'upbit':
      return new UpbitDialect(context);
  }
}
