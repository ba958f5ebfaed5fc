import type { MarketProtocol } from '../contract/market-protocol.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import { binanceFuturesLimits } from './binance-futures/limits.ts';
import { BinanceFuturesAdapter } from './binance-futures/binance-futures-adapter.ts';
import { BinanceSpotAdapter } from './binance-spot/binance-spot-adapter.ts';
import { binanceSpotLimits } from './binance-spot/limits.ts';
import { BybitAdapter, type BybitAdapterConfig } from './bybit/bybit-adapter.ts';
import { bybitLimits } from './bybit/limits.ts';
import { KrakenAdapter } from './kraken/kraken-adapter.ts';
import { krakenDepths } from './kraken/kraken-depths.ts';
import { krakenLimits } from './kraken/limits.ts';
import type { MarketAdapter, MarketAdapterIo } from './market-adapter.ts';
import { OkxAdapter } from './okx/okx-adapter.ts';
import { okxLimits } from './okx/limits.ts';
import { UpbitAdapter } from './upbit/upbit-adapter.ts';
import { upbitLimits } from './upbit/limits.ts';
import type { VenueLimits } from './venue-limits.ts';

/** What every venue's market data adapter is made from. */
export interface ProtocolOptions {
  /** `index` of each must equal its position. */
  instruments: readonly InstrumentSpec[];
  /** Where the venue has both: single or aggregate trades. */
  tradeStream: 'trade' | 'aggTrade';
  /** Wall clock of engine time 0, us since the epoch. */
  originUs: number;
  /** False for sources without a book (trade files). */
  depth: boolean;
  /** Of a recording: levels a side that were asked for, 0 where it does not say. Live adapters choose themselves. */
  recordedDepth?: number;
}

export interface Protocol {
  /** Standard fees as fractions of the value: what paper fills pay. */
  makerFee: number;
  takerFee: number;
  /** Which of a venue's trade streams is subscribed to live. */
  tradeStream: 'trade' | 'aggTrade';
  limits: VenueLimits;
  createAdapter(options: ProtocolOptions, io: MarketAdapterIo): MarketAdapter;
}

/** One entry a protocol: a name added to the contract without its adapter here does not compile. */
export const protocols: Readonly<Record<MarketProtocol, Protocol>> = {
  'binance-spot': {
    makerFee: 0.001,
    takerFee: 0.001,
    tradeStream: 'trade',
    limits: binanceSpotLimits,
    createAdapter: (options, io) => new BinanceSpotAdapter(options, io),
  },
  'binance-usdm': {
    makerFee: 0.0002,
    takerFee: 0.0005,
    tradeStream: 'aggTrade',
    limits: binanceFuturesLimits.usdm,
    createAdapter: (options, io) => new BinanceFuturesAdapter({ ...options, market: 'usdm' }, io),
  },
  'binance-coinm': {
    makerFee: 0.0002,
    takerFee: 0.0005,
    tradeStream: 'aggTrade',
    limits: binanceFuturesLimits.coinm,
    createAdapter: (options, io) => new BinanceFuturesAdapter({ ...options, market: 'coinm' }, io),
  },
  bybit: {
    makerFee: 0.0002,
    takerFee: 0.00055,
    tradeStream: 'trade',
    limits: bybitLimits,
    createAdapter: (options, io) => new BybitAdapter(withBybitDepth(options), io),
  },
  'bybit-spot': {
    makerFee: 0.001,
    takerFee: 0.001,
    tradeStream: 'trade',
    limits: bybitLimits,
    createAdapter: (options, io) => new BybitAdapter({ ...withBybitDepth(options), category: 'spot' }, io),
  },
  upbit: {
    makerFee: 0.0005,
    takerFee: 0.0005,
    tradeStream: 'trade',
    limits: upbitLimits,
    createAdapter: (options, io) => new UpbitAdapter(options, io),
  },
  okx: {
    makerFee: 0.0008,
    takerFee: 0.001,
    tradeStream: 'trade',
    limits: okxLimits,
    createAdapter: (options, io) => new OkxAdapter(options, io),
  },
  kraken: {
    makerFee: 0.0025,
    takerFee: 0.004,
    tradeStream: 'trade',
    limits: krakenLimits,
    createAdapter: ({ instruments, originUs, recordedDepth }, io) => {
      const depth = krakenDepths.find((levels) => levels === recordedDepth);
      return new KrakenAdapter({ instruments, originUs, ...(depth === undefined ? {} : { depth }) }, io);
    },
  },
};

function withBybitDepth(options: ProtocolOptions): BybitAdapterConfig {
  return { ...options, ...(options.recordedDepth === undefined ? { ticker: true } : { bookDepth: 'any' }) };
}
