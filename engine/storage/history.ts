import type { StorageRequest, TradeColumns } from '../contract/storage-messages.ts';
import { candles, fills, integrity, range, storedSeries, trades } from './history-queries.ts';
import { checkHistoryRequest, type HistoryRequest } from './history-request.ts';
import { PostgresSession, type PostgresTarget } from './postgres-session.ts';
import { layoutOf } from './prepare-store.ts';
import type { StoreLayout } from './store-layout.ts';
import type { TickColumns } from './tick-cache/tick-columns.ts';

const MAX_WAITING = 64;
const STATEMENT_TIMEOUT_MS = 10_000;

export interface HistoryOptions {
  /** Resolves to where the server is; rejects while it is away. */
  target: () => Promise<PostgresTarget>;
  /** The series a symbol stands for now. */
  series: (symbol: string, venue?: string) => Promise<{ key: number } | undefined>;
  /** The newest trades before a time from the tick cache: undefined where it cannot tell. */
  cachedTrades: (
    symbol: string,
    venue: string | undefined,
    beforeUs: number,
    limit: number,
  ) => Promise<TickColumns | undefined>;
}

/** What Postgres says of a statement that was ended on request. */
const QUERY_CANCELED = '57014';

interface Waiting {
  owner: object;
  /** The owner's number of the request; see {@link History.cancel}. */
  requestId: number | undefined;
  cancelled: boolean;
  request: HistoryRequest;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * Answers the page's questions on a connection of its own, one after the other, so that a heavy one never delays the
 * tailer. Requests whose asker is gone are dropped, also the running one.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #queue: Waiting[] = [];
  #running: Waiting | undefined;
  #db: PostgresSession | undefined;
  #layout: StoreLayout | undefined;
  #closed = false;
  /** The server works for the running request: before and after there is nothing to end there. */
  #atServer = false;
  /** A query was told to end and may have ended before: the next one may be hit. */
  #endsByCancel = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** @throws Error naming field and value on a bad request, and when the server is away. `owner`: see {@link forget}. */
  ask(owner: object, request: StorageRequest, requestId?: number): Promise<unknown> {
    checkHistoryRequest(request);
    if (this.#closed) return Promise.reject(new Error('the storage process is stopping'));
    return new Promise((resolve, reject) => {
      if (this.#queue.length >= MAX_WAITING) this.#queue.shift()?.reject(new Error('superseded: too many requests'));
      this.#queue.push({ owner, requestId, cancelled: false, request, resolve, reject });
      if (this.#running === undefined) void this.#work();
    });
  }

  /** Its answer does not matter any more: it leaves the queue, or its query is ended at the server. */
  cancel(owner: object, requestId: number): void {
    const at = this.#queue.findIndex((waiting) => waiting.owner === owner && waiting.requestId === requestId);
    if (at >= 0) this.#queue.splice(at, 1)[0]?.reject(new Error('superseded'));
    if (this.#running?.owner === owner && this.#running.requestId === requestId) this.#cancelRunning();
  }

  /** Drops every request of an owner (a closed port). */
  forget(owner: object): void {
    for (let i = this.#queue.length - 1; i >= 0; i--) {
      if (this.#queue[i]?.owner === owner) this.#queue.splice(i, 1)[0]?.reject(new Error('superseded'));
    }
    if (this.#running?.owner === owner) this.#cancelRunning();
  }

  #cancelRunning(): void {
    const running = this.#running;
    if (running === undefined || running.cancelled) return;
    running.cancelled = true;
    running.reject(new Error('superseded'));
    if (!this.#atServer) return;
    this.#endsByCancel = true;
    this.#db?.cancel();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting.reject(new Error('the storage process is stopping'));
    this.#db?.destroy();
    this.#db = undefined;
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#queue.shift();
      this.#running = next;
      if (next === undefined) return;
      try {
        next.resolve(await this.#answerUnlessCancelled(next));
      } catch (error) {
        next.reject(error as Error);
      }
    }
  }

  /** What ends a query may come late, and then hits the next one, which nobody gave up: it is asked again. */
  async #answerUnlessCancelled(waiting: Waiting): Promise<unknown> {
    try {
      return await this.#answer(waiting);
    } catch (error) {
      if ((error as { code?: string }).code !== QUERY_CANCELED || !this.#endsByCancel) throw error;
      this.#endsByCancel = false;
      if (waiting.cancelled) throw error;
      return await this.#answer(waiting);
    }
  }

  async #answer(waiting: Waiting): Promise<unknown> {
    const { request } = waiting;
    const { symbol, venue, source } = request;
    // The cache holds what is on screen, and is asked for the newest before a time alone.
    if (
      request.kind === 'trades' &&
      source === undefined &&
      request.beforeId === undefined &&
      request.afterUs === undefined
    ) {
      const cached = await this.#options.cachedTrades(symbol, venue, request.beforeUs, request.limit);
      if (cached !== undefined) return columnsOf(cached);
    }
    const current = source === undefined ? await this.#options.series(symbol, venue) : undefined;
    const db = await this.#connection();
    if (waiting.cancelled) throw new Error('superseded');
    this.#atServer = true;
    try {
      const key = source === undefined ? current?.key : await storedSeries(db, source, venue, symbol);
      // Another statement would begin after the one that was ended.
      if (waiting.cancelled) throw new Error('superseded');
      return await this.#query(db, key, request);
    } finally {
      this.#atServer = false;
    }
  }

  #query(db: PostgresSession, series: number | undefined, request: HistoryRequest): Promise<unknown> {
    const layout = this.#layout as StoreLayout;
    switch (request.kind) {
      case 'candles':
        return candles(db, layout, series, request);
      case 'trades':
        return trades(db, series, request);
      case 'range':
        return range(db, layout, series);
      case 'fills':
        return fills(db, series, request.limit);
      case 'integrity':
        return integrity(db, series, request);
    }
  }

  async #connection(): Promise<PostgresSession> {
    if (this.#db === undefined || this.#db.isBroken) {
      this.#db?.destroy();
      this.#db = undefined;
      this.#db = await PostgresSession.open(await this.#options.target(), {
        applicationName: 'christmas history',
        timeoutMs: STATEMENT_TIMEOUT_MS + 2_000,
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      });
      this.#layout = undefined;
    }
    this.#layout ??= await layoutOf(this.#db);
    return this.#db;
  }
}

function columnsOf(ticks: TickColumns): TradeColumns {
  return {
    timeUs: Array.from(ticks.timeUs),
    priceTicks: Array.from(ticks.priceTicks),
    sizeLots: Array.from(ticks.sizeLots),
    id: Array.from(ticks.id),
    side: Array.from(ticks.side),
  };
}
