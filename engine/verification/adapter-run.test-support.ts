import assert from 'node:assert/strict';
import type { MarketProtocol } from '../contract/market-protocol.ts';
import { BookState } from '../contract/record.ts';
import { type InstrumentSpec, type Side, toSteps } from '../contract/units.ts';
import type { MarketAdapter } from '../venue/market-adapter.ts';
import { protocols } from '../venue/protocols.ts';
import { ConsumerIo } from '../venue/proven-feed.test-support.ts';
import { createFeedVenue, type FeedVenue, type FeedVenueOptions } from '../simulation/feed-venue.ts';
import { FLOW_REGIMES } from '../simulation/order-flow.ts';
import type { SymbolSpec } from '../simulation/symbol-spec.ts';
import type { BookCopy } from '../simulation/dialect/book-memory.ts';
import type { DialectClient, DialectSession, Payload, RestAnswer } from '../simulation/dialect/dialect.ts';

const START_MS = 1_760_000_000_000;
const TIMER_MS = 100;
const MAX_LEVELS = 5000;
const utf8 = new TextEncoder();

export function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? utf8.encode(payload) : payload;
}

/** The adapter's view of a symbol that the venue lists. */
export function instrumentFrom(protocol: MarketProtocol, spec: SymbolSpec, index: number): InstrumentSpec {
  const { symbol, baseAsset, quoteAsset, tickSize, lotSize, priceDecimals, sizeDecimals } = spec;
  const fees = { makerFee: 0, takerFee: 0 };
  const form = { tickSize, lotSize, priceDecimals, sizeDecimals, minNotional: 0 };
  return { index, venue: protocol, symbol, baseAsset, quoteAsset, ...form, ...fees };
}

export interface TrueTrade {
  symbol: string;
  side: Side;
  priceTicks: number;
  sizeLots: number;
}

/** The adapter's steps in one of the market's. */
export interface Scale {
  price: number;
  size: number;
}

interface Route {
  session: DialectSession | undefined;
  /** Payloads on their way: what a send causes must not come back inside of it. */
  inbox: Payload[];
  connectAtMs: number;
}

/** The real adapter of a protocol on the simulated one, in virtual time and without sockets. */
export class AdapterRun extends ConsumerIo {
  readonly venue: FeedVenue;
  readonly adapter: MarketAdapter;
  readonly trueTrades: TrueTrade[] = [];
  /** Everything that came, as text, when `keepPayloads` is set. */
  readonly payloads: string[] = [];
  keepPayloads = false;
  snapshotRequests = 0;
  comparisons = 0;
  readonly #routes: Route[] = [];
  readonly #requests: { instrument: number; answer: RestAnswer; dueMs: number }[] = [];
  #nextTimerMs = START_MS;
  #nextPingMs = START_MS;

  constructor(
    protocol: MarketProtocol,
    symbols: readonly string[],
    options: Partial<FeedVenueOptions> = {},
    createAdapter?: (instruments: InstrumentSpec[], run: AdapterRun) => MarketAdapter,
  ) {
    super(symbols.length + 4);
    const usual = { seed: 1, startMs: START_MS, regime: FLOW_REGIMES.burst, rememberedBooks: 1000 };
    this.venue = createFeedVenue({ protocol, ...usual, ...options });
    const instruments = symbols.map((symbol, index) => this.instrument(symbol, index));
    const originUs = START_MS * 1000;
    this.adapter =
      createAdapter?.(instruments, this) ??
      protocols[protocol].createAdapter({ instruments, tradeStream: 'trade', originUs, depth: true }, this);
    const { dialect } = this.venue;
    const onTrade = dialect.onTrade.bind(dialect);
    dialect.onTrade = (market, trade) => {
      this.trueTrades.push({
        symbol: market.spec.symbol,
        side: trade.takerSide,
        priceTicks: trade.priceTicks,
        sizeLots: trade.sizeLots,
      });
      onTrade(market, trade);
    };
  }

