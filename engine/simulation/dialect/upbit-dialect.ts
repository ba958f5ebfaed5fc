import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import { CountLimit } from './count-limit.ts';
import type {
  DialectClient,
  DialectContext,
  DialectSession,
  HeaderReader,
  Payload,
  PayloadKind,
  RestAnswer,
  RestRequest,
} from './dialect.ts';
import { isJsonObject, parseRequest } from './stream-session.ts';
import { TopicDialect } from './topic-dialect.ts';
import { TopicSession } from './topic-session.ts';
import type { Topic } from './topic-table.ts';
import { bookMessage, tradeMessage, type UpbitFormat, upbitFormats } from './upbit-messages.ts';
import { UpbitRest } from './upbit-rest.ts';
import { WindowBook } from './window-book.ts';

const DEPTHS: readonly number[] = [1, 5, 15, 30];
const USUAL_DEPTH = 30;
const TICK_MS = 50;
const IDLE_CUT_MS = 120_000;
const CODE = /^([A-Z0-9]+-[A-Z0-9]+?)(?:\.(\d+))?$/;
const utf8 = new TextEncoder();

/** One wish of a request: books or trades of some markets. */
interface Wish {
  type: 'orderbook' | 'trade';
  codes: { symbol: string; depth: number }[];
  format: UpbitFormat;
  snapshot: boolean;
  realtime: boolean;
}

interface UpbitError {
  name: string;
  message: string;
}

/** Upbit's public stream: whole books of the best levels and trades, in binary frames of four formats. */
export class UpbitDialect extends TopicDialect<UpbitSession> {
  readonly tickMs = TICK_MS;
  readonly #rest: UpbitRest;
  readonly #books = new Map<string, WindowBook>();
  /** The newest trade of each market: what a subscription begins with. */
  readonly #lastTrades = new Map<string, PublicTrade>();
  readonly #connects = new CountLimit(5, 1000);
  readonly #connectsWithOrigin = new CountLimit(1, 10_000);

  constructor(context: DialectContext) {
    super(context);
    this.#rest = new UpbitRest(context);
  }

  accepts(path: string): boolean {
    return path.split('?', 1)[0] === '/websocket/v1';
  }

  /** Pages, which send an Origin, may connect once in ten seconds only. */
  admit(header: HeaderReader): number {
    const { nowMs } = this.context.markets;
    if (header('origin') !== undefined && !this.#connectsWithOrigin.take(nowMs)) return 429;
    return this.#connects.take(nowMs) ? 0 : 429;
  }

  open(client: DialectClient): DialectSession {
    return this.begin(new UpbitSession(client, this.context, this));
  }

  rest(request: RestRequest): RestAnswer {
    return this.#rest.answer(request);
  }

  refusal(status: number): RestAnswer {
    return this.#rest.refusal(status);
  }

  onTrade(market: SimulatedMarket, trade: PublicTrade): void {
    const { symbol } = market.spec;
    this.#lastTrades.set(symbol, { ...trade });
    for (const format of upbitFormats) {
      const topic = this.topics.get(`trade:${symbol}:${format}`);
      if (topic !== undefined) this.topics.push(topic, 'trade', tradeMessage(market, trade, 'REALTIME', format));
    }
  }

  onTick(): void {
    const { faults } = this.context;
    for (const [key, window] of this.#books) {
      const topics: [Topic<UpbitSession>, UpbitFormat][] = [];
      for (const format of upbitFormats) {
        const topic = this.topics.get(`orderbook:${key}:${format}`);
        if (topic !== undefined) topics.push([topic, format]);
      }
      if (topics.length === 0 || window.step() === undefined) continue;
      for (const update of faults.book(this.protocol, window.snapshot())) {
        for (const [topic, format] of topics) {
          this.topics.push(topic, 'book', bookMessage(update, 'REALTIME', format));
        }
      }
    }
  }

  restartSequence(): boolean {
    // Books carry no numbers.
    return false;
  }

  shutdownNotice(): undefined {
    return undefined;
  }

  /** Takes a request's wishes in place of what the session listened to before. */
  subscribe(session: UpbitSession, wishes: readonly Wish[]): void {
    this.silence(session);
    for (const wish of wishes) {
      for (const { symbol, depth } of wish.codes) {
        // A market that is not listed, or a depth that there is none of, is told nothing about.
        const market = this.context.markets.marketFor(symbol);
        if (market === undefined || !DEPTHS.includes(depth)) continue;
        if (wish.type === 'orderbook') this.#openBook(session, market, depth, wish);
        else this.#openTrades(session, market, wish);
      }
    }
  }

  #openBook(session: UpbitSession, market: SimulatedMarket, depth: number, wish: Wish): void {
    const { symbol } = market.spec;
    const key = `${symbol}.${depth}`;
    let window = this.#books.get(key);
    if (window === undefined) {
      window = new WindowBook(this.context, market, depth, key, () => market.timeMs);
      this.#books.set(key, window);
    }
    const isOnly = upbitFormats.every((format) => this.topics.get(`orderbook:${key}:${format}`) === undefined);
    const opened = wish.snapshot ? window.open(isOnly) : { updates: [], delayMs: 0 };
    if ('status' in opened) {
      session.refuse({ name: 'INTERNAL_SERVER_ERROR', message: `status ${opened.status}` });
      return;
    }
    if (wish.realtime) this.listen(session, `orderbook:${key}:${wish.format}`, symbol);
    for (const update of opened.updates) {
      const text = bookMessage(update, 'SNAPSHOT', wish.format);
      this.runLater(opened.delayMs, () => session.send(symbol, 'snapshot', text));
    }
  }

