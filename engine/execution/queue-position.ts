/**
 * Estimate of the lots in front of a resting order, from what the feed shows. Trades at the price eat the queue from the
 * front. A level that shrinks by more than was traded lost cancelled orders, assumed to be spread evenly over the level,
 * so the part ahead shrinks in proportion. A level that grows grows behind us.
 */

export interface QueuedOrder {
  /** -1 unknown. */
  queueAheadLots: number;
  tradedSinceUpdateLots: number;
}

/** The order came to rest at a level that showed `levelLots`: all of it is ahead. */
export function startQueue(order: QueuedOrder, levelLots: number): void {
  order.queueAheadLots = levelLots;
  order.tradedSinceUpdateLots = 0;
}

/** `lots` traded at the order's price and reached the market's part of the queue. */
export function queueTraded(order: QueuedOrder, lots: number): void {
  if (order.queueAheadLots < 0) return;
  order.queueAheadLots = Math.max(0, order.queueAheadLots - lots);
  order.tradedSinceUpdateLots += lots;
}

/** The order's level went from `oldLots` to `newLots`. */
export function queueLevelChanged(order: QueuedOrder, oldLots: number, newLots: number): void {
  const traded = order.tradedSinceUpdateLots;
  order.tradedSinceUpdateLots = 0;
  if (order.queueAheadLots < 0) return;
  // The trades are taken off already; only what went beyond them was cancelled.
  const leftLots = oldLots - traded;
  const cancelledLots = leftLots - newLots;
  if (cancelledLots > 0 && leftLots > 0) {
    order.queueAheadLots = Math.ceil(order.queueAheadLots * (1 - cancelledLots / leftLots));
  }
  if (order.queueAheadLots > newLots) order.queueAheadLots = newLots;
}