  instrument(symbol: string, index: number): InstrumentSpec {
    const spec = this.venue.markets.specs.find((listed) => listed.symbol === symbol);
    assert.ok(spec, `Expected a listed symbol, was ${symbol}`);
    return instrumentFrom(this.venue.protocol, spec, index);
  }

  get nowMs(): number {
    return this.venue.markets.nowMs;
  }
  get timeNs(): number {
    return (this.nowMs - START_MS) * 1e6;
  }

  /** Lets `ms` pass in steps; `inspect` runs after each. */
  pass(ms: number, inspect: () => void = () => undefined, stepMs = 10): void {
    for (let left = ms; left > 0; left -= stepMs) {
      this.#connect();
      this.venue.advance(this.nowMs + Math.min(stepMs, left));
      this.#deliver();
      if (this.nowMs >= this.#nextTimerMs) {
        this.#nextTimerMs = this.nowMs + TIMER_MS;
        this.adapter.onTimer(this.timeNs);
      }
      const { pingIntervalMs } = this.adapter;
      if (pingIntervalMs > 0 && this.nowMs >= this.#nextPingMs) {
        this.#nextPingMs = this.nowMs + pingIntervalMs;
        for (const route of this.#routes) route.session?.onMessage(this.adapter.pingMessage());
      }
      this.#deliver();
      inspect();
    }
  }

  override requestSnapshot(instrument = 0): void {
    this.snapshotRequests++;
    const [path = '', query = ''] = this.adapter.snapshotPath(instrument).split('?', 2);
    const answer = this.venue.rest({ method: 'GET', path, query, header: () => undefined });
    this.#requests.push({ instrument, answer, dueMs: this.nowMs + answer.delayMs });
  }

  override send(text: string, route = 0): void {
    super.send(text);
    this.#routes[route]?.session?.onMessage(text);
  }

  override reconnect(reason: string, route = 0): void {
    super.reconnect(reason);
    this.#disconnect(route, reason);
  }

  /** Ends a connection as the venue does. */
  cut(route = 0): void {
    this.#disconnect(route, 'cut');
  }

  /** Every live book is the venue's own, as it told it last. `depth`: levels that the protocol tells. */
  compare(keyOf: (symbol: string) => string, depth = MAX_LEVELS): void {
    for (const instrument of this.adapter.instruments) {
      const { index, symbol } = instrument;
      if (this.states[index] !== BookState.live) continue;
      const truth = this.venue.memory.copies(keyOf(symbol)).at(-1);
      assert.ok(truth, `Expected a book of ${keyOf(symbol)} to be remembered`);
      const [own, expected] = [this.top(index, MAX_LEVELS), bookText(truth, depth, this.#scaleOf(instrument))];
      assert.ok(own === expected, `${symbol} at ${this.nowMs - START_MS} ms: ${firstDifference(own, expected)}`);
      this.comparisons++;
    }
  }

  assertTrades(symbol: string, from: number): void {
    const index = this.adapter.instruments.findIndex((spec) => spec.symbol === symbol);
    const seen = this.trades
      .filter((trade) => trade.instrument === index)
      .map(({ side, priceTicks, sizeLots }) => ({ symbol, side, priceTicks, sizeLots }));
    const scale = this.#scaleOf(this.adapter.instruments[index] as InstrumentSpec);
    const told = this.trueTrades
      .slice(from)
      .filter((trade) => trade.symbol === symbol)
      .map(({ side, priceTicks, sizeLots }) => ({
        symbol,
        side,
        priceTicks: priceTicks * scale.price,
        sizeLots: sizeLots * scale.size,
      }));
    assert.ok(seen.length > 0, 'Expected some trades');
    assert.deepEqual(seen, told);
  }

  /** The adapter may count in finer steps than the venue's market. */
  #scaleOf({ symbol, tickSize, lotSize }: InstrumentSpec): Scale {
    const spec = this.venue.markets.specs.find((listed) => listed.symbol === symbol);
    assert.ok(spec);
    return { price: toSteps(spec.tickSize, tickSize), size: toSteps(spec.lotSize, lotSize) };
  }

  #connect(): void {
    this.adapter.routes.forEach(({ path }, index) => {
      this.#routes[index] ??= { session: undefined, inbox: [], connectAtMs: this.nowMs };
      const route = this.#routes[index] as Route;
      if (route.session !== undefined || this.nowMs < route.connectAtMs) return;
      route.inbox = [];
      const { inbox } = route;
      const client: DialectClient = {
        send: (payload) => void inbox.push(payload),
        close: (_code, reason) => this.#disconnect(index, reason),
      };
      const session = this.venue.connect(client, path());
      assert.ok(typeof session !== 'number', `Expected ${path()} to be taken, was refused with ${String(session)}`);
      route.session = session;
      this.adapter.onConnected(this.timeNs, index);
      for (const text of this.adapter.subscriptionMessages(index)) session.onMessage(text);
    });
  }

  #disconnect(index: number, reason: string): void {
    const route = this.#routes[index];
    if (route?.session === undefined) return;
    route.session.onClosed();
    route.session = undefined;
    route.inbox = [];
    route.connectAtMs = this.nowMs + 200;
    this.adapter.onDisconnected(this.timeNs, reason, index);
  }

