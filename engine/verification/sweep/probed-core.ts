import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { Order } from '../../execution/order.ts';
import { TradingCore } from '../../execution/trading-core.ts';
import type { OrderBook } from '../../market/order-book.ts';

/** An order that went out, as it left. */
export interface SentOrder {
  instrument: number;
  side: Side;
  priceTicks: number;
}

/** A real trading core without a venue behind its orders, probed with orders all the time: each that leaves is told. */
export class ProbedCore {
  readonly core: TradingCore;
  readonly #instruments: readonly InstrumentSpec[];
  readonly #slot = new EventSlot();
  readonly #report = new EventSlot();
  readonly #onSent: (order: SentOrder) => void;
  probes = 0;
  accepted = 0;

  constructor(
    instruments: readonly InstrumentSpec[],
    originUs: number,
    onCrossed: (instrument: number, timeNs: number, reason: string) => void,
    onSent: (order: SentOrder) => void,
  ) {
    this.#instruments = instruments;
    this.#onSent = onSent;
    this.core = new TradingCore({
      instruments,
      // The rails under test are those of the book; the others must not hide them.
      rails: {
        ...defaultRiskRails,
        maxOrderSize: 1e12,
        maxPosition: 1e12,
        maxOrderValue: 1e15,
        maxOrdersPerSecond: 10_000,
        priceCollarBps: 1_000,
      },
      strategy: { name: 'none', parameters: {}, instrument: 0, autoStart: false },
      execution: 'venue',
      sessionNumber: 1,
      originUs,
      clientIdPrefix: 's-',
      derived: { emit: () => undefined },
      actions: {
        place: (order, timeNs) => this.#place(order, timeNs),
        cancel: () => undefined,
        cancelAll: () => undefined,
        queryOrder: () => undefined,
        queryOpenOrders: () => undefined,
        crossed: onCrossed,
      },
    });
    this.#slot.begin(RecordKind.orderEntryState, 0, 0).id = 1;
    this.core.step(this.#slot);
  }

  isLive(instrument: number): boolean {
    return this.core.bookStates[instrument] === BookState.live;
  }

  /** Tries to buy at the best ask and to sell at the best bid, and where there is none at the last price that was. */
  probe(instrument: number, timeNs: number): void {
    const book = this.core.books[instrument] as OrderBook;
    this.#intent(instrument, Side.buy, book.bestAskTicks, timeNs);
    this.#intent(instrument, Side.sell, book.bestBidTicks, timeNs);
  }

  #intent(instrument: number, side: Side, priceTicks: number, timeNs: number): void {
    const spec = this.#instruments[instrument] as InstrumentSpec;
    const slot = this.#slot.begin(RecordKind.intentPlace, instrument, timeNs);
    slot.side = side;
    // An empty book has no price: any will do, it must be refused.
    slot.priceTicks = priceTicks > 0 ? priceTicks : 1;
    const value = slot.priceTicks * Number(spec.tickSize) * Number(spec.lotSize);
    slot.sizeLots = Math.max(1, Math.ceil((spec.minNotional * 1.1) / value));
    slot.flags = RecordFlag.immediateOrCancel;
    this.probes++;
    this.core.step(slot);
    if (this.core.intentOutcome.ok) this.accepted++;
  }

  #place(order: Order, timeNs: number): void {
    const { orderNumber, instrument, side, priceTicks } = order;
    this.#onSent({ instrument, side, priceTicks });
    // The answer of a venue that takes nothing: the order is over, and the next probe finds no open orders.
    const report = this.#report.begin(RecordKind.orderRejected, instrument, timeNs);
    report.id = orderNumber;
    this.core.step(report.setText('probe'));
  }
}
