import type { MarketProtocol } from '../contract/market-protocol.ts';
import { listExchangeInfo } from './binance-spot/exchange-info.ts';
import { listBybitInstruments, nextBybitCursor } from './bybit/bybit-instruments.ts';
import { type Fees, type InstrumentList, joinLists } from './instrument-list.ts';
import { listAssetPairs } from './kraken/asset-pairs.ts';
import { listOkxInstruments } from './okx/okx-instruments.ts';
import { listUpbitMarkets } from './upbit/upbit-markets.ts';

/** A document of a venue's REST API. */
export interface VenueDocument {
  /** Path and query relative to the REST base address. */
  path: string;
  /** Of the venue's request budget. */
  weight: number;
}

/** Where a venue lists what it trades, and how that is read. */
export interface InstrumentDiscovery {
  /** All of them are needed. */
  readonly documents: readonly VenueDocument[];
  /** Path of the page behind this one; '' behind the last. Absent where nothing comes in pages. @throws RangeError */
  readonly nextPath?: (path: string, body: Uint8Array) => string;
  /**
   * @param bodies of every document and page, in order.
   * @param fees standard ones as fractions, for venues whose list does not say.
   * @throws RangeError when one is not what was asked for.
   */
  read(bodies: readonly Uint8Array[], fees: Fees): InstrumentList;
}

/** One entry a protocol: a name added to the contract without one here does not compile. */
export const discoveries: Readonly<Record<MarketProtocol, InstrumentDiscovery>> = {
  'binance-spot': binance('/api/v3/exchangeInfo', 20, 'binance-spot'),
  'binance-usdm': binance('/fapi/v1/exchangeInfo', 1, 'binance-usdm'),
  'binance-coinm': binance('/dapi/v1/exchangeInfo', 1, 'binance-coinm'),
  bybit: bybit('linear', 'bybit'),
  'bybit-spot': bybit('spot', 'bybit-spot'),
  upbit: {
    documents: [
      { path: '/v1/market/all', weight: 1 },
      // Ticks depend on the price.
      { path: '/v1/ticker/all?quote_currencies=KRW,BTC,USDT', weight: 1 },
    ],
    read: ([markets = none, tickers = none]) => listUpbitMarkets(markets, tickers),
  },
  okx: {
    documents: ['SPOT', 'SWAP', 'FUTURES'].map((type) => ({
      path: `/api/v5/public/instruments?instType=${type}`,
      weight: 1,
    })),
    read: (bodies, fees) => joinLists(bodies.map((body) => listOkxInstruments(body, fees))),
  },
  kraken: {
    documents: [{ path: '/0/public/AssetPairs', weight: 1 }],
    read: (bodies) => joinLists(bodies.map(listAssetPairs)),
  },
};

const none = new Uint8Array(0);

function binance(path: string, weight: number, venue: MarketProtocol): InstrumentDiscovery {
  return {
    documents: [{ path, weight }],
    read: (bodies, fees) => joinLists(bodies.map((body) => listExchangeInfo(body, fees, venue))),
  };
}

function bybit(category: 'linear' | 'spot', venue: MarketProtocol): InstrumentDiscovery {
  return {
    documents: [{ path: `/v5/market/instruments-info?category=${category}&limit=1000`, weight: 1 }],
    nextPath: (path, body) => {
      const cursor = nextBybitCursor(body);
      return cursor === '' ? '' : `${path.replace(/&cursor=.*$/, '')}&cursor=${encodeURIComponent(cursor)}`;
    },
    read: (bodies, fees) => joinLists(bodies.map((body) => listBybitInstruments(body, fees, venue))),
  };
}
