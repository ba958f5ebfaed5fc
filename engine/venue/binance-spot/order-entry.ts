import { RecordFlag, RecordKind } from '../../contract/record.ts';
import { formatSteps, type InstrumentSpec, Side, toSteps } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { OrderEntryAdapter, OrderEntryIo, OrderRequest } from '../order-entry-adapter.ts';
import type { AccountPosition, ApiAnswer, ApiOrder, ApiTrade, ExecutionReport, UserEvent } from './order-messages.ts';
import { type RequestParameters, signParameters } from './signing.ts';

export interface BinanceSpotOrderEntryConfig {
  instruments: readonly InstrumentSpec[];
  apiKey: string;
  apiSecret: string;
  /** Client ids are this prefix and the order number. */
  clientIdPrefix: string;
  /** Wall clock for `timestamp`, ms since the epoch. */
  wallClockMs(timeNs: number): number;
  /** Numbers of orders that others placed on this account. */
  strangers: {
    /** Known number of a foreign client id; 0 when it is new. */
    numberOf(clientId: string): number;
    /** Client id of an adopted order; empty for our own. */
    clientIdOf(orderNumber: number): string;
    allocate(): number;
  };
  /** How long an answer is waited for before the order counts as unknown; default 5 s. */
  answerTimeoutNs?: number;
}

/** What was asked, kept until the answer. */
interface PendingRequest {
  kind: 'place' | 'cancel' | 'cancelAll' | 'status' | 'trades' | 'openOrders' | 'account' | 'subscribe';
  orderNumber: number;
  instrument: number;
  sentNs: number;
  /** For `trades`: the order's state, told after its fills. */
  order?: ApiOrder;
}

const RECV_WINDOW_MS = 5_000;
const DEFAULT_ANSWER_TIMEOUT_NS = 5e9;
/** Requests in flight; beyond, the venue is not answering and nothing more is sent. */
const MAX_PENDING = 1_000;
/** The venue may or may not have done it: time-out of its engine, and disconnected while waiting. */
const UNKNOWN_RESULT_CODES = new Set([-1000, -1001, -1006, -1007]);
const NO_SUCH_ORDER = -2013;
const CANCEL_REFUSED = -2011;

/** Binance spot's WebSocket API: order entry and user data over one connection. */
export class BinanceSpotOrderEntry implements OrderEntryAdapter {
  readonly #config: BinanceSpotOrderEntryConfig;
  readonly #io: OrderEntryIo;
  readonly #instruments: readonly InstrumentSpec[];
  readonly #indexBySymbol: ReadonlyMap<string, number>;
  readonly #pending = new Map<string, PendingRequest>();
  readonly #slot = new EventSlot();
  #nextRequest = 1;

  constructor(config: BinanceSpotOrderEntryConfig, io: OrderEntryIo) {
    this.#config = config;
    this.#io = io;
    this.#instruments = config.instruments;
    this.#indexBySymbol = new Map(config.instruments.map((instrument) => [instrument.symbol, instrument.index]));
  }

  onConnected(timeNs: number): void {
    this.#pending.clear();
    this.#request(
      'userDataStream.subscribe.signature',
      {},
      { kind: 'subscribe', orderNumber: 0, instrument: 0, sentNs: timeNs },
    );
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#emitState(timeNs, false);
    for (const request of this.#pending.values()) this.#lost(request, timeNs, `connection lost: ${reason}`);
    this.#pending.clear();
  }

  onTimer(timeNs: number): void {
    const limitNs = this.#config.answerTimeoutNs ?? DEFAULT_ANSWER_TIMEOUT_NS;
    for (const [id, request] of this.#pending) {
      if (timeNs - request.sentNs < limitNs) continue;
      this.#pending.delete(id);
      this.#lost(request, timeNs, `no answer within ${limitNs / 1e9} s`);
    }
  }

