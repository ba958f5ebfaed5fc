import { AlertLevel, nameOf, OrderSource, RecordFlag } from '../contract/record.ts';
import {
  orderStatusCodes,
  type AlertView,
  type FillView,
  type OrderStatus,
  type OrderView,
  type PositionView,
  type SideName,
} from '../contract/trading-messages.ts';
import { Side } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { Order } from './order.ts';
import type { Position } from './position.ts';
import type { TradingState } from './trading-state.ts';

export function sideName(side: Side): SideName {
  return side === Side.buy ? 'buy' : 'sell';
}

export function orderView(order: Order, clientIdPrefix: string): OrderView {
  return {
    orderNumber: order.orderNumber,
    clientId: order.adoptedClientId === '' ? `${clientIdPrefix}${order.orderNumber}` : order.adoptedClientId,
    venueOrderId: order.venueOrderId,
    instrument: order.instrument,
    side: sideName(order.side),
    type: order.immediateOrCancel ? 'ioc' : order.postOnly ? 'post-only' : 'limit',
    reduceOnly: order.reduceOnly,
    priceTicks: order.priceTicks,
    sizeLots: order.sizeLots,
    filledLots: order.filledLots,
    status: orderStatusCodes[order.status] as OrderStatus,
    source: nameOf(OrderSource, order.source),
    reason: order.reason,
    createdUs: order.createdUs,
    updatedUs: order.updatedUs,
  };
}

/** @param slot an orderFill record with its journal sequence. */
export function fillView(slot: EventSlot, side: Side, timeUs: number): FillView {
  return {
    sequence: slot.sequence,
    orderNumber: slot.id,
    venueTradeId: slot.aux,
    instrument: slot.instrument,
    side: sideName(side),
    priceTicks: slot.priceTicks,
    sizeLots: slot.sizeLots,
    fee: slot.value,
    maker: slot.has(RecordFlag.snapshotOrMaker),
    timeUs,
  };
}

/** @param slot an alert record with its journal sequence. */
export function alertView(slot: EventSlot, timeUs: number): AlertView {
  return { sequence: slot.sequence, level: nameOf(AlertLevel, slot.id), text: slot.text, timeUs };
}

export function positionView(state: TradingState, instrument: number): PositionView {
  const position = state.positions[instrument] as Position;
  return {
    instrument,
    positionLots: position.positionLots,
    averagePriceTicks: position.averagePriceTicks,
    realizedPnl: position.realizedPnl,
    unrealizedPnl: position.unrealizedPnl(state.referenceTicks(instrument)),
    fees: position.fees,
  };
}
