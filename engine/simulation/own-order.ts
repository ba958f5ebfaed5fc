export type OrderSideName = 'BUY' | 'SELL';
export type OrderTypeName = 'LIMIT' | 'LIMIT_MAKER' | 'MARKET';
export type TimeInForceName = 'GTC' | 'IOC';
export type OrderStatusName = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';

/** An order of the account. Amounts: ticks, lots, and 1e-8 units of the quote asset. Plain data: it is what is stored. */
export interface OwnOrder {
  symbol: string;
  orderId: number;
  clientOrderId: string;
  side: OrderSideName;
  type: OrderTypeName;
  timeInForce: TimeInForceName;
  /** 0 for a market order. */
  priceTicks: number;
  origLots: number;
  executedLots: number;
  /** Value of all fills. */
  quoteUnits: number;
  status: OrderStatusName;
  timeMs: number;
  updateMs: number;
  /** Funds still locked for it, in 1e-8 of the quote (buy) or base (sell) asset. */
  lockedUnits: number;
}

export interface OwnFill {
  symbol: string;
  tradeId: number;
  orderId: number;
  priceTicks: number;
  lots: number;
  quoteUnits: number;
  commissionUnits: number;
  commissionAsset: string;
  timeMs: number;
  isBuyer: boolean;
  isMaker: boolean;
}

/** The order rests in the book (or would, were the venue up). */
export function isWorking(order: OwnOrder): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
}