  place(order: OrderRequest, timeNs: number): void {
    const spec = this.#spec(order.instrument);
    const parameters: RequestParameters = {
      symbol: spec.symbol,
      side: order.side === Side.buy ? 'BUY' : 'SELL',
      type: order.postOnly ? 'LIMIT_MAKER' : 'LIMIT',
      price: formatSteps(order.priceTicks, spec.tickSize),
      quantity: formatSteps(order.sizeLots, spec.lotSize),
      newClientOrderId: `${this.#config.clientIdPrefix}${order.orderNumber}`,
      newOrderRespType: 'ACK',
    };
    if (!order.postOnly) parameters['timeInForce'] = order.immediateOrCancel ? 'IOC' : 'GTC';
    const request: PendingRequest = {
      kind: 'place',
      orderNumber: order.orderNumber,
      instrument: order.instrument,
      sentNs: timeNs,
    };
    if (this.#request('order.place', parameters, request)) return;
    const slot = this.#slot.begin(RecordKind.orderRejected, order.instrument, timeNs);
    slot.id = order.orderNumber;
    this.#io.emit(slot.setText('Not sent: order entry is not connected'));
  }

  cancel(orderNumber: number, instrument: number, timeNs: number): void {
    const parameters = { symbol: this.#spec(instrument).symbol, origClientOrderId: this.#clientId(orderNumber) };
    if (this.#request('order.cancel', parameters, { kind: 'cancel', orderNumber, instrument, sentNs: timeNs })) return;
    this.#emitCancelRejected(orderNumber, instrument, timeNs, 'Not sent: order entry is not connected');
  }

  cancelAll(instrument: number, timeNs: number): void {
    const request: PendingRequest = { kind: 'cancelAll', orderNumber: 0, instrument, sentNs: timeNs };
    this.#request('openOrders.cancelAll', { symbol: this.#spec(instrument).symbol }, request);
  }

  queryOrder(orderNumber: number, instrument: number, timeNs: number): void {
    const parameters = { symbol: this.#spec(instrument).symbol, origClientOrderId: this.#clientId(orderNumber) };
    this.#request('order.status', parameters, { kind: 'status', orderNumber, instrument, sentNs: timeNs });
  }

  queryOpenOrders(instrument: number, timeNs: number): void {
    const request: PendingRequest = { kind: 'openOrders', orderNumber: 0, instrument, sentNs: timeNs };
    if (this.#request('openOrders.status', { symbol: this.#spec(instrument).symbol }, request)) return;
    this.#emitOpenOrders(instrument, timeNs, 0, false);
  }

  onMessage(bytes: Uint8Array, timeNs: number): void {
    let message: ApiAnswer & UserEvent;
    try {
      message = JSON.parse(new TextDecoder().decode(bytes)) as ApiAnswer & UserEvent;
    } catch (error) {
      this.#alert(timeNs, `Order entry sent no JSON: ${(error as Error).message}`);
      return;
    }
    try {
      if (message.event !== undefined) this.#onEvent(message.event, timeNs);
      else if (message.id !== undefined && message.id !== null) this.#onAnswer(message, timeNs);
      else if (message.error !== undefined)
        this.#alert(timeNs, `Order entry: ${message.error.msg} (${message.error.code})`);
    } catch (error) {
      // A field that cannot be read: the state of some order is unsure, so say it loudly; look-ups settle it.
      this.#alert(timeNs, `Order entry message could not be read: ${(error as Error).message}`);
    }
  }

  #onAnswer(answer: ApiAnswer, timeNs: number): void {
    const request = this.#pending.get(String(answer.id));
    if (request === undefined) return;
    this.#pending.delete(String(answer.id));
    if (answer.status !== 200) this.#onError(request, answer, timeNs);
    else this.#onResult(request, answer.result, timeNs);
  }

  #onResult(request: PendingRequest, result: unknown, timeNs: number): void {
    switch (request.kind) {
      case 'place':
        this.#emitAccepted(request.orderNumber, request.instrument, (result as ApiOrder).orderId, timeNs);
        break;
      case 'status':
        this.#onOrderState(request, result as ApiOrder, timeNs);
        break;
      case 'trades':
        for (const trade of result as ApiTrade[]) this.#emitTrade(request, trade, timeNs);
        if (request.order !== undefined) this.#emitEnd(request, request.order, timeNs);
        break;
      case 'openOrders': {
        const orders = result as ApiOrder[];
        for (const order of orders) this.#emitOpenOrder(request.instrument, order, timeNs);
        this.#emitOpenOrders(request.instrument, timeNs, orders.length, true);
        break;
      }
      case 'account':
        for (const { asset, free, locked } of (
          result as { balances: { asset: string; free: string; locked: string }[] }
        ).balances) {
          this.#emitBalance(asset, Number(free) + Number(locked), timeNs);
        }
        break;
      case 'subscribe':
        this.#emitState(timeNs, true);
        this.#request('account.status', {}, { kind: 'account', orderNumber: 0, instrument: 0, sentNs: timeNs });
        for (const instrument of this.#instruments) this.queryOpenOrders(instrument.index, timeNs);
        break;
      default:
      // A cancel's success is told by the execution report, in order with the fills before it.
    }
  }

  #onError(request: PendingRequest, answer: ApiAnswer, timeNs: number): void {
    const code = answer.error?.code ?? 0;
    const text = `${answer.error?.msg ?? `status ${answer.status}`} (${code})`;
    if (UNKNOWN_RESULT_CODES.has(code) || answer.status >= 500) {
      this.#lost(request, timeNs, text);
    } else if (request.kind === 'place' || (request.kind === 'status' && code === NO_SUCH_ORDER)) {
      const slot = this.#slot.begin(RecordKind.orderRejected, request.instrument, timeNs);
      slot.id = request.orderNumber;
      this.#io.emit(slot.setText(request.kind === 'place' ? text : 'Not at the venue'));
    } else if (request.kind === 'cancel') {
      this.#emitCancelRejected(request.orderNumber, request.instrument, timeNs, text);
    } else if (request.kind === 'openOrders') {
      this.#emitOpenOrders(request.instrument, timeNs, 0, false);
    } else if (!(request.kind === 'cancelAll' && code === CANCEL_REFUSED)) {
      // A refused cancelAll with -2011 only means that nothing was open.
      this.#alert(timeNs, `Order entry refused ${request.kind}: ${text}`);
    }
  }

  #lost(request: PendingRequest, timeNs: number, reason: string): void {
    if (
      request.kind === 'place' ||
      request.kind === 'cancel' ||
      request.kind === 'status' ||
      request.kind === 'trades'
    ) {
      const slot = this.#slot.begin(RecordKind.orderUnknown, request.instrument, timeNs);
      slot.id = request.orderNumber;
      this.#io.emit(slot.setText(reason));
    } else if (request.kind === 'openOrders') {
      this.#emitOpenOrders(request.instrument, timeNs, 0, false);
    } else {
      this.#alert(timeNs, `Order entry: ${request.kind} was not answered, ${reason}`);
      // Without the user-data subscription fills would be missed: nothing may be sent.
      if (request.kind === 'subscribe') this.#emitState(timeNs, false);
    }
  }

  /** Answer to a look-up: fills first, so that a finished order ends with all of them counted. */
  #onOrderState(request: PendingRequest, order: ApiOrder, timeNs: number): void {
    const { instrument, orderNumber } = request;
    this.#emitAccepted(orderNumber, instrument, order.orderId, timeNs);
    if (Number(order.executedQty) > 0) {
      const parameters = { symbol: this.#spec(instrument).symbol, orderId: order.orderId };
      this.#request('myTrades', parameters, { kind: 'trades', orderNumber, instrument, sentNs: timeNs, order });
    } else {
      this.#emitEnd(request, order, timeNs);
    }
  }

  #emitEnd({ orderNumber, instrument }: PendingRequest, order: ApiOrder, timeNs: number): void {
    if (order.status === 'REJECTED') {
      const slot = this.#slot.begin(RecordKind.orderRejected, instrument, timeNs);
      slot.id = orderNumber;
      this.#io.emit(slot.setText('Rejected by the venue'));
    } else if (order.status === 'CANCELED' || order.status.startsWith('EXPIRED')) {
      this.#emitCancelled(
        orderNumber,
        instrument,
        this.#lots(instrument, order.origQty) - this.#lots(instrument, order.executedQty),
        0,
        timeNs,
      );
    }
  }

