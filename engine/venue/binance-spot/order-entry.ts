import { RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { OrderEntryAdapter, OrderEntryIo, OrderRequest } from '../order-entry-adapter.ts';
import {
  type ApiAnswer,
  type ApiError,
  isApiAnswer,
  type OrderStatusAnswer,
  type TradeAnswer,
  userEventOf,
} from './api-messages.ts';
import { ApiRequests } from './api-requests.ts';
import { OrderFacts, originalClientId, type StrangerNumbers, type TradesQuestion } from './order-facts.ts';
import { OrderRecords } from './order-records.ts';
import { type PendingRequest, PendingRequests, RequestKind } from './pending-requests.ts';
import { SentTimes } from './sent-times.ts';

export interface BinanceSpotOrderEntryConfig {
  instruments: readonly InstrumentSpec[];
  apiKey: string;
  apiSecret: string;
  /** Client order ids are this prefix and the order number; no other program may use it. */
  clientIdPrefix: string;
  strangers: StrangerNumbers;
  /** Wall clock at an engine time, ms since the epoch. */
  wallClockMs(timeNs: number): number;
  /** Default 5000. */
  recvWindowMs?: number;
  /** A request without an answer for this long counts as lost; default 5 s. */
  answerTimeoutNs?: number;
}

const MS = 1e6;
const SUBSCRIBE_RETRY_NS = 3000 * MS;
/** A clock difference below this is noise of the measurement. */
const CLOCK_TOLERANCE_MS = 250;
const decoder = new TextDecoder();

/**
 * Orders and user data over Binance spot's WebSocket API. Sans-IO; see {@link OrderEntryAdapter} for the promises.
 *
 * With an Ed25519 key each connection is logged on, and its requests are not signed one by one: the step from decision to
 * bytes is shorter. Order entry counts as up once the user-data subscription is confirmed, so that no fill can pass unseen. A fill or an
 * acceptance that comes both as an answer and as an event is emitted once while this adapter lives; after a restart the
 * order table tells repeats by trade id.
 */
export class BinanceSpotOrderEntry implements OrderEntryAdapter {
  readonly #o: BinanceSpotOrderEntryConfig;
  readonly #io: OrderEntryIo;
  readonly #requests: ApiRequests;
  readonly #pending: PendingRequests;
  readonly #records: OrderRecords;
  readonly #facts: OrderFacts;
  readonly #recvWindowNs: number;
  readonly #sentTimes = new SentTimes();
  #connected = false;
  #up = false;
  #firstConnectedNs = -1;
  #subscribeAgainNs = Number.POSITIVE_INFINITY;
  #clockOffsetMs = 0;
  #badMessages = 0;
  #lastBadReason = '';
  /** What a consumer of our records threw: not the message's fault, so it must not be taken for a bad message. */
  #consumerFailure: unknown;

  /** @throws RangeError when prefix, key or secret cannot be used. */
  constructor(options: BinanceSpotOrderEntryConfig, io: OrderEntryIo) {
    if (!/^[A-Za-z0-9_-]{1,20}$/.test(options.clientIdPrefix)) {
      throw new RangeError(`clientIdPrefix: expected 1 to 20 of A-Z a-z 0-9 _ -, was "${options.clientIdPrefix}"`);
    }
    this.#o = options;
    this.#io = io;
    this.#records = new OrderRecords({ emit: (slot) => this.#emit(slot) });
    this.#facts = new OrderFacts({
      instruments: options.instruments,
      clientIdPrefix: options.clientIdPrefix,
      strangers: options.strangers,
      records: this.#records,
      askTrades: (question, timeNs) => this.#askTrades(question, timeNs),
    });
    const recvWindowMs = options.recvWindowMs ?? 5000;
    this.#recvWindowNs = recvWindowMs * MS;
    this.#requests = new ApiRequests({
      instruments: options.instruments,
      apiKey: options.apiKey,
      apiSecret: options.apiSecret,
      recvWindowMs,
    });
    this.#pending = new PendingRequests(options.answerTimeoutNs ?? 5000 * MS);
  }

  /** One more instrument; its `index` need not follow the others'. */
  addInstrument(spec: InstrumentSpec): void {
    this.#facts.addInstrument(spec);
    this.#requests.addInstrument(spec);
  }

  /** True once orders can be sent. */
  get isUp(): boolean {
    return this.#up;
  }
  /** Messages that could not be understood. */
  get badMessages(): number {
    return this.#badMessages;
  }
  /** Why the last of them could not. */
  get lastBadReason(): string {
    return this.#lastBadReason;
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    if (this.#firstConnectedNs < 0) this.#firstConnectedNs = timeNs;
    const id = this.#pending.add(RequestKind.time, 0, 0, timeNs);
    this.#io.send(this.#requests.serverTime(id));
    this.#subscribe(timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    this.#requests.loggedOn = false;
    this.#subscribeAgainNs = Number.POSITIVE_INFINITY;
    const lost = this.#pending.takeAll();
    // First the state: what follows must not make the step ask a socket that is gone.
    this.#setUp(false, reason, timeNs);
    for (const request of lost) this.#onLost(request, `connection lost: ${reason}`, timeNs);
  }

  onTimer(timeNs: number): void {
    for (;;) {
      const request = this.#pending.takeExpired(timeNs);
      if (request === undefined) break;
      this.#onLost(request, 'no answer in time', timeNs);
    }
    if (this.#connected && timeNs >= this.#subscribeAgainNs) this.#subscribe(timeNs);
  }

  place(order: OrderRequest, timeNs: number): void {
    const { orderNumber, instrument } = order;
    if (!this.#up) {
      this.#records.text(RecordKind.orderRejected, orderNumber, instrument, timeNs, 'order entry is down: not sent');
      return;
    }
    const id = this.#pending.add(RequestKind.place, orderNumber, instrument, timeNs);
    let sent = false;
    let reason = 'order entry is down: not sent';
    try {
      sent = this.#io.send(
        this.#requests.place(id, order, `${this.#o.clientIdPrefix}${orderNumber}`, this.#timestamp(timeNs)),
      );
    } catch (error) {
      reason = `not sent: ${(error as Error).message}`;
    }
    if (sent) {
      this.#sentTimes.remember(orderNumber, timeNs);
      return;
    }
    this.#pending.take(id);
    this.#records.text(RecordKind.orderRejected, orderNumber, instrument, timeNs, reason);
  }

  cancel(orderNumber: number, instrument: number, timeNs: number): void {
    const id = this.#pending.add(RequestKind.cancel, orderNumber, instrument, timeNs);
    if (this.#up) {
      const clientId = this.#facts.clientIdOf(orderNumber);
      if (this.#io.send(this.#requests.cancel(id, instrument, clientId, this.#timestamp(timeNs)))) return;
    }
    this.#pending.take(id);
    this.#records.text(RecordKind.cancelRejected, orderNumber, instrument, timeNs, 'order entry is down: not sent');
  }

  cancelAll(instrument: number, timeNs: number): void {
    const id = this.#pending.add(RequestKind.cancelAll, 0, instrument, timeNs);
    if (this.#up && this.#io.send(this.#requests.cancelAll(id, instrument, this.#timestamp(timeNs)))) return;
    this.#pending.take(id);
  }

  queryOrder(orderNumber: number, instrument: number, timeNs: number): void {
    const id = this.#pending.add(RequestKind.orderStatus, orderNumber, instrument, timeNs);
    const clientId = this.#facts.clientIdOf(orderNumber);
    if (this.#up && this.#io.send(this.#requests.orderStatus(id, instrument, clientId, this.#timestamp(timeNs)))) {
      return;
    }
    // Nobody was asked, so nothing is known: the step asks again.
    this.#pending.take(id);
  }

  queryOpenOrders(instrument: number, timeNs: number): void {
    const id = this.#pending.add(RequestKind.openOrders, 0, instrument, timeNs);
    if (this.#up && this.#io.send(this.#requests.openOrders(id, instrument, this.#timestamp(timeNs)))) return;
    this.#pending.take(id);
    this.#records.openOrders(instrument, 0, false, 'order entry is down', timeNs);
  }

  onMessage(bytes: Uint8Array, timeNs: number): void {
    let orderNumber = 0;
    let instrument = 0;
    try {
      const message: unknown = JSON.parse(decoder.decode(bytes));
      if (isApiAnswer(message)) {
        const request = this.#pending.take(Number(message.id));
        if (request === undefined) return;
        orderNumber = request.orderNumber;
        instrument = request.instrument;
        this.#onAnswer(request, message, timeNs);
        return;
      }
      const event = userEventOf(message);
      if (event === undefined) throw new RangeError('Expected an answer or an event, was neither');
      if (event.e === 'executionReport') {
        instrument = this.#facts.instrumentOf(event.s);
        orderNumber = instrument < 0 ? 0 : this.#facts.knownNumber(originalClientId(event));
        if (instrument >= 0) this.#facts.onExecution(event, instrument, timeNs);
      } else if (event.e === 'outboundAccountPosition') {
        for (const row of event.B) this.#records.balance(row.a, Number(row.f) + Number(row.l), timeNs);
      } else if (event.e === 'eventStreamTerminated') {
        this.#setUp(false, 'the venue ended the user data stream', timeNs);
        this.#subscribe(timeNs);
      }
    } catch (error) {
      if (error === this.#consumerFailure) throw error;
      this.#badMessages++;
      this.#lastBadReason = (error as Error).message;
      // Something happened to this order and nobody knows what: have it looked up.
      if (orderNumber > 0) {
        this.#records.text(
          RecordKind.orderUnknown,
          orderNumber,
          instrument,
          timeNs,
          `bad message: ${this.#lastBadReason}`,
        );
      }
    }
  }

  #onAnswer(request: PendingRequest, answer: ApiAnswer, timeNs: number): void {
    const { error } = answer;
    if (error?.code === -1021) this.#askTime(timeNs);
    switch (request.kind) {
      case RequestKind.logon:
        if (error === undefined) {
          this.#requests.loggedOn = true;
          this.#subscribe(timeNs);
        } else this.#onSubscribeFailed(`logon: ${describeError(error)}`, timeNs);
        return;
      case RequestKind.subscribe:
        if (error === undefined) this.#onSubscribed(timeNs);
        else this.#onSubscribeFailed(`user data: ${describeError(error)}`, timeNs);
        return;
      case RequestKind.time:
        if (error === undefined) this.#onServerTime(answer.result as { serverTime: number }, request, timeNs);
        return;
      case RequestKind.place:
        if (error !== undefined) this.#onPlaceError(request, answer.status, error, timeNs);
        else this.#onPlaced(request, answer.result as OrderStatusAnswer, timeNs);
        return;
      case RequestKind.cancel:
        if (error === undefined) return; // The execution report tells it, with what was left.
        if (isUnknownOutcome(answer.status, error)) this.#onLost(request, describeError(error), timeNs);
        else {
          this.#records.text(
            RecordKind.cancelRejected,
            request.orderNumber,
            request.instrument,
            timeNs,
            describeError(error),
          );
        }
        return;
      case RequestKind.orderStatus:
        if (error === undefined) this.#facts.onOrderStatus(request, answer.result as OrderStatusAnswer, timeNs);
        else if (error.code === -2013) this.#onNotAtVenue(request, timeNs);
        return;
      case RequestKind.trades:
        if (error === undefined) this.#facts.onTrades(request, answer.result as TradeAnswer[], timeNs);
        else this.#onLost(request, describeError(error), timeNs);
        return;
      case RequestKind.openOrders:
        if (error === undefined) this.#facts.onOpenOrders(request, answer.result as OrderStatusAnswer[], timeNs);
        else this.#records.openOrders(request.instrument, 0, false, describeError(error), timeNs);
        return;
      case RequestKind.account: {
        if (error !== undefined) return;
        const { balances } = answer.result as { balances: { asset: string; free: string; locked: string }[] };
        for (const row of balances) this.#records.balance(row.asset, Number(row.free) + Number(row.locked), timeNs);
        return;
      }
      default:
        // cancelAll: execution reports tell what was cancelled; whoever needs certainty asks for the open orders.
        return;
    }
  }

  #onSubscribed(timeNs: number): void {
    this.#subscribeAgainNs = Number.POSITIVE_INFINITY;
    const id = this.#pending.add(RequestKind.account, 0, 0, timeNs);
    this.#io.send(this.#requests.account(id, this.#timestamp(timeNs)));
    this.#setUp(true, '', timeNs);
  }

  #onSubscribeFailed(reason: string, timeNs: number): void {
    this.#subscribeAgainNs = timeNs + SUBSCRIBE_RETRY_NS;
    this.#records.state(false, reason, timeNs);
  }

  #onServerTime(result: { serverTime: number }, request: PendingRequest, timeNs: number): void {
    const halfwayNs = (request.sentNs + timeNs) / 2;
    const offsetMs = Math.round(result.serverTime - this.#o.wallClockMs(halfwayNs));
    if (!Number.isFinite(offsetMs)) return;
    this.#clockOffsetMs = Math.abs(offsetMs) > CLOCK_TOLERANCE_MS ? offsetMs : 0;
  }

  #onPlaced(request: PendingRequest, result: OrderStatusAnswer, timeNs: number): void {
    this.#records.accepted(
      request.orderNumber,
      request.instrument,
      result.orderId,
      result.transactTime ?? 0,
      timeNs,
      false,
    );
  }

  #onPlaceError(request: PendingRequest, status: number, error: ApiError, timeNs: number): void {
    const { orderNumber, instrument } = request;
    const reason = describeError(error);
    const kind = isUnknownOutcome(status, error) ? RecordKind.orderUnknown : RecordKind.orderRejected;
    if (kind === RecordKind.orderRejected) this.#sentTimes.forget(orderNumber);
    this.#records.text(kind, orderNumber, instrument, timeNs, reason);
  }

  /** Whether a request took effect is not known. */
  #onLost(request: PendingRequest, reason: string, timeNs: number): void {
    const { kind, orderNumber, instrument } = request;
    if (kind === RequestKind.place || kind === RequestKind.cancel || kind === RequestKind.trades) {
      // Of trades: the order has fills that nobody here has counted.
      this.#records.text(RecordKind.orderUnknown, orderNumber, instrument, timeNs, reason);
    } else if (kind === RequestKind.openOrders) {
      this.#records.openOrders(instrument, 0, false, reason, timeNs);
    } else if ((kind === RequestKind.subscribe || kind === RequestKind.logon) && this.#connected) {
      this.#onSubscribeFailed(reason, timeNs);
    }
  }

  /**
   * The venue does not know the order. While the request that placed it could still arrive (the venue takes it for as
   * long as recvWindow), that proves nothing: the order stays unknown and the step asks again.
   */
  #onNotAtVenue(request: PendingRequest, timeNs: number): void {
    const sentNs = this.#sentTimes.of(request.orderNumber) ?? this.#firstConnectedNs;
    if (timeNs - sentNs <= this.#recvWindowNs) return;
    this.#sentTimes.forget(request.orderNumber);
    this.#records.text(RecordKind.orderRejected, request.orderNumber, request.instrument, timeNs, 'not at the venue');
  }

  #askTrades(question: TradesQuestion, timeNs: number): void {
    const { orderNumber, instrument, venueOrderId, executedLots, cancelledLots, reason } = question;
    const kind = RequestKind.trades;
    const id = this.#pending.add(kind, orderNumber, instrument, timeNs, executedLots, cancelledLots, reason);
    this.#io.send(this.#requests.tradesOf(id, instrument, venueOrderId, this.#timestamp(timeNs)));
  }

  #emit(slot: EventSlot): void {
    try {
      this.#io.emit(slot);
    } catch (error) {
      this.#consumerFailure = error;
      throw error;
    }
  }

  #setUp(up: boolean, reason: string, timeNs: number): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#records.state(up, reason, timeNs);
  }

  #subscribe(timeNs: number): void {
    this.#subscribeAgainNs = Number.POSITIVE_INFINITY;
    const logsOn = this.#requests.needsLogon && !this.#requests.loggedOn;
    const id = this.#pending.add(logsOn ? RequestKind.logon : RequestKind.subscribe, 0, 0, timeNs);
    const timestamp = this.#timestamp(timeNs);
    const text = logsOn ? this.#requests.logon(id, timestamp) : this.#requests.subscribeUserData(id, timestamp);
    if (this.#io.send(text)) return;
    this.#pending.take(id);
    this.#subscribeAgainNs = timeNs + SUBSCRIBE_RETRY_NS;
  }

  #askTime(timeNs: number): void {
    const id = this.#pending.add(RequestKind.time, 0, 0, timeNs);
    if (!this.#io.send(this.#requests.serverTime(id))) this.#pending.take(id);
  }

  #timestamp(timeNs: number): number {
    return Math.round(this.#o.wallClockMs(timeNs)) + this.#clockOffsetMs;
  }
}

/** The request may have taken effect although it looks failed: it must be looked up, never repeated. */
function isUnknownOutcome(status: number, error: ApiError): boolean {
  return (
    status >= 500 ||
    error.code === -1001 ||
    error.code === -1006 ||
    error.code === -1007 ||
    // Our client id is taken: an earlier copy of this very order has arrived.
    (error.code === -2010 && /duplicate/i.test(error.msg))
  );
}

function describeError(error: ApiError): string {
  return `${error.msg} (${error.code})`;
}
