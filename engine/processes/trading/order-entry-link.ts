import { RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { Order } from '../../execution/order.ts';
import type { OrderActions } from '../../execution/trading-core-options.ts';
import { BinanceSpotOrderEntry } from '../../venue/binance-spot/order-entry.ts';
import type { RequestBudget } from '../../venue/request-budget.ts';
import { BadMessageLog } from './bad-message-log.ts';
import type { SourceContext } from './event-source.ts';
import { type LiveClock, monotonicNs } from './session-clock.ts';
import { VenueSocket } from './venue-stream.ts';

/** Orders whose answer is waited for at once, at most; beyond, the stage `ack` misses some. */
const ACK_SLOTS = 4096;
/** Of each request of order entry, in the venue's request budget. */
const ORDER_WEIGHT = 1;

export interface OrderEntryLinkOptions {
  apiUrl: string;
  apiKey: string;
  apiSecret: string;
  /** Instruments that are traded here; others of the session are not. */
  instruments: readonly InstrumentSpec[];
  clock: LiveClock;
  context: SourceContext;
  /** Orders count in the same budget as market data's requests. */
  budget: RequestBudget;
}

/**
 * Orders over the Binance spot WebSocket API. They leave only after the journal has handed their records to the operating
 * system. For instruments of other venues it answers itself: there is nothing open, and nothing can be placed.
 */
export class OrderEntryLink implements OrderActions {
  readonly #o: OrderEntryLinkOptions;
  readonly #orders: BinanceSpotOrderEntry;
  readonly #api: VenueSocket;
  readonly #slot = new EventSlot();
  readonly #badMessages = new BadMessageLog();
  /** By session number: 1 where it is traded here. */
  readonly #isOurs: boolean[] = [];
  /** Monotonic ns of sending, by order number modulo the slots; 0 once answered. */
  readonly #sentNs = new Float64Array(ACK_SLOTS);
  readonly #sentNumbers = new Float64Array(ACK_SLOTS);

  constructor(options: OrderEntryLinkOptions) {
    const { apiUrl, apiKey, apiSecret, instruments, clock, context } = options;
    const { pump } = context;
    this.#o = options;
    this.#orders = new BinanceSpotOrderEntry(
      {
        instruments,
        apiKey,
        apiSecret,
        clientIdPrefix: context.clientIdPrefix,
        strangers: context.strangers,
        // Of the session's steady clock: when the machine's time is set, signed requests go on being accepted.
        wallClockMs: (timeNs) => clock.originUs / 1000 + timeNs / 1e6,
      },
      { emit: (slot) => this.#onOrderRecord(slot), send: (message) => this.#api.send(message) },
    );
    for (const { index } of instruments) this.#isOurs[index] = true;
    this.#api = new VenueSocket(() => apiUrl, monotonicNs, {
      onOpen: () => this.#orders.onConnected(clock.nowNs()),
      onMessage: (bytes) => this.#orders.onMessage(bytes, clock.nowNs()),
      onReadEnd: () => pump.flush(),
      onClose: (reason) => {
        this.#orders.onDisconnected(clock.nowNs(), reason);
        pump.flush();
      },
    });
  }

  get isOpen(): boolean {
    return this.#api.isOpen;
  }

  connect(): void {
    this.#api.connect();
  }

  /** Drops the connection and opens another. */
  reconnect(): void {
    this.#api.reconnect();
  }

  addInstrument(spec: InstrumentSpec): void {
    this.#orders.addInstrument(spec);
    this.#isOurs[spec.index] = true;
  }

  onTimer(timeNs: number): void {
    this.#orders.onTimer(timeNs);
    const { badMessages, lastBadReason } = this.#orders;
    this.#badMessages.look('order entry', { badMessages, badReason: lastBadReason }, timeNs);
    this.#badMessages.onTimer(timeNs);
  }

  dispose(): void {
    this.#api.dispose();
  }

  place(order: Order, timeNs: number): void {
    const { context, budget, clock } = this.#o;
    const { pump, stages } = context;
    pump.flush();
    if (this.#isOurs[order.instrument] !== true) {
      this.#refuse(RecordKind.orderRejected, order, timeNs);
      return;
    }
    const beforeNs = monotonicNs();
    this.#orders.place(order, timeNs);
    const afterNs = monotonicNs();
    this.#sentNs[order.orderNumber % ACK_SLOTS] = beforeNs;
    this.#sentNumbers[order.orderNumber % ACK_SLOTS] = order.orderNumber;
    stages.write.record(afterNs - beforeNs);
    if (pump.readNs > 0) stages.tickToOrder.record(afterNs - pump.readNs);
    budget.spend(ORDER_WEIGHT, clock.originUs / 1000 + timeNs / 1e6);
  }

  cancel(order: Order, timeNs: number): void {
    this.#o.context.pump.flush();
    if (this.#isOurs[order.instrument] === true) this.#orders.cancel(order.orderNumber, order.instrument, timeNs);
    else this.#refuse(RecordKind.cancelRejected, order, timeNs);
  }

  cancelAll(instrument: number, timeNs: number): void {
    this.#o.context.pump.flush();
    if (this.#isOurs[instrument] === true) this.#orders.cancelAll(instrument, timeNs);
  }

  queryOrder(order: Order, timeNs: number): void {
    if (this.#isOurs[order.instrument] === true) this.#orders.queryOrder(order.orderNumber, order.instrument, timeNs);
    else this.#refuse(RecordKind.orderRejected, order, timeNs);
  }

  queryOpenOrders(instrument: number, timeNs: number): void {
    if (this.#isOurs[instrument] === true) {
      this.#orders.queryOpenOrders(instrument, timeNs);
      return;
    }
    const slot = this.#slot.begin(RecordKind.openOrdersReport, instrument, timeNs);
    slot.aux = 1;
    this.#o.context.pump.emit(slot.setText('no orders are sent for this instrument'));
  }

  #refuse(kind: number, order: Order, timeNs: number): void {
    const slot = this.#slot.begin(kind, order.instrument, timeNs);
    slot.id = order.orderNumber;
    this.#o.context.pump.emit(slot.setText('no orders are sent for this instrument'));
  }

  #onOrderRecord(slot: EventSlot): void {
    if (slot.kind === RecordKind.orderAccepted) {
      const at = slot.id % ACK_SLOTS;
      const sentNs = this.#sentNs[at] as number;
      this.#sentNs[at] = 0;
      // A number of an earlier session may share the place: the time is not its own.
      if (sentNs > 0 && this.#sentNumbers[at] === slot.id) {
        this.#o.context.stages.ack.record(monotonicNs() - sentNs);
      }
    }
    this.#o.context.pump.emit(slot);
  }
}
