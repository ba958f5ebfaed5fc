import { Side } from '../../contract/units.ts';
import { priceText, sizeText } from '../decimal-text.ts';
import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import type { ToldLevel } from './book-memory.ts';
import { bybitRefusal, bybitRest } from './bybit-rest.ts';
import { CountLimit } from './count-limit.ts';
import type {
  BookUpdate,
  DialectClient,
  DialectContext,
  DialectSession,
  Payload,
  PayloadKind,
  RestAnswer,
  RestRequest,
} from './dialect.ts';
import { isJsonObject, parseRequest } from './stream-session.ts';
import { TopicDialect } from './topic-dialect.ts';
import { TopicSession } from './topic-session.ts';
import type { Topic } from './topic-table.ts';
import { WindowBook } from './window-book.ts';

/** Depths of the book's topics and how often each is told, ms. */
const INTERVALS: ReadonlyMap<number, number> = new Map([
  [1, 10],
  [50, 20],
  [200, 100],
  [1000, 200],
]);
/** Level 1 is told again when nothing has happened for this long. */
const REPEAT_MS = 3000;
const MAX_TRADES = 1024;
const SPOT_ARGUMENTS = 10;
const IDLE_CUT_MS = 600_000;
const TOPIC = /^(?:orderbook\.(\d+)|publicTrade)\.([A-Z0-9-]+)$/;

interface BookTopic {
  readonly window: WindowBook;
  readonly intervalMs: number;
  toldMs: number;
}

/** Bybit v5 public streams of one category: snapshot and deltas of a window, trades, subscriptions by `op`. */
export class BybitDialect extends TopicDialect<BybitSession> {
  readonly tickMs = 10;
  readonly #isSpot: boolean;
  /** Also those that nobody listens to any more: their `u` goes on. */
  readonly #books = new Map<string, BookTopic>();
  /** Trades since the last tick, encoded, by topic. */
  readonly #trades = new Map<string, string[]>();
  readonly #connects = new CountLimit(500, 300_000);
  readonly #requests = new CountLimit(600, 5000);
  #connectionCount = 0;
  #bannedUntilMs = 0;

  constructor(context: DialectContext) {
    super(context);
    this.#isSpot = context.protocol === 'bybit-spot';
  }

  accepts(path: string): boolean {
    return path.split('?', 1)[0] === `/v5/public/${this.#isSpot ? 'spot' : 'linear'}`;
  }

  admit(): number {
    return this.#connects.take(this.context.markets.nowMs) ? 0 : 403;
  }

  open(client: DialectClient): DialectSession {
    return this.begin(new BybitSession(client, this.context, this, `sim-${++this.#connectionCount}`));
  }

  rest(request: RestRequest): RestAnswer {
    const { nowMs } = this.context.markets;
    if (nowMs < this.#bannedUntilMs) return bybitRefusal(403, nowMs);
    if (!this.#requests.take(nowMs)) {
      // The venue asks for ten minutes of silence.
      this.#bannedUntilMs = nowMs + 600_000;
      return bybitRefusal(403, nowMs);
    }
    return bybitRest(this.context, this.#isSpot ? 'spot' : 'linear', request);
  }

  refusal(status: number): RestAnswer {
    return bybitRefusal(status, this.context.markets.nowMs);
  }

  onTrade(market: SimulatedMarket, trade: PublicTrade): void {
    const name = `publicTrade.${market.spec.symbol}`;
    if (this.topics.get(name) === undefined) return;
    const rows = this.#trades.get(name);
    const row = this.#tradeJson(market, trade);
    if (rows === undefined) this.#trades.set(name, [row]);
    else rows.push(row);
  }

  onTick(timeMs: number): void {
    for (const [name, rows] of this.#trades) {
      const topic = this.topics.get(name);
      for (let at = 0; topic !== undefined && at < rows.length; at += MAX_TRADES) {
        const data = rows.slice(at, at + MAX_TRADES).join(',');
        this.topics.push(topic, 'trade', `{"topic":"${name}",${this.#head('snapshot', timeMs)},"data":[${data}]}`);
      }
    }
    this.#trades.clear();
    for (const [name, book] of this.#books) {
      if (timeMs % book.intervalMs !== 0) continue;
      const topic = this.topics.get(name);
      if (topic !== undefined) this.#tell(topic, book, timeMs);
    }
  }

  restartSequence(symbol: string): boolean {
    for (const [name, book] of this.#books) {
      const { window } = book;
      if (window.market.spec.symbol !== symbol) continue;
      window.restart(1);
      const topic = this.topics.get(name);
      if (topic !== undefined) this.#pushBook(topic, window.snapshot());
    }
    return true;
  }

  shutdownNotice(): undefined {
    return undefined;
  }

  /** An error's words, or undefined when the session now listens. */
  subscribe(session: BybitSession, name: string): string | undefined {
    const [, depthText, symbol = ''] = TOPIC.exec(name) ?? [];
    const depth = Number(depthText ?? 0);
    if (symbol === '' || (depthText !== undefined && !INTERVALS.has(depth)))
      return `error:handler not found,topic:${name}`;
    const market = this.context.markets.marketFor(symbol);
    if (market === undefined) return `Invalid symbol :[${name}]`;
    if (this.topics.get(name)?.sessions.has(session)) return `error:already subscribed,topic:${name}`;
    const topic = this.listen(session, name, symbol);
    return depthText === undefined ? undefined : this.#openBook(session, topic, market, depth);
  }

  #openBook(
    session: BybitSession,
    topic: Topic<BybitSession>,
    market: SimulatedMarket,
    depth: number,
  ): string | undefined {
    let book = this.#books.get(topic.name);
    if (book === undefined) {
      const window = new WindowBook(this.context, market, depth, topic.name, (id) => id + 1);
      // A topic that has been told for long: 1 would mean a restart.
      window.restart(market.timeMs % 1_000_000_007);
      book = { window, intervalMs: INTERVALS.get(depth) as number, toldMs: 0 };
      this.#books.set(topic.name, book);
    }
    const opened = book.window.open(topic.sessions.size === 1);
    if ('status' in opened) {
      this.ignore(session, topic.name);
      return `error:server error ${opened.status},topic:${topic.name}`;
    }
    for (const update of opened.updates) {
      const text = this.#bookJson(topic.name, update);
      // After the answer to the request, which is sent first.
      this.runLater(opened.delayMs, () => session.sendAfterAnswer(topic.symbol, 'snapshot', text));
    }
    return undefined;
  }

  #tell(topic: Topic<BybitSession>, book: BookTopic, timeMs: number): void {
    const { window } = book;
    const update = window.step();
    if (update !== undefined) this.#pushBook(topic, window.depth === 1 ? window.snapshot() : update);
    else if (window.depth === 1 && timeMs - book.toldMs >= REPEAT_MS) this.#pushBook(topic, window.snapshot());
    else return;
    book.toldMs = timeMs;
  }

