import { Side } from '../../contract/units.ts';
import { crc32 } from '../../core/crc32.ts';
import { trimmedText } from '../decimal-text.ts';
import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import type { BookCopy, ToldLevel } from './book-memory.ts';
import { CountLimit } from './count-limit.ts';
import type {
  BookUpdate,
  DialectClient,
  DialectContext,
  DialectSession,
  Payload,
  RestAnswer,
  RestRequest,
} from './dialect.ts';
import { instrumentType, OkxRest } from './okx-rest.ts';
import { isJsonObject, parseRequest } from './stream-session.ts';
import { TopicDialect } from './topic-dialect.ts';
import { TopicSession } from './topic-session.ts';
import { WindowBook } from './window-book.ts';

const DEPTH = 400;
const CHECKSUM_LEVELS = 25;
const INTERVAL_MS = 100;
/** A book without changes is told as an update without levels this often. */
const HEARTBEAT_MS = 60_000;
/** Neither side has said anything for this long. */
const IDLE_CUT_MS = 30_000;
const REQUESTS_PER_HOUR = 480;
const CHANNELS: readonly unknown[] = ['books', 'trades', 'tickers'];
const utf8 = new TextEncoder();

interface BookTopic {
  readonly window: WindowBook;
  /** What a restart of the sequence takes off the market's ids. */
  offset: number;
  toldMs: number;
}

/** OKX v5 public stream: books of 400 levels with checksum and sequence, trades, tickers. */
export class OkxDialect extends TopicDialect<OkxSession> {
  readonly tickMs = INTERVAL_MS;
  readonly #rest: OkxRest;
  readonly #books = new Map<string, BookTopic>();
  /** Symbols whose ticker has changed since the last tick. */
  readonly #changedQuotes = new Set<SimulatedMarket>();
  readonly #connects = new CountLimit(3, 1000);
  #connectionCount = 0;

  constructor(context: DialectContext) {
    super(context);
    this.#rest = new OkxRest(context);
  }

  accepts(path: string): boolean {
    return path.split('?', 1)[0] === '/ws/v5/public';
  }

  admit(): number {
    return this.#connects.take(this.context.markets.nowMs) ? 0 : 429;
  }

  open(client: DialectClient): DialectSession {
    return this.begin(new OkxSession(client, this.context, this, `sim${++this.#connectionCount}`));
  }

  rest(request: RestRequest): RestAnswer {
    return this.#rest.answer(request);
  }

  refusal(status: number): RestAnswer {
    return this.#rest.refusal(status);
  }

  onTrade(market: SimulatedMarket, trade: PublicTrade): void {
    const topic = this.topics.get(`trades:${market.spec.symbol}`);
    if (topic !== undefined) this.topics.push(topic, 'trade', tradeJson(market.spec, trade));
  }

  override onQuote(market: SimulatedMarket): void {
    if (this.topics.get(`tickers:${market.spec.symbol}`) !== undefined) this.#changedQuotes.add(market);
  }

  onTick(timeMs: number): void {
    for (const market of this.#changedQuotes) {
      const topic = this.topics.get(`tickers:${market.spec.symbol}`);
      if (topic !== undefined) this.topics.push(topic, 'quote', tickerJson(market, timeMs));
    }
    this.#changedQuotes.clear();
    for (const [name, book] of this.#books) {
      const topic = this.topics.get(name);
      if (topic === undefined) continue;
      const update = book.window.step();
      if (update === undefined && timeMs - book.toldMs < HEARTBEAT_MS) continue;
      book.toldMs = timeMs;
      const id = book.window.told.id;
      const silence = { ...book.window.snapshot(), kind: 'delta' as const, previousId: id, bids: [], asks: [] };
      this.pushBook(topic, update ?? silence, bookJson);
    }
  }

  /** The next update's number is a low one, and says after which it comes: no gap. */
  restartSequence(symbol: string): boolean {
    const book = this.#books.get(`books:${symbol}`);
    if (book !== undefined) book.offset = book.window.market.updateId - 7;
    return true;
  }

  shutdownNotice(): Payload {
    const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.';
    return JSON.stringify({ event: 'notice', code: '64008', msg, connId: 'sim' });
  }

  /** What to say about a subscription: the event's own words, or an error; a book's snapshot follows. */
  subscribe(session: OkxSession, channel: unknown, symbol: unknown, id: string): void {
    const market = typeof symbol === 'string' ? this.context.markets.marketFor(symbol) : undefined;
    const arg = { channel, instId: symbol };
    if (market === undefined || !CHANNELS.includes(channel)) {
      const msg = `Wrong URL or channel:${String(channel)},instId:${String(symbol)} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`;
      session.reply({ event: 'error', code: '60018', msg, connId: id });
      return;
    }
    const name = `${String(channel)}:${market.spec.symbol}`;
    const isNew = !session.topics.has(name);
    const topic = this.listen(session, name, market.spec.symbol);
    const opened =
      channel === 'books' && isNew ? this.#bookOf(name, market).window.open(topic.sessions.size === 1) : undefined;
    if (opened !== undefined && 'status' in opened) {
      this.ignore(session, name);
      session.reply({ event: 'error', code: '50001', msg: 'Service temporarily unavailable', connId: id });
      return;
    }
    session.reply({ event: 'subscribe', arg, connId: id });
    if (opened === undefined) {
      if (channel === 'tickers') this.#changedQuotes.add(market);
      return;
    }
    for (const update of opened.updates) {
      const text = bookJson(update);
      this.runLater(opened.delayMs, () => session.send(topic.symbol, 'snapshot', text));
    }
  }

