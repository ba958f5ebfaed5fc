import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedExchange } from '../simulated-exchange.ts';
import { VenueError } from '../venue-error.ts';
import type { VenueFaults } from './faults.ts';
import { depthSnapshotJson, exchangeInfo } from './market-messages.ts';
import { accountCommission } from './order-messages.ts';
import type { RateLimits } from './rate-limits.ts';
import { checkSigned, type Credentials } from './request-signing.ts';

const MAX_DEPTH = 5000;

export interface RestContext {
  exchange: SimulatedExchange;
  limits: RateLimits;
  faults: VenueFaults;
  credentials: Credentials;
  nowMs: () => number;
}

/** Answers one REST request: market data, server time, and the signed commission query. */
export function handleRest(context: RestContext, request: IncomingMessage, response: ServerResponse): void {
  const { limits, nowMs } = context;
  context.exchange.advance(nowMs());
  let status = 200;
  let body: string;
  try {
    if (request.method !== 'GET') throw new VenueError(-1020, 'This operation is not supported.', 405);
    body = answer(context, request);
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    status = error.status;
    body = JSON.stringify({ code: error.code, msg: error.message });
    if (error.retryAfterMs !== undefined) {
      response.setHeader('Retry-After', Math.max(1, Math.ceil((error.retryAfterMs - nowMs()) / 1000)));
    }
  }
  response.writeHead(status, {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(body),
    'x-mbx-used-weight-1m': String(limits.usedWeight(nowMs())),
  });
  response.end(body);
}

function answer(context: RestContext, request: IncomingMessage): string {
  const { exchange, limits, nowMs } = context;
  const [path = '', query = ''] = (request.url ?? '/').split('?', 2);
  const parameters = Object.fromEntries(new URLSearchParams(query));
  switch (path) {
    case '/api/v3/ping':
      limits.spendWeight(1, nowMs());
      return '{}';
    case '/api/v3/time':
      limits.spendWeight(1, nowMs());
      return JSON.stringify({ serverTime: nowMs() });
    case '/api/v3/exchangeInfo': {
      limits.spendWeight(20, nowMs());
      const names = wantedSymbols(parameters);
      const markets = names === undefined ? [...exchange.markets.values()] : names.map((name) => exchange.market(name));
      return JSON.stringify(
        exchangeInfo(
          markets.map((market) => market.spec),
          limits.ordersPerTenSeconds,
          nowMs(),
        ),
      );
    }
    case '/api/v3/depth': {
      const text = parameters['limit'] ?? '100';
      if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
        throw new VenueError(-1100, "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,9}$'.");
      }
      const limit = Math.min(MAX_DEPTH, Number(text));
      limits.spendWeight(limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250, nowMs());
      if (context.faults.failSnapshots > 0) {
        context.faults.failSnapshots--;
        throw new VenueError(-1000, 'An unknown error occurred while processing the request.', 500);
      }
      return depthSnapshotJson(exchange.market(symbolOf(parameters)), limit);
    }
    case '/api/v3/account/commission': {
      limits.spendWeight(20, nowMs());
      const key = request.headers['x-mbx-apikey'];
      const payload = query.replace(/(^|&)signature=[^&]*/, '');
      checkSigned(parameters, payload, typeof key === 'string' ? key : undefined, context.credentials, nowMs());
      return JSON.stringify(accountCommission(exchange.market(symbolOf(parameters)).spec.symbol));
    }
    default:
      throw new VenueError(-1000, `Expected a path of this venue, was ${path}`, 404);
  }
}

function symbolOf(parameters: Record<string, string>): string {
  const symbol = parameters['symbol'];
  if (symbol === undefined || symbol === '') {
    throw new VenueError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  }
  return symbol;
}

function wantedSymbols(parameters: Record<string, string>): string[] | undefined {
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
