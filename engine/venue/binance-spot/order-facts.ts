import { RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import type { ExecutionReport, OrderStatusAnswer, TradeAnswer } from './api-messages.ts';
import { MAX_TRADES } from './api-requests.ts';
import type { OrderRecords } from './order-records.ts';
import { feeInQuote, lotsOf, ticksOf } from './order-units.ts';
import type { PendingRequest } from './pending-requests.ts';

/** Numbers of orders of this account that others placed; kept by the shell over restarts. */
export interface StrangerNumbers {
  /** 0 when the client id is new. */
  numberOf(clientId: string): number;
  /** Client id of an adopted order; empty for our own. */
  clientIdOf(orderNumber: number): string;
  /** A fresh order number. */
  allocate(): number;
}

const MAX_CLIENT_ID = 36;

/** A question for the trades of an order that has some: what is known of it already. */
export type TradesQuestion = Pick<
  PendingRequest,
  'orderNumber' | 'instrument' | 'executedLots' | 'cancelledLots' | 'reason'
> & { venueOrderId: number };

export interface OrderFactsOptions {
  instruments: readonly InstrumentSpec[];
  clientIdPrefix: string;
  strangers: StrangerNumbers;
  records: OrderRecords;
  /** Asks for an order's trades; the answer goes to {@link OrderFacts.onTrades}. */
  askTrades(question: TradesQuestion, timeNs: number): void;
}

/** What the venue says about orders, as answer or as event, turned into order records; knows whose order it is. */
export class OrderFacts {
  readonly #o: OrderFactsOptions;
  readonly #records: OrderRecords;

  /** By instrument number; with holes where others are traded elsewhere. */
  readonly #instruments: (InstrumentSpec | undefined)[] = [];

  constructor(options: OrderFactsOptions) {
    this.#o = options;
    this.#records = options.records;
    for (const spec of options.instruments) this.addInstrument(spec);
  }

  addInstrument(spec: InstrumentSpec): void {
    this.#instruments[spec.index] = spec;
  }

  /** Answer to `order.status`. */
  onOrderStatus(request: PendingRequest, order: OrderStatusAnswer, timeNs: number): void {
    const { orderNumber, instrument } = request;
    const spec = this.#instruments[instrument] as InstrumentSpec;
    const executedLots = lotsOf(order.executedQty, spec);
    const leftLots = lotsOf(order.origQty, spec) - executedLots;
    if (order.status === 'REJECTED') {
      this.#records.text(RecordKind.orderRejected, orderNumber, instrument, timeNs, 'rejected by the venue');
      return;
    }
    this.#records.accepted(orderNumber, instrument, order.orderId, order.updateTime ?? 0, timeNs, true);
    const over = order.status !== 'NEW' && order.status !== 'PARTIALLY_FILLED' && order.status !== 'PENDING_NEW';
    if (executedLots > 0) {
      this.#askTrades(orderNumber, instrument, order.orderId, timeNs, executedLots, over ? leftLots : 0, order.status);
    } else if (over) {
      this.#records.cancelled(
        orderNumber,
        instrument,
        leftLots,
        endReason(order.status),
        order.updateTime ?? 0,
        timeNs,
      );
    }
  }

  /** Answer to `myTrades`. */
  onTrades(request: PendingRequest, trades: TradeAnswer[], timeNs: number): void {
    const { orderNumber, instrument } = request;
    const spec = this.#instruments[instrument] as InstrumentSpec;
    let lots = 0;
    for (const trade of trades) {
      lots += lotsOf(trade.qty, spec);
      this.#records.fill(orderNumber, instrument, timeNs, {
        side: trade.isBuyer ? Side.buy : Side.sell,
        priceTicks: ticksOf(trade.price, spec),
        sizeLots: lotsOf(trade.qty, spec),
        tradeId: trade.id,
        fee: feeInQuote(trade.commission, trade.commissionAsset, trade.price, trade.qty, trade.isMaker, spec),
        maker: trade.isMaker,
        timeMs: trade.time,
      });
    }
    if (lots < request.executedLots && trades.length < MAX_TRADES) {
      // The venue's list of trades runs behind its orders: asked again with the order.
      const reason = `expected trades of ${request.executedLots} lots, was ${lots}`;
      this.#records.text(RecordKind.orderUnknown, orderNumber, instrument, timeNs, reason);
    } else if (request.cancelledLots > 0) {
      this.#records.cancelled(orderNumber, instrument, request.cancelledLots, request.reason, 0, timeNs);
    }
  }

  /** Answer to `openOrders.status`: adopts what is neither ours nor known. */
  onOpenOrders(request: PendingRequest, orders: OrderStatusAnswer[], timeNs: number): void {
    const { instrument } = request;
    const spec = this.#instruments[instrument] as InstrumentSpec;
    for (const order of orders) {
      if (this.knownNumber(order.clientOrderId) > 0) continue;
      const orderNumber = this.#o.strangers.allocate();
      this.#records.adopted(
        orderNumber,
        order.clientOrderId,
        instrument,
        order.orderId,
        order.side === 'BUY' ? Side.buy : Side.sell,
        ticksOf(order.price, spec),
        lotsOf(order.origQty, spec),
        order.type === 'LIMIT_MAKER',
        timeNs,
      );
      const executedLots = lotsOf(order.executedQty, spec);
      if (executedLots > 0) {
        this.#askTrades(orderNumber, instrument, order.orderId, timeNs, executedLots, 0, order.status);
      }
    }
    this.#records.openOrders(instrument, orders.length, true, '', timeNs);
  }

  /** An `executionReport` about an order of an instrument of ours. */
  onExecution(event: ExecutionReport, instrument: number, timeNs: number): void {
    const spec = this.#instruments[instrument] as InstrumentSpec;
    const clientId = originalClientId(event);
    const side = event.S === 'BUY' ? Side.buy : Side.sell;
    const filledLots = lotsOf(event.z, spec);
    const sizeLots = lotsOf(event.q, spec);
    let orderNumber = this.knownNumber(clientId);
    if (orderNumber === 0) {
      // A stranger that ends without having traded was never ours to mind.
      if (event.x !== 'NEW' && event.x !== 'TRADE') return;
      orderNumber = this.#o.strangers.allocate();
      this.#records.adopted(
        orderNumber,
        clientId,
        instrument,
        event.i,
        side,
        ticksOf(event.p, spec),
        sizeLots,
        event.o === 'LIMIT_MAKER',
        timeNs,
      );
      const earlierLots = event.x === 'TRADE' ? filledLots - lotsOf(event.l, spec) : filledLots;
      if (earlierLots > 0) this.#askTrades(orderNumber, instrument, event.i, timeNs, earlierLots, 0, event.X);
    }
    switch (event.x) {
      case 'NEW':
        this.#records.accepted(orderNumber, instrument, event.i, event.T, timeNs, false);
        return;
      case 'TRADE':
        this.#records.fill(orderNumber, instrument, timeNs, {
          side,
          priceTicks: ticksOf(event.L, spec),
          sizeLots: lotsOf(event.l, spec),
          tradeId: event.t,
          fee: feeInQuote(event.n, event.N, event.L, event.l, event.m, spec),
          maker: event.m,
          timeMs: event.T,
        });
        return;
      case 'CANCELED':
        this.#records.cancelled(orderNumber, instrument, sizeLots - filledLots, '', event.T, timeNs);
        return;
      case 'EXPIRED':
      case 'TRADE_PREVENTION': {
        const why = event.eR ?? (event.r === 'NONE' ? '' : event.r);
        const reason = why === '' ? endReason(event.X) : `${endReason(event.X)}: ${why}`;
        this.#records.cancelled(orderNumber, instrument, sizeLots - filledLots, reason, event.T, timeNs);
        return;
      }
      case 'REJECTED':
        this.#records.text(
          RecordKind.orderRejected,
          orderNumber,
          instrument,
          timeNs,
          `rejected by the venue: ${event.r}`,
        );
        return;
      default:
        // REPLACED: this program never amends orders.
        return;
    }
  }

  /** Client id under which the venue knows an order. */
  clientIdOf(orderNumber: number): string {
    const adopted = this.#o.strangers.clientIdOf(orderNumber);
    return adopted === '' ? `${this.#o.clientIdPrefix}${orderNumber}` : adopted;
  }

  /** Number of an order of this account, ours or adopted; 0 for one that is new. */
  knownNumber(clientId: string): number {
    return this.#ownNumber(clientId) || this.#o.strangers.numberOf(clientId);
  }

  /** Index of a symbol; -1 for one that is not traded here. */
  instrumentOf(symbol: string): number {
    return this.#instruments.find((spec) => spec?.symbol === symbol)?.index ?? -1;
  }

  /** Order number in one of our own client ids; 0 for any other. */
  #ownNumber(clientId: string): number {
    const prefix = this.#o.clientIdPrefix;
    if (!clientId.startsWith(prefix) || clientId.length > MAX_CLIENT_ID) return 0;
    const digits = clientId.slice(prefix.length);
    return /^[1-9]\d{0,15}$/.test(digits) ? Number(digits) : 0;
  }

  #askTrades(
    orderNumber: number,
    instrument: number,
    venueOrderId: number,
    timeNs: number,
    executedLots: number,
    cancelledLots: number,
    status: string,
  ): void {
    const reason = endReason(status);
    this.#o.askTrades({ orderNumber, instrument, venueOrderId, executedLots, cancelledLots, reason }, timeNs);
  }
}

/** In a report about a cancel, `c` names the cancel and `C` the order. */
export function originalClientId(event: ExecutionReport): string {
  return event.C === undefined || event.C === '' ? event.c : event.C;
}

function endReason(status: string): string {
  if (status === 'EXPIRED') return 'expired';
  if (status === 'EXPIRED_IN_MATCH') return 'expired: would have traded with an own order';
  return '';
}