  #bookOf(name: string, market: SimulatedMarket): BookTopic {
    const known = this.#books.get(name);
    if (known !== undefined) return known;
    const checksum = this.context.checksums ? (book: BookCopy) => okxChecksum(market.spec, book) : () => 0;
    const nextId = (): number => market.updateId - (this.#books.get(name)?.offset ?? 0);
    const window = new WindowBook(this.context, market, DEPTH, name, nextId, checksum);
    const book = { window, offset: 0, toldMs: market.timeMs };
    this.#books.set(name, book);
    return book;
  }
}

class OkxSession extends TopicSession {
  readonly #dialect: OkxDialect;
  readonly #id: string;
  readonly #requests = new CountLimit(REQUESTS_PER_HOUR, 3_600_000);

  constructor(client: DialectClient, context: DialectContext, dialect: OkxDialect, id: string) {
    super(client, context);
    this.#dialect = dialect;
    this.#id = id;
  }

  onTimer(nowMs: number): void {
    if (nowMs - Math.max(this.lastHeardMs, this.lastSentMs) > IDLE_CUT_MS) {
      this.close(4004, 'No data received in 30s');
    }
  }

  reply(event: object): void {
    this.send('', 'control', JSON.stringify(event));
  }

  protected answer(text: string): void {
    if (text === 'ping') {
      this.send('', 'control', 'pong');
      return;
    }
    const request = parseRequest(text);
    const args = isJsonObject(request) ? request['args'] : undefined;
    const op = isJsonObject(request) ? request['op'] : undefined;
    if ((op !== 'subscribe' && op !== 'unsubscribe') || !Array.isArray(args) || !args.every(isJsonObject)) {
      this.reply({ event: 'error', code: '60012', msg: `Invalid request: ${text.slice(0, 200)}`, connId: this.#id });
      return;
    }
    if (!this.#requests.take(this.context.markets.nowMs)) {
      this.reply({ event: 'error', code: '60014', msg: 'Requests too frequent', connId: this.#id });
      return;
    }
    for (const { channel, instId } of args) {
      if (op === 'subscribe') {
        this.#dialect.subscribe(this, channel, instId, this.#id);
      } else {
        this.#dialect.ignore(this, `${String(channel)}:${String(instId)}`);
        this.reply({ event: 'unsubscribe', arg: { channel, instId }, connId: this.#id });
      }
    }
  }

  protected leave(): void {
    this.#dialect.forget(this);
  }
}

function price(spec: SymbolSpec, ticks: number): string {
  return trimmedText(ticks * spec.tickUnits, spec.priceDecimals);
}

function size(spec: SymbolSpec, lots: number): string {
  return trimmedText(lots, spec.sizeDecimals);
}

function bookJson(update: BookUpdate): string {
  const { market, kind, lastId, previousId, timeMs, checksum } = update;
  const { spec } = market;
  const levels = (side: readonly ToldLevel[]): string =>
    side
      .map(({ ticks, lots }) => `["${price(spec, ticks)}","${size(spec, lots)}","0","${lots === 0 ? 0 : 1}"]`)
      .join(',');
  return (
    `{"arg":{"channel":"books","instId":"${spec.symbol}"},"action":"${kind === 'delta' ? 'update' : 'snapshot'}",` +
    `"data":[{"asks":[${levels(update.asks)}],"bids":[${levels(update.bids)}],"ts":"${timeMs}",` +
    `"checksum":${checksum | 0},"seqId":${lastId},"prevSeqId":${previousId}}]}`
  );
}

/** CRC-32 over `price:size` of the best 25, bid and ask in turn, as they are printed. */
function okxChecksum(spec: SymbolSpec, { bids, asks }: BookCopy): number {
  const parts: string[] = [];
  for (let i = 0; i < CHECKSUM_LEVELS * 2; i += 2) {
    for (const side of [bids, asks]) {
      if (i < side.length) parts.push(price(spec, side[i] as number), size(spec, side[i + 1] as number));
    }
  }
  return crc32(utf8.encode(parts.join(':')));
}

function tradeJson(spec: SymbolSpec, trade: PublicTrade): string {
  return (
    `{"arg":{"channel":"trades","instId":"${spec.symbol}"},"data":[{"instId":"${spec.symbol}",` +
    `"tradeId":"${trade.tradeId}","px":"${price(spec, trade.priceTicks)}","sz":"${size(spec, trade.sizeLots)}",` +
    `"side":"${trade.takerSide === Side.buy ? 'buy' : 'sell'}","ts":"${trade.timeMs}","count":"1"}]}`
  );
}

function tickerJson({ spec, quote, lastPriceTicks }: SimulatedMarket, timeMs: number): string {
  return (
    `{"arg":{"channel":"tickers","instId":"${spec.symbol}"},"data":[{"instType":"${instrumentType(spec.symbol)}",` +
    `"instId":"${spec.symbol}","last":"${price(spec, lastPriceTicks)}","lastSz":"${size(spec, 1)}",` +
    `"askPx":"${price(spec, quote.askTicks)}","askSz":"${size(spec, quote.askLots)}",` +
    `"bidPx":"${price(spec, quote.bidTicks)}","bidSz":"${size(spec, quote.bidLots)}","ts":"${timeMs}"}]}`
  );
}
