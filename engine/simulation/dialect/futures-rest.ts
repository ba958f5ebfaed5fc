import { priceText, sizeText } from '../decimal-text.ts';
import type { RateLimits } from '../protocol/rate-limits.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import { VenueError } from '../venue-error.ts';
import { depthAnswer, limitOf, marketOf, symbolOf } from './binance-rest.ts';
import type { DialectContext, RestAnswer, RestRequest } from './dialect.ts';
import { futuresSnapshotJson } from './futures-messages.ts';
import { errorAnswer, jsonAnswer } from './rest-answer.ts';

/** Levels a depth snapshot may ask for, and what each weighs. */
const DEPTH_WEIGHTS: ReadonlyMap<number, number> = new Map([
  [5, 2],
  [10, 2],
  [20, 2],
  [50, 2],
  [100, 5],
  [500, 10],
  [1000, 20],
]);

/** One REST request of the futures: `/fapi/v1/...` with USD-M, `/dapi/v1/...` with COIN-M. */
export function futuresRest(context: DialectContext, limits: RateLimits, request: RestRequest): RestAnswer {
  const { nowMs } = context.markets;
  let answer: RestAnswer;
  try {
    if (request.method !== 'GET') throw new VenueError(-1020, 'This operation is not supported.', 405);
    answer = answerTo(context, limits, request);
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    answer = errorAnswer(error, nowMs);
  }
  answer.headers['x-mbx-used-weight-1m'] = String(limits.usedWeight(nowMs));
  return answer;
}

function answerTo(context: DialectContext, limits: RateLimits, request: RestRequest): RestAnswer {
  const { markets, protocol } = context;
  const { nowMs } = markets;
  const query = Object.fromEntries(new URLSearchParams(request.query));
  const root = protocol === 'binance-usdm' ? '/fapi/v1/' : '/dapi/v1/';
  const name = request.path.startsWith(root) ? request.path.slice(root.length) : '';
  switch (name) {
    case 'ping':
      limits.spendWeight(1, nowMs);
      return jsonAnswer('{}');
    case 'time':
      limits.spendWeight(1, nowMs);
      return jsonAnswer(JSON.stringify({ serverTime: nowMs }));
    case 'exchangeInfo':
      limits.spendWeight(1, nowMs);
      return jsonAnswer(JSON.stringify(futuresExchangeInfo(context, limits)));
    case 'depth': {
      const limit = limitOf(query, 500);
      const weight = DEPTH_WEIGHTS.get(limit);
      if (weight === undefined) throw new VenueError(-4021, `${limit} is not valid depth limit.`);
      limits.spendWeight(weight, nowMs);
      return depthAnswer(context, marketOf(context, symbolOf(query)), limit, nowMs, futuresSnapshotJson);
    }
    default:
      throw new VenueError(-1000, `Expected a path of this venue, was ${request.path}`, 404);
  }
}

function futuresExchangeInfo({ markets, protocol }: DialectContext, limits: RateLimits): object {
  const isCoinMargined = protocol === 'binance-coinm';
  return {
    timezone: 'UTC',
    serverTime: markets.nowMs,
    ...(isCoinMargined ? {} : { futuresType: 'U_MARGINED' }),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: limits.weightPerMinute },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
    ],
    exchangeFilters: [],
    symbols: markets.specs.map((spec) => (isCoinMargined ? coinMarginedInfo(spec) : linearInfo(spec))),
  };
}

function linearInfo(spec: SymbolSpec): object {
  return {
    ...commonInfo(spec),
    pair: spec.symbol,
    contractType: 'PERPETUAL',
    status: 'TRADING',
    marginAsset: spec.quoteAsset,
    filters: [...filters(spec), { filterType: 'MIN_NOTIONAL', notional: '5' }],
  };
}

function coinMarginedInfo(spec: SymbolSpec): object {
  return {
    ...commonInfo(spec),
    pair: spec.symbol.slice(0, spec.symbol.indexOf('_')),
    contractType: spec.symbol.endsWith('_PERP') ? 'PERPETUAL' : 'CURRENT_QUARTER',
    contractStatus: 'TRADING',
    contractSize: spec.baseAsset === 'BTC' ? 100 : 10,
    marginAsset: spec.baseAsset,
    filters: filters(spec),
  };
}

function commonInfo(spec: SymbolSpec): object {
  return {
    symbol: spec.symbol,
    baseAsset: spec.baseAsset,
    quoteAsset: spec.quoteAsset,
    pricePrecision: spec.priceDecimals,
    quantityPrecision: spec.sizeDecimals,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  };
}

function filters(spec: SymbolSpec): object[] {
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: priceText(spec, 1),
      maxPrice: priceText(spec, spec.maxPriceTicks),
      tickSize: priceText(spec, 1),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: sizeText(spec, 1),
      maxQty: sizeText(spec, spec.maxLots),
      stepSize: sizeText(spec, 1),
    },
    { filterType: 'MAX_NUM_ORDERS', limit: 200 },
  ];
}
