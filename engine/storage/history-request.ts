/** Requests of a page for history, and what is wrong with them. */
import type { DataRequest } from '../contract/data-messages.ts';
import type { StorageRequest } from '../contract/storage-messages.ts';

export type HistoryRequest = Exclude<StorageRequest, { kind: 'status' } | DataRequest>;

const MAX_ROWS = 20_000;

/** @throws RangeError naming field and value. */
export function checkHistoryRequest(request: StorageRequest): asserts request is HistoryRequest {
  switch (request.kind) {
    case 'candles':
      whole('intervalSeconds', request.intervalSeconds, 1, 86_400);
      finite('fromS', request.fromS);
      finite('toS', request.toS);
      if (request.oldest !== undefined && typeof request.oldest !== 'boolean') {
        throw new RangeError(`oldest: expected true or false, was ${String(request.oldest)}`);
      }
      break;
    case 'trades':
      finite('beforeUs', request.beforeUs);
      for (const field of ['beforeId', 'afterUs', 'afterId'] as const) {
        if (request[field] !== undefined) finite(field, request[field]);
      }
      break;
    case 'integrity':
      finite('fromUs', request.fromUs);
      finite('toUs', request.toUs);
      break;
    case 'fills':
    case 'range':
      break;
    default:
      throw new RangeError(
        `kind: expected candles, trades, range, fills, integrity or status, was ${String((request as { kind: unknown }).kind)}`,
      );
  }
  if (request.kind !== 'range') whole('limit', request.limit, 1, MAX_ROWS);
  if (typeof request.symbol !== 'string' || request.symbol === '') {
    throw new RangeError(`symbol: expected a text, was ${String(request.symbol)}`);
  }
  for (const field of ['venue', 'source'] as const) {
    const value = request[field];
    if (value !== undefined && typeof value !== 'string') {
      throw new RangeError(`${field}: expected a text, was ${String(value)}`);
    }
  }
}

function whole(field: string, value: unknown, min: number, max: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${field}: expected a whole number from ${min} to ${max}, was ${String(value)}`);
  }
}

function finite(field: string, value: unknown): void {
  if (typeof value !== 'number' || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`${field}: expected a number, was ${String(value)}`);
  }
}
