import type { DepthChange, PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import { Side } from '../../contract/units.ts';
import { refusal } from './binance-rest.ts';
import { copyBook } from './book-memory.ts';
import { CountLimit } from './count-limit.ts';
import type {
  BookUpdate,
  Dialect,
  DialectClient,
  DialectContext,
  DialectSession,
  Payload,
  PayloadKind,
  RestAnswer,
  RestRequest,
} from './dialect.ts';
import { errorAnswer } from './rest-answer.ts';
import { type Topic, TopicTable } from './topic-table.ts';

/** What differs between Binance's three markets. */
export interface BinanceVariant {
  /** Entry points by path, and which streams come through each: others are taken there and never sent. */
  readonly entryPoints: readonly { prefix: string; carries(kind: string): boolean }[];
  /** Depth streams (what follows the symbol) by interval. */
  readonly depthStreams: ReadonlyMap<number, readonly string[]>;
  /** Binance cuts a stream connection that sends more. */
  readonly messagesPerSecond: number;
  trade(market: SimulatedMarket, trade: PublicTrade): string;
  aggregateTrade(market: SimulatedMarket, trade: PublicTrade, aggregateId: number, firstTradeId: number): string;
  quote(market: SimulatedMarket): string;
  depth(update: BookUpdate): string;
  rest(request: RestRequest): RestAnswer;
}

const MAX_STREAMS = 1024;
/** Connections per address. */
const CONNECTS = 300;
const CONNECTS_MS = 300_000;
const STREAM_NAME = /^[a-z0-9_]+@\w+(@\w+)?$/;

interface Request {
  method?: unknown;
  params?: unknown;
  id?: unknown;
}

/** Binance's market streams: `/ws/<stream>[/<stream>...]` and `/stream?streams=a/b`, subscriptions by message. */
export class BinanceDialect implements Dialect {
  readonly tickMs = 50;
  readonly depthIntervalsMs: readonly number[];
  readonly #context: DialectContext;
  readonly #variant: BinanceVariant;
  readonly #topics = new TopicTable<BinanceSession>();
  readonly #connects = new CountLimit(CONNECTS, CONNECTS_MS);

  constructor(context: DialectContext, variant: BinanceVariant) {
    this.#context = context;
    this.#variant = variant;
    this.depthIntervalsMs = [...variant.depthStreams.keys()];
  }

  get protocol(): DialectContext['protocol'] {
    return this.#context.protocol;
  }

  accepts(path: string): boolean {
    return this.#route(path) !== undefined;
  }

  open(client: DialectClient, path: string): DialectSession {
    const route = this.#route(path);
    if (route === undefined) throw new RangeError(`Expected a path of the market streams, was ${path}`);
    const session = new BinanceSession(client, this.#context, this.#variant, this.#topics, route);
    for (const name of route.names) if (name !== '') session.subscribe(name);
    return session;
  }

  rest(request: RestRequest): RestAnswer {
    return this.#variant.rest(request);
  }

  refusal(status: number): RestAnswer {
    const { nowMs } = this.#context.markets;
    return errorAnswer(refusal(status, nowMs), nowMs);
  }

  admit(): number {
    return this.#connects.take(this.#context.markets.nowMs) ? 0 : 429;
  }

  onTrade(market: SimulatedMarket, trade: PublicTrade): void {
    const topic = this.#topics.get(`${market.streamPrefix}@trade`);
    if (topic !== undefined) this.#topics.push(topic, 'trade', this.#variant.trade(market, trade));
  }

  onAggregateTrade(market: SimulatedMarket, trade: PublicTrade, aggregateId: number, firstTradeId: number): void {
    const topic = this.#topics.get(`${market.streamPrefix}@aggTrade`);
    if (topic === undefined) return;
    this.#topics.push(topic, 'trade', this.#variant.aggregateTrade(market, trade, aggregateId, firstTradeId));
  }

  onQuote(market: SimulatedMarket): void {
    const topic = this.#topics.get(`${market.streamPrefix}@bookTicker`);
    if (topic !== undefined) this.#topics.push(topic, 'quote', this.#variant.quote(market));
  }

  onDepth(market: SimulatedMarket, change: DepthChange): void {
    for (const name of this.#variant.depthStreams.get(change.intervalMs) ?? []) {
      const topic = this.#topics.get(market.streamPrefix + name);
      if (topic === undefined) continue;
      const { symbol } = market.spec;
      const { memory, faults, protocol } = this.#context;
      if (memory.newest(symbol)?.id !== market.updateId) {
        memory.remember(symbol, copyBook(market, market.updateId, Infinity));
      }
      for (const update of faults.book(protocol, updateOf(market, change))) {
        this.#topics.push(topic, 'book', this.#variant.depth(update));
      }
    }
  }

  onTick(): void {
    // Depth comes from the markets, at its intervals.
  }

  onTimer(): void {
    // Nothing is delayed: snapshots are REST.
  }

  isWanted(symbol: string): boolean {
    return this.#topics.isWanted(symbol);
  }

  flush(): void {
    this.#topics.flush((session, topic, kind, payload) => session.deliver(topic, kind, payload));
  }

  restartSequence(): boolean {
    // Binance's ids have never gone back.
    return false;
  }

  shutdownNotice(nowMs: number): Payload {
    return `{"e":"serverShutdown","E":${nowMs}}`;
  }

  #route(path: string): StreamRoute | undefined {
    const [route, query = ''] = path.split('?', 2) as [string, string | undefined];
    for (const { prefix, carries } of this.#variant.entryPoints) {
      const rest = route.startsWith(prefix) ? route.slice(prefix.length) : undefined;
      if (rest === '/stream') {
        return { combined: true, names: (new URLSearchParams(query).get('streams') ?? '').split('/'), carries };
      }
      if (rest === '/ws' || rest?.startsWith('/ws/')) {
        return { combined: false, names: rest.slice('/ws'.length).replaceAll('%40', '@').split('/'), carries };
      }
    }
    return undefined;
  }
}

interface StreamRoute {
  /** `/stream`: messages come wrapped with their stream's name. */
  combined: boolean;
  names: string[];
  carries(kind: string): boolean;
}

class BinanceSession implements DialectSession {
  readonly #client: DialectClient;
  readonly #context: DialectContext;
  readonly #messagesPerSecond: number;
  readonly #topics: TopicTable<BinanceSession>;
  readonly #route: StreamRoute;
  readonly #streams = new Set<string>();
  #windowStartMs = 0;
  #messages = 0;

  constructor(
    client: DialectClient,
    context: DialectContext,
    variant: BinanceVariant,
    topics: TopicTable<BinanceSession>,
    route: StreamRoute,
  ) {
    this.#client = client;
    this.#context = context;
    this.#messagesPerSecond = variant.messagesPerSecond;
    this.#topics = topics;
    this.#route = route;
  }

  subscribe(name: string): void {
    this.#streams.add(name);
    const at = name.indexOf('@');
    const symbol = name.slice(0, Math.max(0, at)).toUpperCase();
    // Opens the market where it is not yet.
    this.#context.markets.marketFor(symbol);
    if (this.#route.carries(name.slice(at + 1))) this.#topics.add(name, symbol, this);
  }

  deliver(topic: Topic<BinanceSession>, kind: PayloadKind, payload: Payload): void {
    const text = this.#route.combined ? `{"stream":"${topic.name}","data":${String(payload)}}` : payload;
    this.#send(topic.symbol, kind, text);
  }

  onMessage(text: string): void {
    const { nowMs } = this.#context.markets;
    if (nowMs - this.#windowStartMs >= 1000) {
      this.#windowStartMs = nowMs;
      this.#messages = 0;
    }
    if (++this.#messages > this.#messagesPerSecond) {
      this.#client.close(1008, 'Too many requests');
      return;
    }
    let answer: object;
    try {
      answer = this.#answer(JSON.parse(text) as Request);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      answer = { code: 3, msg: `Invalid JSON: ${error.message}` };
    }
    this.#send('', 'control', JSON.stringify(answer));
  }

  onClosed(): void {
    for (const name of this.#streams) this.#topics.remove(name, this);
    this.#streams.clear();
  }

  #send(symbol: string, kind: PayloadKind, payload: Payload): void {
    const { faults, protocol } = this.#context;
    const sent = faults.payload(protocol, symbol, kind, payload);
    if (sent !== undefined) this.#client.send(sent);
  }

  #answer(request: Request): object {
    const { method, params, id = null } = request ?? {};
    if (method === 'LIST_SUBSCRIPTIONS') return { result: [...this.#streams], id };
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') {
      return {
        code: 2,
        msg: 'Invalid request: unknown variant, expected one of SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS',
        id,
      };
    }
    if (!Array.isArray(params) || !params.every((name) => typeof name === 'string' && STREAM_NAME.test(name))) {
      return { code: 2, msg: 'Invalid request: params must be stream names such as btcusdt@trade', id };
    }
    if (method === 'SUBSCRIBE' && this.#streams.size + params.length > MAX_STREAMS) {
      return { code: 2, msg: `Invalid request: too many streams, at most ${MAX_STREAMS}`, id };
    }
    for (const name of params as string[]) {
      if (method === 'SUBSCRIBE') this.subscribe(name);
      else {
        this.#streams.delete(name);
        this.#topics.remove(name, this);
      }
    }
    return { result: null, id };
  }
}

function updateOf(market: SimulatedMarket, change: DepthChange): BookUpdate {
  const told = (side: Side, ticks: readonly number[]) =>
    ticks.map((price) => ({ ticks: price, lots: market.engine.levelLots(side, price) }));
  return {
    market,
    bookKey: market.spec.symbol,
    kind: 'delta',
    firstId: change.firstUpdateId,
    lastId: market.updateId,
    previousId: change.previousUpdateId,
    sequence: market.updateId,
    timeMs: market.timeMs,
    bids: told(Side.buy, change.bidTicks),
    asks: told(Side.sell, change.askTicks),
    checksum: 0,
  };
}
