import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { toSteps } from '../engine/contract/units.ts';

/** An order as the venue itself holds it. Prices and sizes as its decimal strings and in steps. */
export interface VenueOrder {
  clientId: string;
  orderId: number;
  side: 'buy' | 'sell';
  price: string;
  priceTicks: number;
  size: string;
  filled: string;
  status: string;
}

export interface VenueTrade {
  tradeId: number;
  orderId: number;
  side: 'buy' | 'sell';
  priceTicks: number;
  sizeLots: number;
  /** In quote units, and the part of it that was taken from the base asset, in base units. */
  fee: number;
  baseCommission: number;
}

interface SymbolUnits {
  tickSize: string;
  lotSize: string;
  baseAsset: string;
  quoteAsset: string;
}

type Json = Record<string, unknown>;

/** Asks the simulated venue over its own signed protocol: what a test believes comes from here, not from the app. */
export class VenueClient {
  readonly #dataDir: string;
  readonly #units = new Map<string, SymbolUnits>();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Base address of the venue's REST interface, as main logged it last. */
  get addresses(): { rest: string; api: string } {
    const log = readFileSync(join(this.#dataDir, 'logs', 'main.log'), 'utf8');
    const found = [...log.matchAll(/venue listens at (\S+) (\S+) (\S+)/g)].at(-1);
    if (!found) throw new Error('Expected "venue listens at ..." in main.log, was none');
    return { rest: found[1] as string, api: found[3] as string };
  }

  async units(symbol: string): Promise<SymbolUnits> {
    const known = this.#units.get(symbol);
    if (known) return known;
    const answer = await fetch(`${this.addresses.rest.replace(/\/$/, '')}/api/v3/exchangeInfo?symbol=${symbol}`);
    const { symbols } = (await answer.json()) as { symbols: (Json & { symbol: string; filters: Json[] })[] };
    const spec = symbols.find((entry) => entry.symbol === symbol);
    if (!spec) throw new Error(`Expected ${symbol} in exchangeInfo, was ${symbols.map((s) => s.symbol).join(', ')}`);
    const filter = (type: string): Json => spec.filters.find((entry) => entry['filterType'] === type) ?? {};
    const units: SymbolUnits = {
      tickSize: String(filter('PRICE_FILTER')['tickSize']),
      lotSize: String(filter('LOT_SIZE')['stepSize']),
      baseAsset: String(spec['baseAsset']),
      quoteAsset: String(spec['quoteAsset']),
    };
    this.#units.set(symbol, units);
    return units;
  }

  async openOrders(symbol: string): Promise<VenueOrder[]> {
    const { tickSize } = await this.units(symbol);
    return ((await this.request('openOrders.status', { symbol })) as Json[]).map((row) => toOrder(row, tickSize));
  }

  /** Every order of this account the venue knows, oldest first. */
  async allOrders(symbol: string): Promise<VenueOrder[]> {
    const { tickSize } = await this.units(symbol);
    return ((await this.request('allOrders', { symbol, limit: 1000 })) as Json[]).map((row) => toOrder(row, tickSize));
  }

  async trades(symbol: string): Promise<VenueTrade[]> {
    const { tickSize, lotSize, baseAsset } = await this.units(symbol);
    const rows = (await this.request('myTrades', { symbol, limit: 1000 })) as Json[];
    return rows.map((row) => ({
      tradeId: Number(row['id']),
      orderId: Number(row['orderId']),
      side: row['isBuyer'] ? 'buy' : 'sell',
      priceTicks: toSteps(String(row['price']), tickSize),
      sizeLots: toSteps(String(row['qty']), lotSize),
      // A fee taken in the base asset is valued at the fill's price.
      baseCommission: row['commissionAsset'] === baseAsset ? Number(row['commission']) : 0,
      fee: Number(row['commission']) * (row['commissionAsset'] === baseAsset ? Number(row['price']) : 1),
    }));
  }

  /** Free + locked, by asset. */
  async balances(): Promise<Record<string, number>> {
    const account = (await this.request('account.status', {})) as { balances: Json[] };
    return Object.fromEntries(
      account.balances.map((row) => [String(row['asset']), Number(row['free']) + Number(row['locked'])]),
    );
  }

  /** One signed request on a connection of its own. @throws Error with the venue's code and message. */
  async request(method: string, params: Record<string, string | number>): Promise<unknown> {
    const { simApiKey, simApiSecret } = JSON.parse(readFileSync(join(this.#dataDir, 'secrets.json'), 'utf8')) as {
      simApiKey: string;
      simApiSecret: string;
    };
    const signed: Record<string, string | number> = {
      ...params,
      apiKey: simApiKey,
      timestamp: Date.now(),
      recvWindow: 5000,
    };
    const payload = Object.keys(signed)
      .sort()
      .map((key) => `${key}=${signed[key]}`)
      .join('&');
    signed['signature'] = createHmac('sha256', simApiSecret).update(payload).digest('hex');
    return ask(this.addresses.api, { id: 'e2e', method, params: signed });
  }
}

function ask(url: string, message: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: 5_000 });
    const timer = setTimeout(() => socket.terminate(), 5_000);
    socket.on('open', () => socket.send(JSON.stringify(message)));
    socket.on('message', (data) => {
      const answer = JSON.parse(String(data)) as { id?: string; status?: number; result?: unknown; error?: Json };
      if (answer.id !== 'e2e') return;
      clearTimeout(timer);
      socket.close();
      if (answer.status === 200) resolve(answer.result);
      else reject(new Error(`The venue answered ${answer.status}: ${JSON.stringify(answer.error)}`));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('The venue closed the connection without an answer'));
    });
  });
}

function toOrder(row: Json, tickSize: string): VenueOrder {
  return {
    clientId: String(row['clientOrderId']),
    orderId: Number(row['orderId']),
    side: String(row['side']).toLowerCase() as 'buy' | 'sell',
    price: String(row['price']),
    priceTicks: toSteps(String(row['price']), tickSize),
    size: String(row['origQty']),
    filled: String(row['executedQty']),
    status: String(row['status']),
  };
}
