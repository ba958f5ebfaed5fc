import { type EventSink, EventSlot } from '../../core/event-slot.ts';
import { RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { BoundedNumberSet } from '../bounded-number-set.ts';

const SEEN_TRADES = 65_536;
const SEEN_ORDERS = 16_384;

/** One trade of an order of this account. */
export interface FillReport {
  side: Side;
  priceTicks: number;
  sizeLots: number;
  tradeId: number;
  /** Quote units. */
  fee: number;
  maker: boolean;
  timeMs: number;
}

/** The way out of order entry: order records, each fact once while the adapter lives. */
export class OrderRecords {
  readonly #io: EventSink;
  readonly #slot = new EventSlot();
  /** Sides of trades reported already: a trade with oneself has one id, and moves two orders. */
  readonly #seenTrades = new BoundedNumberSet(SEEN_TRADES);
  /** Orders whose acceptance was reported already. */
  readonly #accepted = new BoundedNumberSet(SEEN_ORDERS);

  constructor(io: EventSink) {
    this.#io = io;
  }

  /** An order that somebody else placed. */
  adopted(
    orderNumber: number,
    clientId: string,
    instrument: number,
    venueOrderId: number,
    side: Side,
    priceTicks: number,
    sizeLots: number,
    postOnly: boolean,
    timeNs: number,
  ): void {
    const slot = this.#slot.begin(RecordKind.orderAdopted, instrument, timeNs);
    slot.id = orderNumber;
    slot.aux = venueOrderId;
    slot.side = side;
    slot.priceTicks = priceTicks;
    slot.sizeLots = sizeLots;
    if (postOnly) slot.flags = RecordFlag.postOnly;
    slot.setText(clientId);
    this.#accepted.add(orderNumber);
    this.#io.emit(slot);
  }

  /** Emitted once an order, unless `again` (an answer to a question must come). */
  accepted(
    orderNumber: number,
    instrument: number,
    venueOrderId: number,
    timeMs: number,
    timeNs: number,
    again: boolean,
  ): void {
    if (!Number.isSafeInteger(venueOrderId)) throw new RangeError(`orderId: expected an integer, was ${venueOrderId}`);
    if (!this.#accepted.add(orderNumber) && !again) return;
    const slot = this.#slot.begin(RecordKind.orderAccepted, instrument, timeNs);
    slot.id = orderNumber;
    slot.aux = venueOrderId;
    slot.exchangeTimeUs = timeMs * 1000;
    this.#io.emit(slot);
  }

  /** Emitted once a trade. @throws RangeError when the trade has no id. */
  fill(orderNumber: number, instrument: number, timeNs: number, fill: FillReport): void {
    if (!Number.isSafeInteger(fill.tradeId)) throw new RangeError(`trade id: expected an integer, was ${fill.tradeId}`);
    if (!this.#seenTrades.add(fill.tradeId * 2048 + instrument * 2 + (fill.side === Side.buy ? 0 : 1))) return;
    const slot = this.#slot.begin(RecordKind.orderFill, instrument, timeNs);
    slot.id = orderNumber;
    slot.aux = fill.tradeId;
    slot.side = fill.side;
    slot.priceTicks = fill.priceTicks;
    slot.sizeLots = fill.sizeLots;
    slot.value = fill.fee;
    slot.exchangeTimeUs = fill.timeMs * 1000;
    if (fill.maker) slot.flags = RecordFlag.snapshotOrMaker;
    this.#io.emit(slot);
  }

  cancelled(
    orderNumber: number,
    instrument: number,
    leftLots: number,
    reason: string,
    timeMs: number,
    timeNs: number,
  ): void {
    const slot = this.#slot.begin(RecordKind.orderCancelled, instrument, timeNs);
    slot.id = orderNumber;
    slot.sizeLots = leftLots;
    slot.exchangeTimeUs = timeMs * 1000;
    if (reason !== '') slot.setText(reason);
    this.#io.emit(slot);
  }

  /** A record that carries nothing but its order and a reason. */
  text(kind: RecordKind, orderNumber: number, instrument: number, timeNs: number, text: string): void {
    const slot = this.#slot.begin(kind, instrument, timeNs);
    slot.id = orderNumber;
    this.#io.emit(slot.setText(text));
  }

  openOrders(instrument: number, count: number, answered: boolean, reason: string, timeNs: number): void {
    const slot = this.#slot.begin(RecordKind.openOrdersReport, instrument, timeNs);
    slot.id = count;
    slot.aux = answered ? 1 : 0;
    if (reason !== '') slot.setText(reason);
    this.#io.emit(slot);
  }

  balance(asset: string, amount: number, timeNs: number): void {
    if (!Number.isFinite(amount)) throw new RangeError(`balance of ${asset}: expected a number, was ${amount}`);
    const slot = this.#slot.begin(RecordKind.balance, 0, timeNs);
    slot.value = amount;
    this.#io.emit(slot.setText(asset));
  }

  /** Whether orders can be sent. */
  state(up: boolean, reason: string, timeNs: number): void {
    const slot = this.#slot.begin(RecordKind.orderEntryState, 0, timeNs);
    slot.id = up ? 1 : 0;
    if (reason !== '') slot.setText(reason);
    this.#io.emit(slot);
  }
}