  #deliver(): void {
    for (let any = true; any; ) {
      any = false;
      this.#routes.forEach((route, index) => {
        for (const payload of route.inbox.splice(0)) {
          any = true;
          if (this.keepPayloads) this.payloads.push(Buffer.from(bytesOf(payload)).toString());
          this.adapter.onMessage(bytesOf(payload), this.timeNs, index);
        }
      });
      for (const request of this.#requests.splice(0)) {
        if (request.dueMs > this.nowMs) {
          this.#requests.push(request);
          continue;
        }
        any = true;
        const { instrument, answer } = request;
        if (answer.status === 200) this.adapter.onSnapshot(instrument, bytesOf(answer.body), this.timeNs);
        else this.adapter.onSnapshotFailed(instrument, this.timeNs, `status ${answer.status}`);
      }
    }
  }
}

/** As {@link ConsumerIo.top} words a book. */
export function bookText({ bids, asks }: BookCopy, depth: number, scale: Scale = { price: 1, size: 1 }): string {
  const side = (levels: Float64Array): string => {
    const rows: string[] = [];
    for (let i = 0; i < Math.min(depth, levels.length / 2); i++) {
      rows.push(`${(levels[i * 2] as number) * scale.price} ${(levels[i * 2 + 1] as number) * scale.size}`);
    }
    return rows.join(',');
  };
  return `${side(bids)}|${side(asks)}`;
}

function firstDifference(own: string, expected: string): string {
  const [a, b] = [own.split(/[,|]/), expected.split(/[,|]/)];
  const at = a.findIndex((level, i) => level !== b[i]);
  return `${a.length} levels instead of ${b.length}; expected "${b[Math.max(0, at)]}", was "${a[at]}" at ${at}`;
}

/** A client by hand: what it was sent, and how it was closed. */
export class HandClient implements DialectClient {
  readonly received: string[] = [];
  readonly binary: boolean[] = [];
  closed: [code: number, reason: string] | undefined;

  send(payload: Payload): void {
    this.received.push(Buffer.from(bytesOf(payload)).toString());
    this.binary.push(typeof payload !== 'string');
  }
  close(code: number, reason: string): void {
    this.closed = [code, reason];
  }

  /** Takes all that has come since the last time. */
  take(): string[] {
    return this.received.splice(0);
  }
}

export function getJson(venue: FeedVenue, path: string): { status: number; body: unknown; answer: RestAnswer } {
  const [route = '', query = ''] = path.split('?', 2);
  const answer = venue.rest({ method: 'GET', path: route, query, header: () => undefined });
  return { status: answer.status, body: JSON.parse(Buffer.from(bytesOf(answer.body)).toString()), answer };
}
