import { type InstrumentSpec, Side } from '../../contract/units.ts';
import type { OrderRequest } from '../order-entry-adapter.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import { isPrivateKey, RequestSigner, type SignedParameters } from './signing.ts';
import { StepFormatter } from './step-formatter.ts';

/** Most trades in one answer to `myTrades`. */
export const MAX_TRADES = 1000;

/** Parts of an order that never change between two orders of an instrument. */
interface InstrumentTexts {
  symbol: string;
  price: StepFormatter;
  size: StepFormatter;
}

export interface ApiRequestsOptions {
  instruments: readonly InstrumentSpec[];
  apiKey: string;
  apiSecret: string;
  /** The venue refuses requests older than this; also how long a lost one may still arrive. */
  recvWindowMs: number;
}

/** Builds the text of requests to Binance's WebSocket API. Ids are decimal numbers as text. */
export class ApiRequests {
  readonly #signer: RequestSigner;
  /** Of orders: what is signed begins with the API key, which never changes. Undefined where the connection is logged on. */
  readonly #orderSigner: HmacSha256 | undefined;
  readonly #apiKey: string;
  readonly #recvWindowMs: number;
  /** By instrument number; with holes where others are traded elsewhere. */
  readonly #texts: InstrumentTexts[] = [];

  /** The key can log a connection on, and does: its requests then carry neither key nor signature. */
  readonly needsLogon: boolean;
  /** The venue has said yes to `logon` on the present connection. */
  loggedOn = false;

  constructor(options: ApiRequestsOptions) {
    if (!/^[\x21-\x7e]+$/.test(options.apiKey) || /["\\]/.test(options.apiKey)) {
      throw new RangeError('apiKey: expected printable characters without quotes, was something else');
    }
    this.#signer = new RequestSigner(options.apiSecret);
    this.needsLogon = isPrivateKey(options.apiSecret);
    if (!this.needsLogon) {
      this.#orderSigner = new HmacSha256(options.apiSecret, `apiKey=${options.apiKey}&newClientOrderId=`);
    }
    this.#apiKey = options.apiKey;
    this.#recvWindowMs = options.recvWindowMs;
    for (const spec of options.instruments) this.addInstrument(spec);
  }

  addInstrument({ index, symbol, tickSize, lotSize }: InstrumentSpec): void {
    this.#texts[index] = { symbol, price: new StepFormatter(tickSize), size: new StepFormatter(lotSize) };
  }

  /**
   * `order.place`. Assembled by hand, the sorted payload and the JSON in one go: this is the last step of
   * tick-to-order. Fills are not asked for in the answer (ACK): they come as execution reports, once.
   */
  place(id: number, order: OrderRequest, clientId: string, timestampMs: number): string {
    const { symbol, price, size } = this.#texts[order.instrument] as InstrumentTexts;
    const priceText = price.format(order.priceTicks);
    const quantity = size.format(order.sizeLots);
    const side = order.side === Side.buy ? 'BUY' : 'SELL';
    const window = this.#recvWindowMs;
    const post = order.postOnly;
    const timeInForce = order.immediateOrCancel ? 'IOC' : 'GTC';
    const force = post ? '' : `&timeInForce=${timeInForce}`;
    const type = post ? 'LIMIT_MAKER' : 'LIMIT';
    const start =
      `{"id":"${id}","method":"order.place","params":{"symbol":"${symbol}","side":"${side}","type":"${type}",` +
      `${post ? '' : `"timeInForce":"${timeInForce}",`}"price":"${priceText}","quantity":"${quantity}",` +
      `"newClientOrderId":"${clientId}","newOrderRespType":"ACK","recvWindow":${window},"timestamp":${timestampMs}`;
    if (this.#orderSigner === undefined) return `${start}}}`;
    const signature = this.#orderSigner.hex(
      `${clientId}&newOrderRespType=ACK&price=${priceText}&quantity=${quantity}` +
        `&recvWindow=${window}&side=${side}&symbol=${symbol}${force}&timestamp=${timestampMs}&type=${type}`,
    );
    return `${start},"apiKey":"${this.#apiKey}","signature":"${signature}"}}`;
  }

  /** `order.cancel` by client id. */
  cancel(id: number, instrument: number, clientId: string, timestampMs: number): string {
    return this.#signed(
      id,
      'order.cancel',
      { symbol: this.#symbol(instrument), origClientOrderId: clientId },
      timestampMs,
    );
  }

  cancelAll(id: number, instrument: number, timestampMs: number): string {
    return this.#signed(id, 'openOrders.cancelAll', { symbol: this.#symbol(instrument) }, timestampMs);
  }

  /** `order.status` by client id. */
  orderStatus(id: number, instrument: number, clientId: string, timestampMs: number): string {
    return this.#signed(
      id,
      'order.status',
      { symbol: this.#symbol(instrument), origClientOrderId: clientId },
      timestampMs,
    );
  }

  /** `myTrades` of one order. */
  tradesOf(id: number, instrument: number, venueOrderId: number, timestampMs: number): string {
    const parameters = { symbol: this.#symbol(instrument), orderId: venueOrderId, limit: MAX_TRADES };
    return this.#signed(id, 'myTrades', parameters, timestampMs);
  }

  openOrders(id: number, instrument: number, timestampMs: number): string {
    return this.#signed(id, 'openOrders.status', { symbol: this.#symbol(instrument) }, timestampMs);
  }

  account(id: number, timestampMs: number): string {
    return this.#signed(id, 'account.status', { omitZeroBalances: 'true' }, timestampMs);
  }

  /** `session.logon`: everything that follows on this connection is this key's. */
  logon(id: number, timestampMs: number): string {
    this.loggedOn = false;
    return this.#signed(id, 'session.logon', {}, timestampMs);
  }

  subscribeUserData(id: number, timestampMs: number): string {
    if (this.loggedOn) return `{"id":"${id}","method":"userDataStream.subscribe"}`;
    return this.#signed(id, 'userDataStream.subscribe.signature', {}, timestampMs);
  }

  serverTime(id: number): string {
    return `{"id":"${id}","method":"time"}`;
  }

  #symbol(instrument: number): string {
    return (this.#texts[instrument] as InstrumentTexts).symbol;
  }

  #signed(id: number, method: string, parameters: SignedParameters, timestampMs: number): string {
    if (this.loggedOn) {
      const params = { ...parameters, recvWindow: this.#recvWindowMs, timestamp: timestampMs };
      return JSON.stringify({ id: String(id), method, params });
    }
    const params: SignedParameters = {
      ...parameters,
      apiKey: this.#apiKey,
      recvWindow: this.#recvWindowMs,
      timestamp: timestampMs,
    };
    params['signature'] = this.#signer.signSorted(params);
    return JSON.stringify({ id: String(id), method, params });
  }
}