  #pushBook(topic: Topic<BybitSession>, told: BookUpdate): void {
    this.pushBook(topic, told, (update) => this.#bookJson(topic.name, update));
  }

  /** Spot and futures write the two in another order. */
  #head(type: 'snapshot' | 'delta', timeMs: number): string {
    return this.#isSpot ? `"ts":${timeMs},"type":"${type}"` : `"type":"${type}","ts":${timeMs}`;
  }

  #bookJson(topic: string, { market, kind, timeMs, bids, asks, lastId, sequence }: BookUpdate): string {
    const { spec } = market;
    const levels = (side: readonly ToldLevel[]): string =>
      side
        .map(({ ticks, lots }) => `["${priceText(spec, ticks)}","${lots === 0 ? '0' : sizeText(spec, lots)}"]`)
        .join(',');
    return (
      `{"topic":"${topic}",${this.#head(kind, timeMs + 1)},"data":{"s":"${spec.symbol}","b":[${levels(bids)}],` +
      `"a":[${levels(asks)}],"u":${lastId},"seq":${sequence}},"cts":${timeMs}}`
    );
  }

  #tradeJson({ spec, updateId }: SimulatedMarket, trade: PublicTrade): string {
    const { tradeId, timeMs, takerSide } = trade;
    const isBuy = takerSide === Side.buy;
    const text = String(tradeId);
    const id = this.#isSpot
      ? `2${text.padStart(18, '0')}`
      : `${text.padStart(16, '0').replace(/^(.{8})(.{4})(.{4})$/, '$1-$2-$3')}-8000-000000000000`;
    const tick = this.#isSpot ? '' : `"L":"${isBuy ? 'PlusTick' : 'MinusTick'}",`;
    return (
      `{"T":${timeMs},"s":"${spec.symbol}","S":"${isBuy ? 'Buy' : 'Sell'}","v":"${sizeText(spec, trade.sizeLots)}",` +
      `"p":"${priceText(spec, trade.priceTicks)}",${tick}"i":"${id}","BT":false,"seq":${updateId}}`
    );
  }
}

class BybitSession extends TopicSession {
  readonly #dialect: BybitDialect;
  readonly #id: string;
  /** While a request is being answered: what must follow the answer. */
  #held: (() => void)[] | undefined;

  constructor(client: DialectClient, context: DialectContext, dialect: BybitDialect, id: string) {
    super(client, context);
    this.#dialect = dialect;
    this.#id = id;
  }

  onTimer(nowMs: number): void {
    if (nowMs - this.lastHeardMs > IDLE_CUT_MS) this.close(1000, 'idle');
  }

  sendAfterAnswer(symbol: string, kind: PayloadKind, payload: Payload): void {
    if (this.#held === undefined) this.send(symbol, kind, payload);
    else this.#held.push(() => this.send(symbol, kind, payload));
  }

  protected answer(text: string): void {
    const request = parseRequest(text);
    if (!isJsonObject(request)) {
      this.#reply('', '', 'Params Error', false);
      return;
    }
    const { req_id: requestId, op, args } = request;
    const id = typeof requestId === 'string' ? requestId : '';
    if (op === 'ping') {
      this.#reply(id, 'ping', 'pong', true);
    } else if (op === 'subscribe' || op === 'unsubscribe') {
      this.#held = [];
      const refusal = this.#change(op, args);
      this.#reply(id, op, refusal ?? '', refusal === undefined);
      const held = this.#held;
      this.#held = undefined;
      for (const run of held) run();
    } else {
      this.#reply(id, String(op), 'Request not supported', false);
    }
  }

  protected leave(): void {
    this.#dialect.forget(this);
  }

  /** The first refusal; topics before it are subscribed. */
  #change(op: 'subscribe' | 'unsubscribe', args: unknown): string | undefined {
    if (!Array.isArray(args) || args.length === 0 || !args.every((name) => typeof name === 'string')) {
      return 'Params Error';
    }
    if (this.context.protocol === 'bybit-spot' && args.length > SPOT_ARGUMENTS) {
      return `args size >${SPOT_ARGUMENTS}`;
    }
    for (const name of args as string[]) {
      if (op === 'unsubscribe') {
        this.#dialect.ignore(this, name);
        continue;
      }
      const refusal = this.#dialect.subscribe(this, name);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #reply(requestId: string, op: string, message: string, success: boolean): void {
    const answer = { success, ret_msg: message, conn_id: this.#id, req_id: requestId, op };
    this.send('', 'control', JSON.stringify(answer));
  }
}
