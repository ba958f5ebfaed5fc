import type { SlowVenue } from '../../../contract/market-protocol.ts';
import type { InstrumentSpec } from '../../../contract/units.ts';
import type { FeedCounters } from '../../../venue/market-adapter.ts';
import { SlowAdapter } from '../../../venue/slow/slow-adapter.ts';
import type { SessionClock } from '../session-clock.ts';
import type { SlowExchange } from './slow-library.ts';
import type { FeedPump, VenueFeed } from './venue-feed.ts';

export interface SlowFeedOptions {
  venue: SlowVenue;
  exchange: SlowExchange;
  /** `index` is the session's. */
  instruments: readonly InstrumentSpec[];
  clock: SessionClock;
  pump: FeedPump;
  /** In [0, 1): spreads the retries of many. Default Math.random. */
  random?: () => number;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** Between two polls of an exchange that has no streams. */
const POLL_MS = 1_000;
const BOOK_LEVELS = 100;

/**
 * Market data of an exchange that has no adapter of its own, through the generic library: its streams where it has them,
 * polling where not. One loop a symbol and kind, so that one that fails leaves the others alone.
 */
export class SlowFeed implements VenueFeed {
  readonly venue: SlowVenue;
  readonly #o: SlowFeedOptions;
  readonly #adapter: SlowAdapter;
  /** Session's number by the adapter's. */
  readonly #session: number[] = [];
  /** Rises when an instrument is removed or added again: loops of before end. */
  readonly #generations: number[] = [];
  /** Wakes every loop that waits, when the feed ends. */
  readonly #ended = new AbortController();
  #started = false;

  constructor(options: SlowFeedOptions) {
    this.#o = options;
    this.venue = options.venue;
    const { clock, pump, instruments } = options;
    this.#adapter = new SlowAdapter(
      { instruments: [], originUs: clock.originUs },
      {
        emit: (slot) => {
          slot.instrument = this.#session[slot.instrument] as number;
          pump.emit(slot);
        },
      },
    );
    for (const spec of instruments) this.add(spec);
  }

  start(): void {
    this.#started = true;
    for (let local = 0; local < this.#session.length; local++) this.#follow(local);
  }

  counters(instrument: number): FeedCounters {
    return this.#adapter.counters(this.#localOf(instrument));
  }

  add(spec: InstrumentSpec): void {
    const local = this.#adapter.addInstrument(spec);
    this.#session[local] = spec.index;
    this.#generations[local] = (this.#generations[local] ?? 0) + 1;
    if (this.#started) this.#follow(local);
  }

  remove(instrument: number): void {
    const local = this.#localOf(instrument);
    this.#generations[local] = (this.#generations[local] as number) + 1;
    this.#adapter.removeInstrument(local, this.#o.clock.nowNs());
    this.#o.pump.flush();
  }

  onCrossed(instrument: number, timeNs: number): void {
    this.#adapter.onCrossed(this.#localOf(instrument), timeNs);
  }

  onTimer(timeNs: number): void {
    this.#adapter.onTimer(timeNs);
  }

  reconnect(reason: string): void {
    console.warn(`${this.venue}: reconnecting, ${reason}`);
    this.#close();
  }

  dispose(): void {
    this.#ended.abort();
    this.#close();
  }

  /** What the loops wait for fails then, and they ask again unless they have ended. */
  #close(): void {
    this.#o.exchange.close?.()?.catch((error: unknown) => {
      console.warn(`${this.venue}: closing, ${String(error)}`);
    });
  }

  #follow(local: number): void {
    const { exchange, clock, pump } = this.#o;
    const { symbol } = this.#adapter.instruments[local] as InstrumentSpec;
    this.#adapter.onSubscribed(local, clock.nowNs());
    pump.flush();
    const streamsBooks = exchange.has['watchOrderBook'] === true;
    const streamsTrades = exchange.has['watchTrades'] === true;
    void this.#loop(local, streamsBooks, async () => {
      const book = streamsBooks
        ? await exchange.watchOrderBook(symbol)
        : await exchange.fetchOrderBook(symbol, BOOK_LEVELS);
      return () => this.#adapter.onBook(local, book, clock.nowNs());
    });
    void this.#loop(local, streamsTrades, async () => {
      const trades = streamsTrades ? await exchange.watchTrades(symbol) : await exchange.fetchTrades(symbol);
      return () => this.#adapter.onTrades(local, trades, clock.nowNs());
    });
  }

  /** Asks again and again until the instrument or the feed is gone; backs off, jittered, while it fails. */
  async #loop(local: number, streams: boolean, ask: () => Promise<() => void>): Promise<void> {
    const { clock, pump, exchange } = this.#o;
    const generation = this.#generations[local];
    const isOver = (): boolean => this.#ended.signal.aborted || this.#generations[local] !== generation;
    let retryMs = FIRST_RETRY_MS;
    while (!isOver()) {
      let apply: () => void;
      try {
        apply = await ask();
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (isOver()) return;
        const reason = error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error);
        this.#adapter.onFailed(local, reason, clock.nowNs());
        pump.flush();
        await this.#wait(retryMs * (0.5 + (this.#o.random ?? Math.random)()));
        retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
        continue;
      }
      if (isOver()) return;
      // Outside of the try: a journal that cannot be written must end the process, not look like a bad exchange.
      apply();
      pump.flush();
      if (!streams) await this.#wait(Math.max(POLL_MS, exchange.rateLimit));
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#ended;
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  }

  /** @throws RangeError for an instrument of another feed. */
  #localOf(instrument: number): number {
    const local = this.#session.indexOf(instrument);
    if (local < 0) throw new RangeError(`Expected an instrument of ${this.venue}, was ${instrument}`);
    return local;
  }
}
