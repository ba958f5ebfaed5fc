import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import { CountLimit } from './count-limit.ts';
import type { BookUpdate, DialectClient, DialectContext, DialectSession, RestAnswer, RestRequest } from './dialect.ts';
import { deltaJson, krakenChecksum, snapshotJson, tickerJson, tradeRow, withTimes } from './kraken-messages.ts';
import { KrakenRest } from './kraken-rest.ts';
import { isJsonObject, parseRequest } from './stream-session.ts';
import { TopicDialect } from './topic-dialect.ts';
import { TopicSession } from './topic-session.ts';
import type { Topic } from './topic-table.ts';
import { WindowBook } from './window-book.ts';

const DEPTHS: readonly unknown[] = [10, 25, 100, 500, 1000];
const USUAL_DEPTH = 10;
const TICK_MS = 20;
const TICKER_MS = 500;
/** Sent when nothing else was for this long. */
const HEARTBEAT_MS = 1000;
/** Numbers of a pair's channels lie within a block of this many. */
const CHANNELS_PER_PAIR = 16;

interface BookTopic {
  readonly window: WindowBook;
  toldMs: number;
}

/** Kraken's public WebSocket v1: books of five depths with a CRC-32 a message, trades, tickers, heartbeats. */
export class KrakenDialect extends TopicDialect<KrakenSession> {
  readonly tickMs = TICK_MS;
  readonly #rest: KrakenRest;
  readonly #books = new Map<string, BookTopic>();
  /** Trades since the last tick, encoded, by topic. */
  readonly #trades = new Map<string, string[]>();
  readonly #changedQuotes = new Set<SimulatedMarket>();
  readonly #connects = new CountLimit(150, 600_000);
  #connectionCount = 0;

  constructor(context: DialectContext) {
    super(context);
    this.#rest = new KrakenRest(context);
  }

  accepts(path: string): boolean {
    return /^\/?(ws)?$/.test(path.split('?', 1)[0] as string);
  }

  admit(): number {
    return this.#connects.take(this.context.markets.nowMs) ? 0 : 429;
  }

  open(client: DialectClient): DialectSession {
    const session = this.begin(new KrakenSession(client, this.context, this));
    const connectionID = 17_843_232_920_108_000 + ++this.#connectionCount;
    session.say({ connectionID, event: 'systemStatus', status: 'online', version: '1.9.0' });
    return session;
  }

  rest(request: RestRequest): RestAnswer {
    return this.#rest.answer(request);
  }

  refusal(status: number): RestAnswer {
    return this.#rest.refusal(status);
  }

  onTrade(market: SimulatedMarket, trade: PublicTrade): void {
    const name = `trade:${market.spec.symbol}`;
    if (this.topics.get(name) === undefined) return;
    const rows = this.#trades.get(name);
    if (rows === undefined) this.#trades.set(name, [tradeRow(market.spec, trade)]);
    else rows.push(tradeRow(market.spec, trade));
  }

  override onQuote(market: SimulatedMarket): void {
    if (this.topics.get(`ticker:${market.spec.symbol}`) !== undefined) this.#changedQuotes.add(market);
  }

  onTick(timeMs: number): void {
    for (const [name, rows] of this.#trades) {
      const topic = this.topics.get(name);
      if (topic === undefined) continue;
      const id = this.#channelId(topic.symbol, 'trade');
      this.topics.push(topic, 'trade', `[${id},[${rows.join(',')}],"trade","${topic.symbol}"]`);
    }
    this.#trades.clear();
    if (timeMs % TICKER_MS === 0) this.#tellTickers();
    for (const [name, book] of this.#books) {
      const topic = this.topics.get(name);
      if (topic === undefined) continue;
      const update = book.window.step();
      if (update === undefined) continue;
      // Levels pushed out of the depth by others are for the client to drop: only what is gone is told.
      const told = withTimes(update, book.toldMs);
      book.toldMs = timeMs;
      if (told.bids.length + told.asks.length > 0) this.pushBook(topic, told, (book) => this.#bookJson(topic, book));
    }
  }

  restartSequence(): boolean {
    // Books carry no numbers.
    return false;
  }

  shutdownNotice(nowMs: number): string {
    return JSON.stringify({ connectionID: nowMs, event: 'systemStatus', status: 'maintenance', version: '1.9.0' });
  }

  /** One pair of a subscription: what it is answered with, and then the book. */
  subscribe(session: KrakenSession, pair: unknown, subscription: Record<string, unknown>, reqid: unknown): void {
    const errorMessage = this.#subscribe(session, pair, subscription, reqid);
    if (errorMessage === undefined) return;
    const status = { event: 'subscriptionStatus', pair, ...reqidOf(reqid), status: 'error' };
    session.say({ errorMessage, ...status, subscription });
  }

  /** Undefined, or why not. */
  #subscribe(
    session: KrakenSession,
    pair: unknown,
    subscription: Record<string, unknown>,
    reqid: unknown,
  ): string | undefined {
    const { name } = subscription;
    const depth = subscription['depth'] ?? USUAL_DEPTH;
    const market = typeof pair === 'string' ? this.context.markets.marketFor(pair) : undefined;
    if (name !== 'book' && name !== 'trade' && name !== 'ticker') return 'Subscription name invalid';
    if (market === undefined) return `Currency pair not supported ${String(pair)}`;
    if (name === 'book' && !DEPTHS.includes(depth)) return 'Subscription depth not supported';
    const { symbol } = market.spec;
    const channel = name === 'book' ? `book-${String(depth)}` : name;
    const topicName = `${channel}:${symbol}`;
    const isNew = !session.topics.has(topicName);
    const topic = this.listen(session, topicName, symbol);
    const window = name === 'book' && isNew ? this.#bookOf(topicName, market, depth as number).window : undefined;
    const opened = window?.open(topic.sessions.size === 1);
    if (opened !== undefined && 'status' in opened) {
      this.ignore(session, topicName);
      return 'Service unavailable';
    }
    const told = name === 'book' ? { depth, name } : { name };
    const channelID = this.#channelId(symbol, channel);
    const status = { event: 'subscriptionStatus', pair: symbol, ...reqidOf(reqid), status: 'subscribed' };
    session.say({ channelID, channelName: channel, ...status, subscription: told });
    if (name === 'ticker') this.#changedQuotes.add(market);
    for (const update of opened?.updates ?? []) {
      const text = this.#bookJson(topic, withTimes(update, 0));
      this.runLater(opened?.delayMs ?? 0, () => session.send(symbol, 'snapshot', text));
    }
    return undefined;
  }

