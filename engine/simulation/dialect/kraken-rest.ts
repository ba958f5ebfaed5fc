import { priceText } from '../decimal-text.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import { CountLimit } from './count-limit.ts';
import type { DialectContext, RestAnswer, RestRequest } from './dialect.ts';
import { jsonAnswer } from './rest-answer.ts';

/** Requests per address: bursts are taken, a steady stream above five a second is not. */
const REQUESTS = 50;
const REQUESTS_MS = 10_000;

/** REST of Kraken's public data. */
export class KrakenRest {
  readonly #context: DialectContext;
  readonly #requests = new CountLimit(REQUESTS, REQUESTS_MS);

  constructor(context: DialectContext) {
    this.#context = context;
  }

  answer(request: RestRequest): RestAnswer {
    const { nowMs, specs } = this.#context.markets;
    if (!this.#requests.take(nowMs)) return this.refusal(429);
    if (request.method !== 'GET') return answerOf(['EGeneral:Unknown method']);
    switch (request.path) {
      case '/0/public/Time':
        return answerOf([], { unixtime: Math.floor(nowMs / 1000), rfc1123: new Date(nowMs).toUTCString() });
      case '/0/public/SystemStatus':
        return answerOf([], { status: 'online', timestamp: new Date(nowMs).toISOString() });
      case '/0/public/AssetPairs': {
        const wanted = new URLSearchParams(request.query).get('pair')?.split(',');
        const found = specs.filter(
          (spec) => wanted === undefined || namesOf(spec).some((name) => wanted.includes(name)),
        );
        if (wanted !== undefined && found.length < wanted.length) return answerOf(['EQuery:Unknown asset pair']);
        return answerOf([], Object.fromEntries(found.map((spec) => [keyOf(spec), infoOf(spec)])));
      }
      default:
        return answerOf(['EGeneral:Unknown method']);
    }
  }

  refusal(status: number): RestAnswer {
    // The API itself tells it under status 200; other refusals are the front's.
    if (status === 429) return answerOf(['EAPI:Rate limit exceeded']);
    return jsonAnswer(JSON.stringify({ error: ['EService:Unavailable'] }), status);
  }
}

function answerOf(error: readonly string[], result?: object): RestAnswer {
  return jsonAnswer(JSON.stringify(result === undefined ? { error } : { error, result }));
}

/** Kraken's old assets carry X or Z in front. */
function keyOf({ baseAsset, quoteAsset }: SymbolSpec): string {
  const isOld = /^(XBT|ETH|XDG|XRP|LTC|ETC)$/.test(baseAsset) && /^(USD|EUR|XBT)$/.test(quoteAsset);
  if (!isOld) return baseAsset + quoteAsset;
  return `X${baseAsset}${quoteAsset === 'XBT' ? 'X' : 'Z'}${quoteAsset}`;
}

function namesOf(spec: SymbolSpec): string[] {
  return [spec.symbol, keyOf(spec), spec.baseAsset + spec.quoteAsset];
}

function infoOf(spec: SymbolSpec): object {
  return {
    altname: spec.baseAsset + spec.quoteAsset,
    wsname: spec.symbol,
    aclass_base: 'currency',
    base: spec.baseAsset,
    aclass_quote: 'currency',
    quote: spec.quoteAsset,
    lot: 'unit',
    cost_decimals: 5,
    pair_decimals: spec.priceDecimals,
    lot_decimals: spec.sizeDecimals,
    lot_multiplier: 1,
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    fee_volume_currency: 'ZUSD',
    ordermin: '0.00005',
    costmin: '0.5',
    tick_size: priceText(spec, 1),
    status: 'online',
  };
}
