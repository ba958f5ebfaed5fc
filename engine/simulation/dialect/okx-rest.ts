import { priceText, sizeText } from '../decimal-text.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import { CountLimit } from './count-limit.ts';
import type { DialectContext, RestAnswer, RestRequest } from './dialect.ts';
import { jsonAnswer } from './rest-answer.ts';

const TYPES = ['SPOT', 'SWAP', 'FUTURES'] as const;
type InstrumentType = (typeof TYPES)[number];

/** REST of OKX v5's public data. */
export class OkxRest {
  readonly #context: DialectContext;
  readonly #limits: ReadonlyMap<string, CountLimit> = new Map([
    ['/api/v5/public/time', new CountLimit(10, 2000)],
    ['/api/v5/public/instruments', new CountLimit(20, 2000)],
  ]);

  constructor(context: DialectContext) {
    this.#context = context;
  }

  answer(request: RestRequest): RestAnswer {
    const { nowMs, specs } = this.#context.markets;
    const limit = this.#limits.get(request.path);
    if (limit === undefined || request.method !== 'GET')
      return jsonAnswer('{"code":"404","data":[],"msg":"Not Found"}', 404);
    if (!limit.take(nowMs)) return this.refusal(429);
    if (request.path === '/api/v5/public/time') return answerOf('0', '', [{ ts: String(nowMs) }]);
    const query = new URLSearchParams(request.query);
    const wanted = query.get('instType');
    if (!TYPES.some((type) => type === wanted)) return answerOf('51000', 'Parameter instType error', []);
    const listed = specs.filter(({ symbol }) => instrumentType(symbol) === wanted);
    const one = query.get('instId');
    const found = one === null ? listed : listed.filter(({ symbol }) => symbol === one);
    if (one !== null && found.length === 0) return answerOf('51001', "Instrument ID doesn't exist.", []);
    return answerOf('0', '', found.map(infoOf));
  }

  refusal(status: number): RestAnswer {
    return jsonAnswer(JSON.stringify({ code: '50011', data: [], msg: 'Too Many Requests' }), status);
  }
}

export function instrumentType(symbol: string): InstrumentType {
  if (symbol.endsWith('-SWAP')) return 'SWAP';
  return symbol.split('-').length > 2 ? 'FUTURES' : 'SPOT';
}

function answerOf(code: string, msg: string, data: object[]): RestAnswer {
  return jsonAnswer(JSON.stringify({ code, msg, data }));
}

function infoOf(spec: SymbolSpec): object {
  const instType = instrumentType(spec.symbol);
  const isSpot = instType === 'SPOT';
  const lot = sizeText(spec, 1);
  return {
    instType,
    instId: spec.symbol,
    uly: isSpot ? '' : `${spec.baseAsset}-${spec.quoteAsset}`,
    baseCcy: isSpot ? spec.baseAsset : '',
    quoteCcy: isSpot ? spec.quoteAsset : '',
    settleCcy: isSpot ? '' : spec.quoteAsset,
    ctVal: isSpot ? '' : '1',
    ctMult: isSpot ? '' : '1',
    ctValCcy: isSpot ? '' : spec.baseAsset,
    ctType: isSpot ? '' : 'linear',
    tickSz: priceText(spec, 1),
    lotSz: lot,
    minSz: lot,
    state: 'live',
  };
}
