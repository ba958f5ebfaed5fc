import type { OrderSource } from '../contract/record.ts';
import type { Side } from '../contract/units.ts';

/** Index of `orderStatusCodes` (contract/trading-messages.ts): what is stored in an order and in market frames. */
export const OrderStatusCode = {
  pending: 0,
  working: 1,
  partial: 2,
  cancelling: 3,
  unknown: 4,
  filled: 5,
  cancelled: 6,
  rejected: 7,
} as const;
export type OrderStatusCode = (typeof OrderStatusCode)[keyof typeof OrderStatusCode];

/** True for filled, cancelled and rejected: states that absorb. */
export function isTerminal(status: OrderStatusCode): boolean {
  return status >= OrderStatusCode.filled;
}

/**
 * One order, from the decision to its end. Objects are pooled by the order table: read them during a call, never keep
 * them. Satisfies `OrderRequest` of the order entry adapter, so the shell hands it on as it is.
 */
export class Order {
  orderNumber = 0;
  instrument = 0;
  side: Side = 0;
  priceTicks = 0;
  sizeLots = 0;
  filledLots = 0;
  status: OrderStatusCode = OrderStatusCode.pending;
  source: OrderSource = 0;
  postOnly = false;
  immediateOrCancel = false;
  reduceOnly = false;
  /** 0 until the venue has told. */
  venueOrderId = 0;
  /** Lots in front of this order at its price; -1 unknown. */
  queueAheadLots = -1;
  /** Lots traded at the order's price since the level was last updated (queue estimate). */
  tradedSinceUpdateLots = 0;
  /** A cancel was asked for; while the order is `unknown` it is sent only after the look-up has answered. */
  cancelWanted = false;
  /** A cancel is on its way to the venue. */
  cancelSent = false;
  /** Engine time of the last look-up or cancel, ns. */
  lastRequestNs = 0;
  /** Client id of an adopted order; empty for our own (prefix + number). */
  adoptedClientId = '';
  reason = '';
  /** us since the epoch. */
  createdUs = 0;
  updatedUs = 0;
  /** Venue trade ids already counted. */
  readonly tradeIds: number[] = [];

  get remainingLots(): number {
    return this.sizeLots - this.filledLots;
  }

  get isTerminal(): boolean {
    return this.status >= OrderStatusCode.filled;
  }

  reset(): void {
    this.orderNumber = 0;
    this.instrument = 0;
    this.side = 0;
    this.priceTicks = 0;
    this.sizeLots = 0;
    this.filledLots = 0;
    this.status = OrderStatusCode.pending;
    this.source = 0;
    this.postOnly = false;
    this.immediateOrCancel = false;
    this.reduceOnly = false;
    this.venueOrderId = 0;
    this.queueAheadLots = -1;
    this.tradedSinceUpdateLots = 0;
    this.cancelWanted = false;
    this.cancelSent = false;
    this.lastRequestNs = 0;
    this.adoptedClientId = '';
    this.reason = '';
    this.createdUs = 0;
    this.updatedUs = 0;
    this.tradeIds.length = 0;
  }
}
