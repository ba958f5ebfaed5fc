import type { EventSink } from '../core/event-slot.ts';
import type { Side } from '../contract/units.ts';

/** An order about to be sent. */
export interface OrderRequest {
  orderNumber: number;
  instrument: number;
  side: Side;
  priceTicks: number;
  sizeLots: number;
  postOnly: boolean;
  immediateOrCancel: boolean;
}

/** What the order entry adapter may ask of the shell. */
export interface OrderEntryIo extends EventSink {
  /** Hand one text message to the order entry socket; false when it is not open (nothing was sent). */
  send(message: string): boolean;
}

/**
 * Sans-IO order entry and user data. Answers and user-data events come out as order records (orderAccepted, orderFill,
 * orderCancelled, orderRejected, orderUnknown, orderAdopted, cancelRejected, openOrdersReport, balance, orderEntryState).
 * Unknown is not failed: a request without an answer when the socket closes or after the time-out becomes orderUnknown.
 * Duplicate execution reports are passed on; the order table makes them idempotent by trade id.
 */
export interface OrderEntryAdapter {
  onConnected(timeNs: number): void;
  onDisconnected(timeNs: number, reason: string): void;
  onMessage(bytes: Uint8Array, timeNs: number): void;
  onTimer(timeNs: number): void;
  place(order: OrderRequest, timeNs: number): void;
  cancel(orderNumber: number, instrument: number, timeNs: number): void;
  cancelAll(instrument: number, timeNs: number): void;
  /** Ask for one order by client id: answers with accepted / fills / cancelled, or orderRejected "not at the venue". */
  queryOrder(orderNumber: number, instrument: number, timeNs: number): void;
  /** Ask which orders are open: adopts strangers, answers with openOrdersReport. */
  queryOpenOrders(instrument: number, timeNs: number): void;
}
