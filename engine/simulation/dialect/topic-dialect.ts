import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import type {
  BookUpdate,
  Dialect,
  DialectClient,
  DialectContext,
  DialectSession,
  HeaderReader,
  Payload,
  RestAnswer,
  RestRequest,
} from './dialect.ts';
import { LaterQueue } from './later-queue.ts';
import type { TopicSession } from './topic-session.ts';
import { type Topic, TopicTable } from './topic-table.ts';

/**
 * What the dialects share whose books are windows told at their ticks: who listens to which topic, what is said later,
 * and the clocks of the sessions.
 */
export abstract class TopicDialect<S extends TopicSession> implements Dialect {
  readonly depthIntervalsMs: readonly number[] = [];
  protected readonly context: DialectContext;
  protected readonly topics = new TopicTable<S>();
  readonly #sessions = new Set<S>();
  readonly #later = new LaterQueue();

  constructor(context: DialectContext) {
    this.context = context;
  }

  get protocol(): DialectContext['protocol'] {
    return this.context.protocol;
  }

  abstract readonly tickMs: number;
  abstract accepts(path: string): boolean;
  abstract admit(header: HeaderReader): number;
  abstract open(client: DialectClient): DialectSession;
  abstract rest(request: RestRequest): RestAnswer;
  abstract refusal(status: number): RestAnswer;
  abstract onTrade(market: SimulatedMarket, trade: PublicTrade): void;
  abstract onTick(timeMs: number): void;
  abstract restartSequence(symbol: string): boolean;
  abstract shutdownNotice(nowMs: number): Payload | undefined;

  onAggregateTrade(): void {
    // Single trades are told.
  }

  onQuote(_market: SimulatedMarket): void {
    // Told with the books, where a venue has no stream of its own for it.
  }

  onDepth(): void {
    // Books are windows, told at their ticks.
  }

  onTimer(nowMs: number): void {
    this.#later.runDue(nowMs);
    for (const session of this.#sessions) session.onTimer(nowMs);
  }

  isWanted(symbol: string): boolean {
    return this.topics.isWanted(symbol);
  }

  flush(): void {
    this.topics.flush((session, topic, kind, payload) => session.send(topic.symbol, kind, payload));
  }

  /** The session has gone: it listens to nothing any more. */
  forget(session: S): void {
    this.silence(session);
    this.#sessions.delete(session);
  }

  protected begin(session: S): S {
    this.#sessions.add(session);
    return session;
  }

  protected listen(session: S, name: string, symbol: string): Topic<S> {
    session.topics.add(name);
    return this.topics.add(name, symbol, session);
  }

  ignore(session: S, name: string): void {
    session.topics.delete(name);
    this.topics.remove(name, session);
  }

  protected silence(session: S): void {
    for (const name of session.topics) this.topics.remove(name, session);
    session.topics.clear();
  }

  /** A book's message as the faults want it, to all who listen. */
  protected pushBook(topic: Topic<S>, told: BookUpdate, encode: (update: BookUpdate) => Payload): void {
    for (const update of this.context.faults.book(this.protocol, told)) this.topics.push(topic, 'book', encode(update));
  }

  protected runLater(delayMs: number, run: () => void): void {
    const { nowMs } = this.context.markets;
    this.#later.add(nowMs + delayMs, nowMs, run);
  }
}