  #openTrades(session: UpbitSession, market: SimulatedMarket, wish: Wish): void {
    const { symbol } = market.spec;
    if (wish.realtime) this.listen(session, `trade:${symbol}:${wish.format}`, symbol);
    const last = this.#lastTrades.get(symbol);
    if (wish.snapshot && last !== undefined) {
      session.send(symbol, 'trade', tradeMessage(market, last, 'SNAPSHOT', wish.format));
    }
  }
}

class UpbitSession extends TopicSession {
  readonly #dialect: UpbitDialect;
  readonly #perSecond = new CountLimit(5, 1000);
  readonly #perMinute = new CountLimit(100, 60_000);

  constructor(client: DialectClient, context: DialectContext, dialect: UpbitDialect) {
    super(client, context);
    this.#dialect = dialect;
  }

  onTimer(nowMs: number): void {
    if (nowMs - Math.max(this.lastHeardMs, this.lastSentMs) > IDLE_CUT_MS) this.close(1000, 'idle');
  }

  /** All frames are binary. */
  override send(symbol: string, kind: PayloadKind, payload: Payload): void {
    super.send(symbol, kind, typeof payload === 'string' ? utf8.encode(payload) : payload);
  }

  refuse(error: UpbitError): void {
    this.send('', 'control', JSON.stringify({ error }));
  }

  protected answer(text: string): void {
    const { nowMs } = this.context.markets;
    if (!this.#perSecond.take(nowMs) || !this.#perMinute.take(nowMs)) {
      this.refuse({ name: 'TOO_MANY_REQUESTS', message: 'Too many messages' });
      this.close(1008, 'Too many messages');
      return;
    }
    if (text === 'PING') {
      this.send('', 'control', '{"status":"UP"}');
      return;
    }
    const wishes = readRequest(parseRequest(text));
    if ('name' in wishes) this.refuse(wishes);
    else this.#dialect.subscribe(this, wishes);
  }

  protected leave(): void {
    this.#dialect.forget(this);
  }
}

function readRequest(request: unknown): Wish[] | UpbitError {
  if (!Array.isArray(request) || !request.every(isJsonObject)) {
    return { name: 'WRONG_FORMAT', message: 'Format이 맞지 않습니다.' };
  }
  const ticket = request.find((part) => 'ticket' in part)?.['ticket'];
  if (typeof ticket !== 'string' || ticket === '') {
    return { name: 'NO_TICKET', message: '티켓이 존재하지 않거나 유효하지 않습니다.' };
  }
  const format = request.find((part) => 'format' in part)?.['format'] ?? 'DEFAULT';
  const known = upbitFormats.find((one) => one === format);
  if (known === undefined) return { name: 'WRONG_FORMAT', message: 'Format이 맞지 않습니다.' };
  const typed = request.filter((part) => 'type' in part);
  if (typed.length === 0) return { name: 'NO_TYPE', message: '타입이 존재하지 않습니다.' };
  const wishes: Wish[] = [];
  for (const part of typed) {
    const wish = readWish(part, known);
    if (wish === undefined) continue;
    if ('name' in wish) return wish;
    wishes.push(wish);
  }
  return wishes;
}

/** Undefined for a price level that is not supported: the venue takes it and sends nothing. */
function readWish(part: Record<string, unknown>, format: UpbitFormat): Wish | UpbitError | undefined {
  const { type, codes, level = 0 } = part;
  if (type !== 'orderbook' && type !== 'trade') {
    return { name: 'INVALID_PARAM', message: `type: ${String(type)}` };
  }
  if (!Array.isArray(codes) || codes.length === 0) return { name: 'NO_CODES', message: '코드가 존재하지 않습니다.' };
  const onlySnapshot = (part['is_only_snapshot'] ?? part['isOnlySnapshot']) === true;
  const onlyRealtime = (part['is_only_realtime'] ?? part['isOnlyRealtime']) === true;
  const read: Wish['codes'] = [];
  for (const code of codes) {
    const match = typeof code === 'string' ? CODE.exec(code) : null;
    if (match === null) return { name: 'INVALID_PARAM', message: `codes: ${String(code)}` };
    read.push({ symbol: match[1] as string, depth: match[2] === undefined ? USUAL_DEPTH : Number(match[2]) });
  }
  if (type === 'orderbook' && Number(level) !== 0) return undefined;
  return { type, codes: read, format, snapshot: !onlyRealtime, realtime: !onlySnapshot };
}