  #onEvent(event: UserEvent['event'], timeNs: number): void {
    if (event?.e === 'executionReport') this.#onExecutionReport(event as ExecutionReport, timeNs);
    else if (event?.e === 'outboundAccountPosition') {
      for (const { a, f, l } of (event as AccountPosition).B) {
        this.#emitBalance(a, Number(f) + Number(l), timeNs);
      }
    }
  }

  #onExecutionReport(report: ExecutionReport, timeNs: number): void {
    const instrument = this.#indexBySymbol.get(report.s);
    if (instrument === undefined) return;
    // Of a cancel `c` is the cancel's own id and `C` the order's.
    const clientId = report.C !== undefined && report.C !== '' && report.C !== 'null' ? report.C : report.c;
    const orderNumber = this.#numberOrAdopt(clientId, instrument, report.i, report.S, report.p, report.q, timeNs);
    const timeUs = report.T * 1000;
    switch (report.x) {
      case 'NEW':
        this.#emitAccepted(orderNumber, instrument, report.i, timeNs, timeUs);
        break;
      case 'TRADE':
        this.#emitFill(
          orderNumber,
          instrument,
          report.S,
          report.L,
          report.l,
          report.t,
          report.n,
          report.N,
          report.m,
          timeUs,
          timeNs,
        );
        break;
      case 'CANCELED':
      case 'EXPIRED':
      case 'TRADE_PREVENTION':
        this.#emitCancelled(
          orderNumber,
          instrument,
          this.#lots(instrument, report.q) - this.#lots(instrument, report.z),
          timeUs,
          timeNs,
        );
        break;
      case 'REJECTED': {
        const slot = this.#slot.begin(RecordKind.orderRejected, instrument, timeNs);
        slot.id = orderNumber;
        slot.exchangeTimeUs = timeUs;
        this.#io.emit(slot.setText(`Rejected by the venue: ${report.r}`));
        break;
      }
      default:
        this.#alert(timeNs, `Order ${clientId}: expected a known execution type, was ${report.x}`);
    }
  }

  #emitOpenOrder(instrument: number, order: ApiOrder, timeNs: number): void {
    const orderNumber = this.#numberOrAdopt(
      order.clientOrderId,
      instrument,
      order.orderId,
      order.side,
      order.price,
      order.origQty,
      timeNs,
    );
    this.#emitAccepted(orderNumber, instrument, order.orderId, timeNs);
    if (Number(order.executedQty) === 0) return;
    const parameters = { symbol: this.#spec(instrument).symbol, orderId: order.orderId };
    this.#request('myTrades', parameters, { kind: 'trades', orderNumber, instrument, sentNs: timeNs });
  }

  /** Number of a client id; an order that this journal did not send is adopted under a new number. */
  #numberOrAdopt(
    clientId: string,
    instrument: number,
    venueId: number,
    side: string,
    price: string,
    size: string,
    timeNs: number,
  ): number {
    const { clientIdPrefix, strangers } = this.#config;
    if (clientId.startsWith(clientIdPrefix)) return Number(clientId.slice(clientIdPrefix.length));
    const known = strangers.numberOf(clientId);
    if (known > 0) return known;
    const slot = this.#slot.begin(RecordKind.orderAdopted, instrument, timeNs);
    const orderNumber = strangers.allocate();
    slot.id = orderNumber;
    slot.aux = venueId;
    slot.side = side === 'BUY' ? Side.buy : Side.sell;
    slot.priceTicks = toSteps(price, this.#spec(instrument).tickSize);
    slot.sizeLots = this.#lots(instrument, size);
    this.#io.emit(slot.setText(clientId));
    return orderNumber;
  }

  #emitTrade({ orderNumber, instrument }: PendingRequest, trade: ApiTrade, timeNs: number): void {
    const side = trade.isBuyer ? 'BUY' : 'SELL';
    this.#emitFill(
      orderNumber,
      instrument,
      side,
      trade.price,
      trade.qty,
      trade.id,
      trade.commission,
      trade.commissionAsset,
      trade.isMaker,
      trade.time * 1000,
      timeNs,
    );
  }

  #emitFill(
    orderNumber: number,
    instrument: number,
    side: string,
    price: string,
    size: string,
    tradeId: number,
    fee: string,
    feeAsset: string | null,
    maker: boolean,
    timeUs: number,
    timeNs: number,
  ): void {
    const spec = this.#spec(instrument);
    const slot = this.#slot.begin(RecordKind.orderFill, instrument, timeNs);
    slot.exchangeTimeUs = timeUs;
    slot.side = side === 'BUY' ? Side.buy : Side.sell;
    slot.priceTicks = toSteps(price, spec.tickSize);
    slot.sizeLots = this.#lots(instrument, size);
    slot.id = orderNumber;
    slot.aux = tradeId;
    // In quote units whatever it was paid in; a third asset (a rebate token) cannot be priced here and is told as is.
    slot.value = feeAsset === spec.baseAsset ? Number(fee) * Number(price) : Number(fee);
    if (maker) slot.flags = slot.flags | RecordFlag.snapshotOrMaker;
    this.#io.emit(slot);
    if (feeAsset !== null && feeAsset !== spec.baseAsset && feeAsset !== spec.quoteAsset && Number(fee) > 0) {
      this.#alert(timeNs, `Fee of trade ${tradeId} was paid in ${feeAsset}: counted as ${fee} ${spec.quoteAsset}`);
    }
  }

  #emitAccepted(orderNumber: number, instrument: number, venueId: number, timeNs: number, timeUs = 0): void {
    const slot = this.#slot.begin(RecordKind.orderAccepted, instrument, timeNs);
    slot.id = orderNumber;
    slot.aux = venueId;
    slot.exchangeTimeUs = timeUs;
    this.#io.emit(slot);
  }

  #emitCancelled(orderNumber: number, instrument: number, leftLots: number, timeUs: number, timeNs: number): void {
    const slot = this.#slot.begin(RecordKind.orderCancelled, instrument, timeNs);
    slot.id = orderNumber;
    slot.sizeLots = leftLots;
    slot.exchangeTimeUs = timeUs;
    this.#io.emit(slot);
  }

  #emitCancelRejected(orderNumber: number, instrument: number, timeNs: number, reason: string): void {
    const slot = this.#slot.begin(RecordKind.cancelRejected, instrument, timeNs);
    slot.id = orderNumber;
    this.#io.emit(slot.setText(reason));
  }

  #emitOpenOrders(instrument: number, timeNs: number, count: number, answered: boolean): void {
    const slot = this.#slot.begin(RecordKind.openOrdersReport, instrument, timeNs);
    slot.id = count;
    slot.aux = answered ? 1 : 0;
    this.#io.emit(slot);
  }

  #emitBalance(asset: string, amount: number, timeNs: number): void {
    const slot = this.#slot.begin(RecordKind.balance, 0, timeNs);
    slot.value = amount;
    this.#io.emit(slot.setText(asset));
  }

  #emitState(timeNs: number, up: boolean): void {
    const slot = this.#slot.begin(RecordKind.orderEntryState, 0, timeNs);
    slot.id = up ? 1 : 0;
    this.#io.emit(slot);
  }

  #alert(timeNs: number, text: string): void {
    const slot = this.#slot.begin(RecordKind.alert, 0, timeNs);
    slot.id = 1;
    this.#io.emit(slot.setText(text));
  }

  #spec(instrument: number): InstrumentSpec {
    const spec = this.#instruments[instrument];
    if (spec === undefined)
      throw new RangeError(`Expected an instrument below ${this.#instruments.length}, was ${instrument}`);
    return spec;
  }

  #lots(instrument: number, text: string): number {
    return toSteps(text, this.#spec(instrument).lotSize);
  }

  #clientId(orderNumber: number): string {
    return this.#config.strangers.clientIdOf(orderNumber) || `${this.#config.clientIdPrefix}${orderNumber}`;
  }

  /** Signs and sends; false when the socket is not open or too much is unanswered. */
  #request(method: string, parameters: RequestParameters, request: PendingRequest): boolean {
    if (this.#pending.size >= MAX_PENDING) return false;
    const id = String(this.#nextRequest++);
    const signed = signParameters(
      {
        ...parameters,
        apiKey: this.#config.apiKey,
        recvWindow: RECV_WINDOW_MS,
        timestamp: Math.round(this.#config.wallClockMs(request.sentNs)),
      },
      this.#config.apiSecret,
    );
    if (!this.#io.send(JSON.stringify({ id, method, params: signed }))) return false;
    this.#pending.set(id, request);
    return true;
  }
}
