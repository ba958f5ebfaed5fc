import { AlertLevel, OrderSource, RecordFlag, RecordKind } from '../contract/record.ts';
import { Side } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { OrderBook } from '../market/order-book.ts';
import type { JournalledOutput } from './journalled-output.ts';
import { OrderStatusCode, type Order } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Position } from './position.ts';
import { startQueue } from './queue-position.ts';
import type { Reconciliation } from './reconciliation.ts';
import type { TradingState } from './trading-state.ts';
import { fillView, positionView } from './trading-views.ts';

/** Who wants to hear of orders inside the step. */
export interface OrderObserver {
  onOrder(order: Order): void;
  onFill(order: Order, priceTicks: number, sizeLots: number): void;
}

export interface OrderReportsOptions {
  state: TradingState;
  output: JournalledOutput;
  desk: OrderDesk;
  reconciliation: Reconciliation;
  observer: OrderObserver;
  /** Estimate queue positions here (venue execution); the paper exchange does it by itself. */
  estimateQueues: boolean;
}

/** The way in: applies order records, live and restored, to orders, positions, fills and counters. */
export class OrderReports {
  readonly #state: TradingState;
  readonly #output: JournalledOutput;
  readonly #desk: OrderDesk;
  readonly #reconciliation: Reconciliation;
  readonly #observer: OrderObserver;
  readonly #estimateQueues: boolean;

  constructor(options: OrderReportsOptions) {
    this.#state = options.state;
    this.#output = options.output;
    this.#desk = options.desk;
    this.#reconciliation = options.reconciliation;
    this.#observer = options.observer;
    this.#estimateQueues = options.estimateQueues;
  }

  /** Takes an order record of kinds orderSubmitted .. orderAdopted. */
  apply(slot: EventSlot): void {
    const state = this.#state;
    if (slot.kind === RecordKind.orderAdopted) {
      this.#adopt(slot);
      return;
    }
    if (slot.kind === RecordKind.orderSubmitted) {
      // Only ever restored: live, the desk has opened the order itself.
      if (state.orders.get(slot.id) === undefined) this.#open(slot, slot.aux as OrderSource);
      return;
    }
    const order = state.orders.get(slot.id);
    if (order === undefined) {
      if (slot.kind === RecordKind.orderFill) this.#strangeFill(slot);
      else state.counters.ignoredOrderRecords++;
      return;
    }
    const changed = this.#transition(order, slot);
    if (changed) this.#desk.changed(order);
    if (state.restoring) return;
    this.#sendWaitingCancel(order);
    if (changed) this.#observer.onOrder(order);
  }

