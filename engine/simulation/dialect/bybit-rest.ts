import { priceText, sizeText } from '../decimal-text.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import { type ToldLevel, copyBook, toldLevels } from './book-memory.ts';
import type { DialectContext, RestAnswer, RestRequest } from './dialect.ts';
import { faultedAnswer, jsonAnswer } from './rest-answer.ts';

const MAX_PAGE = 1000;
const USUAL_PAGE = 500;
/** What the venue says with a refusal of that status. */
const TOO_MANY = 10006;
const PARAMETER = 10001;

/** One REST request of Bybit v5's market data. */
export function bybitRest(context: DialectContext, category: 'spot' | 'linear', request: RestRequest): RestAnswer {
  const { nowMs } = context.markets;
  const query = Object.fromEntries(new URLSearchParams(request.query));
  if (request.method === 'GET' && request.path === '/v5/market/time') {
    const result = { timeSecond: String(Math.floor(nowMs / 1000)), timeNano: `${nowMs}000000` };
    return answerOf(0, 'OK', result, nowMs);
  }
  const isKnown = request.path === '/v5/market/instruments-info' || request.path === '/v5/market/orderbook';
  if (request.method !== 'GET' || !isKnown) return jsonAnswer('{}', 404);
  if (query['category'] !== category) return answerOf(PARAMETER, 'params error: Category is invalid', {}, nowMs);
  return request.path === '/v5/market/orderbook' ? book(context, query, nowMs) : instruments(context, category, query);
}

/** 429 is told in the body, under status 200; 403 is the front's and has no body of the API's. */
export function bybitRefusal(status: number, nowMs: number): RestAnswer {
  if (status === 429) return answerOf(TOO_MANY, 'Too many visits. Exceeded the API Rate Limit.', {}, nowMs);
  return jsonAnswer('{}', status);
}

function answerOf(retCode: number, retMsg: string, result: object, nowMs: number): RestAnswer {
  return jsonAnswer(JSON.stringify({ retCode, retMsg, result, retExtInfo: {}, time: nowMs }));
}

function instruments(
  { markets }: DialectContext,
  category: 'spot' | 'linear',
  query: Record<string, string>,
): RestAnswer {
  const { nowMs, specs } = markets;
  const { symbol, cursor = '0', limit = String(USUAL_PAGE) } = query;
  if (!/^\d{1,6}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE || !/^\d{1,6}$/.test(cursor)) {
    return answerOf(PARAMETER, 'params error: limit or cursor is invalid', {}, nowMs);
  }
  if (symbol !== undefined) {
    const list = specs.filter((spec) => spec.symbol === symbol);
    if (list.length === 0) return answerOf(PARAMETER, 'params error: symbol invalid', {}, nowMs);
    return answerOf(0, 'OK', { category, list: list.map((spec) => infoOf(spec, category)), nextPageCursor: '' }, nowMs);
  }
  const from = Number(cursor);
  // Spot has no pages.
  const to = category === 'spot' ? specs.length : Math.min(specs.length, from + Number(limit));
  const list = specs.slice(from, to).map((spec) => infoOf(spec, category));
  return answerOf(0, 'OK', { category, list, nextPageCursor: to < specs.length ? String(to) : '' }, nowMs);
}

function infoOf(spec: SymbolSpec, category: 'spot' | 'linear'): object {
  const { symbol, baseAsset: baseCoin, quoteAsset: quoteCoin } = spec;
  const tickSize = priceText(spec, 1);
  const lot = sizeText(spec, 1);
  const largest = sizeText(spec, spec.maxLots);
  if (category === 'spot') {
    return {
      symbol,
      baseCoin,
      quoteCoin,
      innovation: '0',
      status: 'Trading',
      lotSizeFilter: {
        basePrecision: lot,
        quotePrecision: '0.0000001',
        minOrderQty: lot,
        maxOrderQty: largest,
        minOrderAmt: '5',
        maxOrderAmt: '8000000',
      },
      priceFilter: { tickSize },
    };
  }
  return {
    symbol,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    baseCoin,
    quoteCoin,
    settleCoin: quoteCoin,
    priceScale: String(spec.priceDecimals),
    priceFilter: { minPrice: tickSize, maxPrice: priceText(spec, spec.maxPriceTicks), tickSize },
    lotSizeFilter: { maxOrderQty: largest, minOrderQty: lot, qtyStep: lot, minNotionalValue: '5' },
  };
}

function book(context: DialectContext, query: Record<string, string>, nowMs: number): RestAnswer {
  const market = context.markets.marketFor(query['symbol'] ?? '');
  if (market === undefined) return answerOf(PARAMETER, 'params error: symbol invalid', {}, nowMs);
  const { spec } = market;
  const limit = Math.min(200, Math.max(1, Number(query['limit'] ?? 25) || 25));
  const copy = copyBook(market, market.updateId, limit);
  const rows = (levels: ToldLevel[]): string[][] =>
    levels.map(({ ticks, lots }) => [priceText(spec, ticks), sizeText(spec, lots)]);
  const sides = { b: rows(toldLevels(copy.bids, limit)), a: rows(toldLevels(copy.asks, limit)) };
  const result = { s: spec.symbol, ...sides, ts: nowMs, u: copy.id, seq: copy.sequence, cts: copy.timeMs };
  return faultedAnswer(context, spec.symbol, 'snapshot', answerOf(0, 'OK', result, nowMs));
}
