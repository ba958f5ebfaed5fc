import { type ProvenFeedConfig, ProvenFeedAdapter } from '../proven-feed-adapter.ts';
import type { MarketAdapterIo } from '../market-adapter.ts';
import { OkxDialect } from './okx-dialect.ts';

/** OKX market data over WebSocket v5 (`wss://ws.okx.com:8443/ws/v5/public`): books of 400 levels, trades, tickers. */
export class OkxAdapter extends ProvenFeedAdapter {
  /** @throws RangeError when the instruments are empty, numbered wrongly, double or without proper steps. */
  constructor(config: ProvenFeedConfig, io: MarketAdapterIo) {
    super(new OkxDialect(), config, io);
  }
}
