import type { VenueError } from '../venue-error.ts';
import type { DialectContext, PayloadKind, RestAnswer } from './dialect.ts';

export function jsonAnswer(body: string, status = 200, headers: Record<string, string> = {}): RestAnswer {
  return { status, body, headers: { 'content-type': 'application/json;charset=UTF-8', ...headers }, delayMs: 0 };
}

/** Binance's form of a refusal; with the seconds to wait where the venue says so. */
export function errorAnswer(error: VenueError, nowMs: number): RestAnswer {
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.max(1, Math.ceil((error.retryAfterMs - nowMs) / 1000)));
  }
  return jsonAnswer(JSON.stringify({ code: error.code, msg: error.message }), error.status, headers);
}

/** Lets the faults have the body; one that they swallow is answered as a gateway does that got none. */
export function faultedAnswer(
  { faults, protocol }: DialectContext,
  symbol: string,
  kind: PayloadKind,
  answer: RestAnswer,
): RestAnswer {
  const body = faults.payload(protocol, symbol, kind, answer.body);
  return body === undefined ? jsonAnswer('', 504) : { ...answer, body };
}
