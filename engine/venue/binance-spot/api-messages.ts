/** Shapes of what Binance's WebSocket API sends, as far as they are read here. */

export interface ApiError {
  code: number;
  msg: string;
}

/** Answer to a request. */
export interface ApiAnswer {
  id: string | number;
  status: number;
  result?: unknown;
  error?: ApiError;
}

/** Order in the answers to `order.place` (only some fields), `order.status` and `openOrders.status`. */
export interface OrderStatusAnswer {
  orderId: number;
  clientOrderId: string;
  price: string;
  origQty: string;
  executedQty: string;
  status: string;
  type: string;
  side: string;
  transactTime?: number;
  updateTime?: number;
}

/** Element of the answer to `myTrades`. */
export interface TradeAnswer {
  id: number;
  price: string;
  qty: string;
  commission: string;
  commissionAsset: string;
  time: number;
  isBuyer: boolean;
  isMaker: boolean;
}

export interface ExecutionReport {
  e: 'executionReport';
  s: string;
  c: string;
  C?: string;
  S: string;
  o: string;
  q: string;
  p: string;
  x: string;
  X: string;
  r: string;
  /** Why it expired; only in some reports. */
  eR?: string;
  i: number;
  l: string;
  z: string;
  L: string;
  n: string;
  N: string | null;
  T: number;
  t: number;
  m: boolean;
}

export interface AccountPosition {
  e: 'outboundAccountPosition';
  B: { a: string; f: string; l: string }[];
}

export type UserEvent = ExecutionReport | AccountPosition | { e: 'eventStreamTerminated' } | { e: 'other' };

/** True for the answer to a request (it has an id and a status). */
export function isApiAnswer(message: unknown): message is ApiAnswer {
  if (!isObject(message)) return false;
  const { id, status, error } = message;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof status !== 'number') return false;
  return (
    error === undefined || (isObject(error) && typeof error['code'] === 'number' && typeof error['msg'] === 'string')
  );
}

/** The user-data event in a message, bare or wrapped with its subscription; undefined when there is none. */
export function userEventOf(message: unknown): UserEvent | undefined {
  if (!isObject(message)) return undefined;
  const event = isObject(message['event']) ? message['event'] : message;
  const name = event['e'];
  if (typeof name !== 'string') return undefined;
  if (name === 'executionReport') {
    if (typeof event['s'] !== 'string' || typeof event['c'] !== 'string') {
      throw new RangeError('executionReport: expected symbol and client id, was without');
    }
    return event as unknown as ExecutionReport;
  }
  if (name === 'outboundAccountPosition') {
    if (!Array.isArray(event['B'])) throw new RangeError('outboundAccountPosition: expected balances, was without');
    return event as unknown as AccountPosition;
  }
  return { e: name === 'eventStreamTerminated' ? name : 'other' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
