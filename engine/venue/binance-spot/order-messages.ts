/** Shapes of Binance spot's WebSocket API that order entry reads. Numbers in quotes stay text: they become steps. */

export interface ApiAnswer {
  id?: string | number | null;
  status: number;
  result?: unknown;
  error?: { code: number; msg: string };
}

export interface ApiOrder {
  symbol: string;
  orderId: number;
  clientOrderId: string;
  price: string;
  origQty: string;
  executedQty: string;
  status: string;
  side: string;
}

export interface ApiTrade {
  id: number;
  orderId: number;
  price: string;
  qty: string;
  commission: string;
  commissionAsset: string;
  time: number;
  isBuyer: boolean;
  isMaker: boolean;
}

export interface UserEvent {
  subscriptionId?: number;
  event?: { e: string };
}

/** Field letters as the venue names them; see its user-data documentation. */
export interface ExecutionReport {
  e: 'executionReport';
  /** Symbol. */
  s: string;
  /** Client id of the request, and of the original order for a cancel. */
  c: string;
  C?: string;
  /** Side, price, size. */
  S: string;
  p: string;
  q: string;
  /** Execution type, order status, reject reason. */
  x: string;
  X: string;
  r: string;
  /** Order id, trade id. */
  i: number;
  t: number;
  /** Last filled size and price, filled so far. */
  l: string;
  L: string;
  z: string;
  /** Fee and the asset it was paid in. */
  n: string;
  N: string | null;
  /** Maker. */
  m: boolean;
  /** Transaction time, ms. */
  T: number;
}

/** Balances after a change: asset, free, locked. */
export interface AccountPosition {
  e: 'outboundAccountPosition';
  B: { a: string; f: string; l: string }[];
}
