import { type ProvenFeedConfig, ProvenFeedAdapter } from '../proven-feed-adapter.ts';
import type { MarketAdapterIo } from '../market-adapter.ts';
import type { KrakenDepth } from './kraken-depths.ts';
import { KrakenDialect } from './kraken-dialect.ts';

export interface KrakenAdapterConfig extends ProvenFeedConfig {
  /** Levels a side; default 1000. */
  depth?: KrakenDepth;
  /** Subscribe to the ticker as well; default false. */
  ticker?: boolean;
}

/** Kraken market data over WebSocket v1 (`wss://ws.kraken.com`): books proven by checksum, trades, tickers. */
export class KrakenAdapter extends ProvenFeedAdapter {
  /** @throws RangeError when the instruments are empty, numbered wrongly, double or without proper steps. */
  constructor(config: KrakenAdapterConfig, io: MarketAdapterIo) {
    super(new KrakenDialect(config.depth ?? 1000, config.ticker ?? false), config, io);
  }
}
