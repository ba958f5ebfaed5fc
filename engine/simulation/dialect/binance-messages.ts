import { Side } from '../../contract/units.ts';
import { MAX_OPEN_ORDERS, PRICE_FACTOR_DOWN, PRICE_FACTOR_UP } from '../order-checks.ts';
import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import { formatEight, formatUnits, type SymbolSpec } from '../symbol-spec.ts';
import { WEIGHT_PER_MINUTE } from '../protocol/rate-limits.ts';
import { type BookCopy, type ToldLevel, toldLevels } from './book-memory.ts';
import type { BookUpdate } from './dialect.ts';

export function priceText(spec: SymbolSpec, ticks: number): string {
  return formatEight(ticks, spec.priceDecimals);
}
export function sizeText(spec: SymbolSpec, lots: number): string {
  return formatEight(lots, spec.sizeDecimals);
}

export function tradeJson({ spec }: SimulatedMarket, trade: PublicTrade): string {
  return (
    `{"e":"trade","E":${trade.timeMs},"s":"${spec.symbol}","t":${trade.tradeId},` +
    `"p":"${priceText(spec, trade.priceTicks)}","q":"${sizeText(spec, trade.sizeLots)}",` +
    `"T":${trade.timeMs},"m":${trade.takerSide === Side.sell},"M":true}`
  );
}

export function aggregateTradeJson(
  { spec }: SimulatedMarket,
  trade: PublicTrade,
  aggregateId: number,
  firstTradeId: number,
): string {
  return (
    `{"e":"aggTrade","E":${trade.timeMs},"s":"${spec.symbol}","a":${aggregateId},` +
    `"p":"${priceText(spec, trade.priceTicks)}","q":"${sizeText(spec, trade.sizeLots)}",` +
    `"f":${firstTradeId},"l":${trade.tradeId},"T":${trade.timeMs},"m":${trade.takerSide === Side.sell},"M":true}`
  );
}

export function bookTickerJson({ spec, quote, updateId }: SimulatedMarket): string {
  return (
    `{"u":${updateId},"s":"${spec.symbol}","b":"${priceText(spec, quote.bidTicks)}","B":"${sizeText(spec, quote.bidLots)}",` +
    `"a":"${priceText(spec, quote.askTicks)}","A":"${sizeText(spec, quote.askLots)}"}`
  );
}

/** Spot's depth update: ids count by one, so it names its first and last. */
export function depthUpdateJson({ market, firstId, lastId, timeMs, bids, asks }: BookUpdate): string {
  const { spec } = market;
  return (
    `{"e":"depthUpdate","E":${timeMs},"s":"${spec.symbol}","U":${firstId},"u":${lastId},` +
    `"b":${levelsJson(spec, bids)},"a":${levelsJson(spec, asks)}}`
  );
}

/** REST `depth`: the best `limit` levels of each side. */
export function depthSnapshotJson(spec: SymbolSpec, book: BookCopy, limit: number): string {
  return (
    `{"lastUpdateId":${book.id},"bids":${levelsJson(spec, toldLevels(book.bids, limit))},` +
    `"asks":${levelsJson(spec, toldLevels(book.asks, limit))}}`
  );
}

function levelsJson(spec: SymbolSpec, levels: readonly ToldLevel[]): string {
  return `[${levels.map(({ ticks, lots }) => `["${priceText(spec, ticks)}","${sizeText(spec, lots)}"]`).join(',')}]`;
}

/** REST `exchangeInfo`. */
export function exchangeInfo(specs: readonly SymbolSpec[], ordersPerTenSeconds: number, nowMs: number): object {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: WEIGHT_PER_MINUTE },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPerTenSeconds },
    ],
    exchangeFilters: [],
    symbols: specs.map(symbolInfo),
  };
}

function symbolInfo(spec: SymbolSpec): object {
  return {
    symbol: spec.symbol,
    status: 'TRADING',
    baseAsset: spec.baseAsset,
    baseAssetPrecision: 8,
    quoteAsset: spec.quoteAsset,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: false,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    amendAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
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
      {
        filterType: 'PERCENT_PRICE_BY_SIDE',
        bidMultiplierUp: String(PRICE_FACTOR_UP),
        bidMultiplierDown: String(PRICE_FACTOR_DOWN),
        askMultiplierUp: String(PRICE_FACTOR_UP),
        askMultiplierDown: String(PRICE_FACTOR_DOWN),
        avgPriceMins: 0,
      },
      {
        filterType: 'NOTIONAL',
        minNotional: formatUnits(spec.minNotionalUnits),
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 0,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: MAX_OPEN_ORDERS },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}
