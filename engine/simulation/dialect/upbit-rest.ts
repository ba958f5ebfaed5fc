import type { SimulatedMarket } from '../simulated-market.ts';
import { CountLimit } from './count-limit.ts';
import type { DialectContext, RestAnswer, RestRequest } from './dialect.ts';
import { jsonAnswer } from './rest-answer.ts';
import { upbitTick } from './upbit-listing.ts';
import { upbitPrice } from './upbit-messages.ts';

const PER_SECOND = 10;
/** Refused requests in a row before the address is blocked, and for how long at first; each time twice as long. */
const REFUSALS_BEFORE_BLOCK = 10;
const FIRST_BLOCK_MS = 5000;
const ORIGIN_MS = 10_000;

/** REST of Upbit's quotation API: ten requests a second a group, 429, and 418 for who goes on. */
export class UpbitRest {
  readonly #context: DialectContext;
  readonly #groups = new Map<string, CountLimit>();
  readonly #withOrigin = new CountLimit(1, ORIGIN_MS);
  #refusals = 0;
  #blockMs = FIRST_BLOCK_MS;
  #blockedUntilMs = 0;

  constructor(context: DialectContext) {
    this.#context = context;
  }

  answer(request: RestRequest): RestAnswer {
    const { nowMs } = this.#context.markets;
    if (nowMs < this.#blockedUntilMs) return this.refusal(418);
    const group = /^\/v1\/([a-z]+)/.exec(request.path)?.[1] ?? 'default';
    let limit = this.#groups.get(group);
    if (limit === undefined) {
      limit = new CountLimit(PER_SECOND, 1000);
      this.#groups.set(group, limit);
    }
    const isFromPage = request.header('origin') !== undefined;
    if ((isFromPage && !this.#withOrigin.take(nowMs)) || !limit.take(nowMs)) return this.#tooMany(nowMs);
    this.#refusals = 0;
    const answer = this.#answer(request);
    answer.headers['remaining-req'] = `group=${group}; min=${PER_SECOND * 60}; sec=${limit.left(nowMs)}`;
    return answer;
  }

  refusal(status: number): RestAnswer {
    return errorOf(status, 'too_many_requests', 'Too many API requests.');
  }

  #tooMany(nowMs: number): RestAnswer {
    if (++this.#refusals >= REFUSALS_BEFORE_BLOCK) {
      this.#blockedUntilMs = nowMs + this.#blockMs;
      this.#blockMs *= 2;
      this.#refusals = 0;
    }
    return this.refusal(429);
  }

  #answer(request: RestRequest): RestAnswer {
    const { specs, nowMs } = this.#context.markets;
    const query = new URLSearchParams(request.query);
    if (request.method !== 'GET') return errorOf(404, 'not_found', 'Not Found');
    if (request.path === '/v1/market/all') {
      const rows = specs.map(({ symbol, baseAsset }) => ({
        market: symbol,
        korean_name: baseAsset,
        english_name: baseAsset,
      }));
      return jsonAnswer(JSON.stringify(rows));
    }
    const known = ['/v1/orderbook/instruments', '/v1/ticker'];
    if (request.path === '/v1/ticker/all') {
      const quotes = (query.get('quote_currencies') ?? 'KRW').split(',');
      const found = specs.filter(({ quoteAsset }) => quotes.includes(quoteAsset));
      return jsonAnswer(`[${found.map(({ symbol }) => this.#tickerOf(symbol, nowMs)).join(',')}]`);
    }
    if (!known.includes(request.path)) return errorOf(404, 'not_found', 'Not Found');
    const names = (query.get('markets') ?? '').split(',').filter((name) => name !== '');
    if (names.length === 0) return errorOf(400, 'invalid_parameter', 'markets is missing');
    if (!names.every((name) => specs.some(({ symbol }) => symbol === name))) {
      return errorOf(404, 'not_found', 'Code not found');
    }
    if (request.path === '/v1/ticker') {
      return jsonAnswer(`[${names.map((name) => this.#tickerOf(name, nowMs)).join(',')}]`);
    }
    return jsonAnswer(JSON.stringify(names.map((name) => this.#instrumentOf(name))));
  }

  /** Without opening the market: a list of all must not start them all. */
  #tickerOf(symbol: string, nowMs: number): string {
    const spec = this.#context.markets.specs.find((listed) => listed.symbol === symbol);
    if (spec === undefined) throw new RangeError(`Expected a listed market, was ${symbol}`);
    const last = this.#context.markets.opened(symbol)?.lastPriceTicks ?? spec.startPriceTicks;
    const price = upbitPrice(spec, last);
    return `{"market":"${symbol}","trade_price":${price},"trade_timestamp":${nowMs},"timestamp":${nowMs}}`;
  }

  #instrumentOf(symbol: string): object {
    const spec = this.#context.markets.specs.find((listed) => listed.symbol === symbol);
    if (spec === undefined) throw new RangeError(`Expected a listed market, was ${symbol}`);
    const open: SimulatedMarket | undefined = this.#context.markets.opened(symbol);
    const price = Number(upbitPrice(spec, open?.lastPriceTicks ?? spec.startPriceTicks));
    const tick = upbitTick(spec.quoteAsset, price);
    return { market: symbol, quote_currency: spec.quoteAsset, tick_size: tick, supported_levels: ['0'] };
  }
}

function errorOf(status: number, name: string, message: string): RestAnswer {
  return jsonAnswer(JSON.stringify({ error: { name, message } }), status);
}