  #transition(order: Order, slot: EventSlot): boolean {
    const { orders, counters } = this.#state;
    const timeUs = this.#state.timeUs(slot.timeNs);
    switch (slot.kind) {
      case RecordKind.orderAccepted: {
        const waited = order.status === OrderStatusCode.pending || order.status === OrderStatusCode.unknown;
        if (waited && order.venueOrderId === 0) counters.acked++;
        const changed = orders.accepted(order, slot.aux, timeUs);
        if (changed && waited && this.#estimateQueues && !this.#state.restoring) {
          startQueue(order, (this.#state.books[order.instrument] as OrderBook).sizeAt(order.side, order.priceTicks));
        }
        return changed;
      }
      case RecordKind.orderFill:
        return this.#fill(order, slot, timeUs);
      case RecordKind.orderCancelled: {
        if (!orders.cancelled(order, timeUs, slot.text)) return false;
        counters.cancelled++;
        const expectedLots = order.sizeLots - slot.sizeLots;
        if (slot.sizeLots > 0 && order.filledLots < expectedLots && !this.#state.restoring) {
          this.#output.alert(
            AlertLevel.warning,
            `Order ${order.orderNumber}: the venue filled ${expectedLots} lots, reported ${order.filledLots}; asking`,
          );
          this.#reconciliation.query(order);
        }
        return true;
      }
      case RecordKind.orderRejected: {
        const changed = orders.rejected(order, timeUs, slot.text);
        if (!changed) return false;
        if (order.status === OrderStatusCode.rejected) counters.rejected++;
        else counters.cancelled++;
        if (order.source !== OrderSource.strategy) {
          this.#output.alert(AlertLevel.warning, `Order ${order.orderNumber} rejected: ${slot.text}`);
        }
        return true;
      }
      case RecordKind.orderUnknown: {
        const changed = orders.becameUnknown(order, timeUs);
        if (changed && !this.#state.restoring) this.#reconciliation.query(order);
        return changed;
      }
      case RecordKind.cancelSubmitted:
        return orders.cancelSent(order, timeUs);
      case RecordKind.cancelRejected: {
        const changed = orders.cancelRejected(order, timeUs, slot.text);
        // It works still, or has just ended and its report is on the way: the venue tells which.
        if (changed && !this.#state.restoring) this.#reconciliation.query(order);
        return changed;
      }
      default:
        throw new RangeError(`Expected an order record, was kind ${slot.kind}`);
    }
  }

  #fill(order: Order, slot: EventSlot, timeUs: number): boolean {
    const { orders, counters } = this.#state;
    const before = order.status;
    if (!orders.fill(order, slot.aux, slot.sizeLots, timeUs)) {
      counters.duplicateFills++;
      return false;
    }
    if (order.status === OrderStatusCode.filled && before !== OrderStatusCode.filled) counters.filled++;
    if (order.filledLots > order.sizeLots) {
      this.#output.alert(
        AlertLevel.critical,
        `Order ${order.orderNumber}: expected at most ${order.sizeLots} lots filled, was ${order.filledLots}`,
      );
    }
    this.#book(slot, order.side, order.source === OrderSource.strategy);
    if (!this.#state.restoring) this.#observer.onFill(order, slot.priceTicks, slot.sizeLots);
    return true;
  }

  /** The venue is the truth: a fill moves the position even when nobody here knows the order. */
  #strangeFill(slot: EventSlot): void {
    const { fills, counters } = this.#state;
    // Trade ids are the symbol's own.
    const { id, aux, instrument } = slot;
    const isKnown = fills.some((f) => f.orderNumber === id && f.venueTradeId === aux && f.instrument === instrument);
    if (slot.side === Side.none || isKnown) {
      counters.ignoredOrderRecords++;
      return;
    }
    this.#output.alert(AlertLevel.critical, `Fill of ${slot.sizeLots} lots for the unknown order ${slot.id}`);
    this.#book(slot, slot.side, false);
  }

  #book(slot: EventSlot, side: Side, byStrategy: boolean): void {
    const state = this.#state;
    const { instrument, priceTicks, sizeLots, value: fee } = slot;
    state.rollDay(slot.timeNs);
    (state.positions[instrument] as Position).applyFill(side, priceTicks, sizeLots, fee);
    if (byStrategy) (state.strategyPositions[instrument] as Position).applyFill(side, priceTicks, sizeLots, fee);
    state.counters.fills++;
    // When the venue made it: a fill that is learned of later belongs where it happened.
    const view = fillView(slot, side, slot.exchangeTimeUs > 0 ? slot.exchangeTimeUs : state.timeUs(slot.timeNs));
    state.fills.push(view);
    if (state.restoring) return;
    this.#output.listener.onFill?.(view);
    this.#output.listener.onPosition?.(positionView(state, instrument));
  }

  /** A cancel that had to wait for the look-up, or for order entry, goes out once the order is known to work. */
  #sendWaitingCancel(order: Order): void {
    const works = order.status === OrderStatusCode.working || order.status === OrderStatusCode.partial;
    if (works && order.cancelWanted && !order.cancelSent && this.#state.orderEntryUp) this.#desk.sendCancel(order);
  }

  #adopt(slot: EventSlot): void {
    const { orders, counters } = this.#state;
    if (orders.get(slot.id) !== undefined) {
      counters.ignoredOrderRecords++;
      return;
    }
    const order = this.#open(slot, OrderSource.adopted);
    order.adoptedClientId = slot.text === '' ? 'unknown' : slot.text;
    orders.accepted(order, slot.aux, this.#state.timeUs(slot.timeNs));
    counters.adopted++;
    this.#output.alert(AlertLevel.warning, `Adopted the open order ${order.adoptedClientId} found at the venue`);
    this.#desk.changed(order);
    if (!this.#state.restoring) this.#observer.onOrder(order);
  }

  #open(slot: EventSlot, source: OrderSource): Order {
    this.#desk.reserveNumber(slot.id);
    return this.#state.orders.open(
      {
        orderNumber: slot.id,
        instrument: slot.instrument,
        side: slot.side,
        priceTicks: slot.priceTicks,
        sizeLots: slot.sizeLots,
        source,
        postOnly: slot.has(RecordFlag.postOnly),
        immediateOrCancel: slot.has(RecordFlag.immediateOrCancel),
        reduceOnly: slot.has(RecordFlag.reduceOnly),
      },
      this.#state.timeUs(slot.timeNs),
    );
  }
}
