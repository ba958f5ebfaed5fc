import { AlertLevel } from '../contract/record.ts';
import { OrderStatusCode, type Order } from './order.ts';
import type { JournalledOutput } from './journalled-output.ts';
import type { OrderActions } from './trading-core-options.ts';
import type { TradingState } from './trading-state.ts';

/** Pause between two look-ups of an order whose fate is unknown. */
const UNKNOWN_AGAIN_NS = 1e9;
/** An order or a cancel without any answer for this long is looked up, whatever the adapter thinks of it. */
const SILENT_NS = 5e9;

/**
 * Agreement with the venue. Unknown is not failed: an order whose answer was lost is looked up by client id, again and
 * again, before anything else is sent for it. Whenever order entry comes (back) up, every order that is not over is
 * looked up and the venue is asked what else is open.
 */
export class Reconciliation {
  readonly #state: TradingState;
  readonly #output: JournalledOutput;
  readonly #actions: OrderActions;

  constructor(state: TradingState, output: JournalledOutput, actions: OrderActions) {
    this.#state = state;
    this.#output = output;
    this.#actions = actions;
  }

  query(order: Order): void {
    const state = this.#state;
    order.lastRequestNs = state.nowNs;
    if (!state.orderEntryUp) return;
    state.counters.queries++;
    this.#actions.queryOrder(order, state.nowNs);
  }

  askOpenOrders(instrument: number): void {
    this.#state.counters.queries++;
    this.#actions.queryOpenOrders(instrument, this.#state.nowNs);
  }

  onOrderEntryState(up: boolean): void {
    const state = this.#state;
    const was = state.orderEntryUp;
    state.orderEntryUp = up;
    if (!up) {
      if (was) this.#output.alert(AlertLevel.warning, 'Order entry is down: no order can be sent or cancelled');
      return;
    }
    for (const order of state.orders.live) this.query(order);
    for (let i = 0; i < state.instruments.length; i++) this.askOpenOrders(i);
  }

  onTimer(): void {
    const state = this.#state;
    if (!state.orderEntryUp) return;
    for (const order of state.orders.live) {
      const silentNs = state.nowNs - order.lastRequestNs;
      if (order.status === OrderStatusCode.unknown) {
        if (silentNs >= UNKNOWN_AGAIN_NS) this.query(order);
      } else if (order.status === OrderStatusCode.pending || order.status === OrderStatusCode.cancelling) {
        if (silentNs >= SILENT_NS) this.query(order);
      }
    }
  }
}
