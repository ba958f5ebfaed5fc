import type { SimulatedMarket } from '../simulated-market.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import { VenueError } from '../venue-error.ts';
import { type BookCopy, copyBook } from './book-memory.ts';
import type { DialectContext, RestAnswer } from './dialect.ts';
import { errorAnswer, faultedAnswer, jsonAnswer } from './rest-answer.ts';

/** Parameters of a query, by name. */
export type Query = Record<string, string>;

/** @throws VenueError -1121 when the symbol is not listed. */
export function marketOf({ markets }: DialectContext, symbol: string): SimulatedMarket {
  const market = markets.marketFor(symbol);
  if (market === undefined) throw new VenueError(-1121, 'Invalid symbol.');
  return market;
}

/** @throws VenueError -1102 when it is missing. */
export function symbolOf(query: Query): string {
  const symbol = query['symbol'];
  if (symbol === undefined || symbol === '') {
    throw new VenueError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  }
  return symbol;
}

/** @throws VenueError -1100 when it is no positive number. */
export function limitOf(query: Query, usual: number): number {
  const text = query['limit'] ?? String(usual);
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw new VenueError(-1100, "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,9}$'.");
  }
  return Number(text);
}

/** A depth snapshot as the faults want it: of now, older, later, or failed. */
export function depthAnswer(
  context: DialectContext,
  market: SimulatedMarket,
  limit: number,
  nowMs: number,
  encode: (spec: SymbolSpec, book: BookCopy, limit: number) => string,
): RestAnswer {
  const { faults, memory, protocol } = context;
  const { spec } = market;
  const fault = faults.snapshot(protocol, spec.symbol);
  if (fault.status !== 200) return errorAnswer(refusal(fault.status, nowMs), nowMs);
  const now = copyBook(market, market.updateId, Infinity);
  const book = fault.stale ? (memory.oldest(spec.symbol) ?? now) : now;
  if (!fault.stale) memory.remember(spec.symbol, now);
  const answer = faultedAnswer(context, spec.symbol, 'snapshot', jsonAnswer(encode(spec, book, limit)));
  return { ...answer, delayMs: fault.delayMs };
}

/** What Binance says with a status. */
export function refusal(status: number, nowMs: number): VenueError {
  if (status === 429 || status === 418) {
    return new VenueError(-1003, 'Too much request weight used.', status, nowMs + 1000);
  }
  return new VenueError(-1000, 'An unknown error occurred while processing the request.', status);
}
