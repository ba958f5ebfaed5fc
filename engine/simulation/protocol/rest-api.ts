import { depthSnapshotJson, exchangeInfo } from '../dialect/binance-messages.ts';
import type { DialectContext, RestAnswer, RestRequest } from '../dialect/dialect.ts';
import { depthAnswer, limitOf, marketOf, type Query, symbolOf } from '../dialect/binance-rest.ts';
import { errorAnswer, jsonAnswer } from '../dialect/rest-answer.ts';
import { VenueError } from '../venue-error.ts';
import { accountCommission } from './order-messages.ts';
import type { RateLimits } from './rate-limits.ts';
import { checkSigned, type Credentials } from './request-signing.ts';

const MAX_DEPTH = 5000;

export interface RestContext extends DialectContext {
  limits: RateLimits;
  credentials: Credentials;
  /** ms since the epoch. */
  nowMs(): number;
}

/** Answers one REST request of Binance spot: market data, server time, and the signed commission query. */
export function spotRest(context: RestContext, request: RestRequest): RestAnswer {
  const { limits } = context;
  const nowMs = context.nowMs();
  let answer: RestAnswer;
  try {
    if (request.method !== 'GET') throw new VenueError(-1020, 'This operation is not supported.', 405);
    answer = answerTo(context, request, nowMs);
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    answer = errorAnswer(error, nowMs);
  }
  answer.headers['x-mbx-used-weight-1m'] = String(limits.usedWeight(nowMs));
  return answer;
}

function answerTo(context: RestContext, request: RestRequest, nowMs: number): RestAnswer {
  const { markets, limits } = context;
  const parameters = Object.fromEntries(new URLSearchParams(request.query));
  switch (request.path) {
    case '/api/v3/ping':
      limits.spendWeight(1, nowMs);
      return jsonAnswer('{}');
    case '/api/v3/time':
      limits.spendWeight(1, nowMs);
      return jsonAnswer(JSON.stringify({ serverTime: nowMs }));
    case '/api/v3/exchangeInfo': {
      limits.spendWeight(20, nowMs);
      const names = wantedSymbols(parameters);
      const specs = names === undefined ? markets.specs : names.map((name) => marketOf(context, name).spec);
      return jsonAnswer(JSON.stringify(exchangeInfo(specs, limits.ordersPerTenSeconds, nowMs)));
    }
    case '/api/v3/depth': {
      const limit = Math.min(MAX_DEPTH, limitOf(parameters, 100));
      limits.spendWeight(limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250, nowMs);
      return depthAnswer(context, marketOf(context, symbolOf(parameters)), limit, nowMs, depthSnapshotJson);
    }
    case '/api/v3/account/commission': {
      limits.spendWeight(20, nowMs);
      const payload = request.query.replace(/(^|&)signature=[^&]*/, '');
      checkSigned(parameters, payload, request.header('x-mbx-apikey'), context.credentials, nowMs);
      return jsonAnswer(JSON.stringify(accountCommission(marketOf(context, symbolOf(parameters)).spec.symbol)));
    }
    default:
      throw new VenueError(-1000, `Expected a path of this venue, was ${request.path}`, 404);
  }
}

function wantedSymbols(parameters: Query): string[] | undefined {
  if (parameters['symbol'] !== undefined) return [parameters['symbol']];
  if (parameters['symbols'] === undefined) return undefined;
  try {
    const names = JSON.parse(parameters['symbols']) as unknown;
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch (error) {
    throw new VenueError(-1100, `Illegal characters found in parameter 'symbols': ${String(error)}`);
  }
  throw new VenueError(-1100, "Illegal characters found in parameter 'symbols'.");
}