  unsubscribe(session: KrakenSession, pair: unknown, subscription: Record<string, unknown>, reqid: unknown): void {
    const { name } = subscription;
    const channel = name === 'book' ? `book-${String(subscription['depth'] ?? USUAL_DEPTH)}` : String(name);
    const topicName = `${channel}:${String(pair)}`;
    const status = { event: 'subscriptionStatus', pair, ...reqidOf(reqid) };
    if (!session.topics.has(topicName)) {
      session.say({ errorMessage: 'Subscription Not Found', ...status, status: 'error', subscription });
      return;
    }
    this.ignore(session, topicName);
    const channelID = this.#channelId(String(pair), channel);
    session.say({ channelID, channelName: channel, ...status, status: 'unsubscribed', subscription });
  }

  #bookOf(name: string, market: SimulatedMarket, depth: number): BookTopic {
    const known = this.#books.get(name);
    if (known !== undefined) return known;
    const nextId = (): number => market.updateId;
    const checksum = krakenChecksum(market.spec);
    const book = {
      window: new WindowBook(this.context, market, depth, name, nextId, checksum),
      toldMs: market.timeMs,
    };
    this.#books.set(name, book);
    return book;
  }

  #tellTickers(): void {
    for (const market of this.#changedQuotes) {
      const { symbol } = market.spec;
      const topic = this.topics.get(`ticker:${symbol}`);
      if (topic === undefined) continue;
      this.topics.push(topic, 'quote', tickerJson(market, this.#channelId(symbol, 'ticker')));
    }
    this.#changedQuotes.clear();
  }

  #bookJson(topic: Topic<KrakenSession>, update: BookUpdate): string {
    const channel = topic.name.slice(0, topic.name.indexOf(':'));
    const id = this.#channelId(topic.symbol, channel);
    return update.kind === 'snapshot' ? snapshotJson(update, id, channel) : deltaJson(update, id, channel);
  }

  #channelId(symbol: string, channel: string): number {
    const pair = this.context.markets.specs.findIndex((spec) => spec.symbol === symbol);
    const kind = channel === 'trade' ? 1 : channel === 'ticker' ? 4 : 8 + DEPTHS.indexOf(Number(channel.slice(5)));
    return (pair + 1) * CHANNELS_PER_PAIR + kind;
  }
}

class KrakenSession extends TopicSession {
  readonly #dialect: KrakenDialect;

  constructor(client: DialectClient, context: DialectContext, dialect: KrakenDialect) {
    super(client, context);
    this.#dialect = dialect;
  }

  onTimer(nowMs: number): void {
    if (this.topics.size > 0 && nowMs - this.lastSentMs >= HEARTBEAT_MS) this.say({ event: 'heartbeat' });
  }

  say(event: object): void {
    this.send('', 'control', JSON.stringify(event));
  }

  protected answer(text: string): void {
    const request = parseRequest(text);
    if (!isJsonObject(request)) {
      this.say({ errorMessage: 'Malformed request', event: 'error' });
      return;
    }
    const { event, pair, subscription, reqid } = request;
    if (event === 'ping') {
      this.say({ event: 'pong', ...reqidOf(reqid) });
      return;
    }
    const isKnown = event === 'subscribe' || event === 'unsubscribe';
    if (!isKnown || !Array.isArray(pair) || !isJsonObject(subscription)) {
      this.say({ errorMessage: 'Malformed request', event: 'error', ...reqidOf(reqid) });
      return;
    }
    for (const one of pair) {
      if (event === 'subscribe') this.#dialect.subscribe(this, one, subscription, reqid);
      else this.#dialect.unsubscribe(this, one, subscription, reqid);
    }
  }

  protected leave(): void {
    this.#dialect.forget(this);
  }
}

function reqidOf(reqid: unknown): { reqid?: number } {
  return typeof reqid === 'number' ? { reqid } : {};
}
