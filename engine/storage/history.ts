import type { DataRequest } from '../contract/data-messages.ts';
import { BookState, nameOf, RecordKind } from '../contract/record.ts';
import type { CandleColumns, StorageRequest, TradeColumns } from '../contract/storage-messages.ts';
import type { FillView, IntegrityView } from '../contract/trading-messages.ts';
import { resolutionFor } from './candle-resolutions.ts';
import { PostgresSession, type PostgresTarget } from './postgres-session.ts';
import { layoutOf } from './prepare-store.ts';
import type { Series } from './series-catalog.ts';
import type { StoreLayout } from './store-layout.ts';
import type { TickColumns } from './tick-cache/tick-columns.ts';

export const MAX_ROWS = 20_000;
const MAX_WAITING = 64;
const STATEMENT_TIMEOUT_MS = 10_000;

export interface HistoryOptions {
  /** Resolves to where the server is; rejects while it is away. */
  target: () => Promise<PostgresTarget>;
  /** The series a symbol stands for now. */
  series: (symbol: string, venue?: string) => Promise<Series | undefined>;
  /** The newest trades before a time from the tick cache: undefined where it cannot tell. */
  cachedTrades: (
    symbol: string,
    venue: string | undefined,
    beforeUs: number,
    limit: number,
  ) => Promise<TickColumns | undefined>;
}

export type HistoryRequest = Exclude<StorageRequest, { kind: 'status' } | DataRequest>;

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
  /** A query was told to end and may have ended before: the next one may be hit. */
  #endsByCancel = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** @throws Error naming field and value on a bad request, and when the server is away. `owner`: see {@link forget}. */
  ask(owner: object, request: HistoryRequest, requestId?: number): Promise<unknown> {
    checkRequest(request);
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
      return await this.#answer(waiting.request);
    } catch (error) {
      if (waiting.cancelled || (error as { code?: string }).code !== QUERY_CANCELED || !this.#endsByCancel) throw error;
      this.#endsByCancel = false;
      return await this.#answer(waiting.request);
    }
  }

  async #answer(request: HistoryRequest): Promise<unknown> {
    if (request.kind === 'trades') {
      const { symbol, venue, beforeUs, limit } = request;
      const cached = await this.#options.cachedTrades(symbol, venue, beforeUs, limit);
      if (cached !== undefined) {
        return {
          timeUs: Array.from(cached.timeUs),
          priceTicks: Array.from(cached.priceTicks),
          sizeLots: Array.from(cached.sizeLots),
          id: Array.from(cached.id),
          side: Array.from(cached.side),
        } satisfies TradeColumns;
      }
    }
    const series = await this.#options.series(request.symbol, request.venue);
    const db = await this.#connection();
    switch (request.kind) {
      case 'candles':
        return series === undefined
          ? columnsOf([], CANDLE_KEYS)
          : candles(db, this.#layout as StoreLayout, series.key, request);
      case 'trades':
        return series === undefined ? columnsOf([], TRADE_KEYS) : trades(db, series.key, request);
      case 'fills':
        return series === undefined ? [] : fills(db, series.key, request.limit);
      case 'integrity':
        return series === undefined ? [] : integrity(db, series.key, request);
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

const CANDLE_KEYS = ['openTimeS', 'open', 'high', 'low', 'close', 'volumeLots', 'buyVolumeLots'] as const;
const TRADE_KEYS = ['timeUs', 'priceTicks', 'sizeLots', 'id', 'side'] as const;

async function candles(
  db: PostgresSession,
  { candleTime }: StoreLayout,
  series: number,
  request: Extract<StorageRequest, { kind: 'candles' }>,
): Promise<CandleColumns> {
  const { intervalSeconds: interval, limit } = request;
  const { table, seconds } = resolutionFor(interval);
  const fromS = Math.ceil(request.fromS / interval) * interval;
  const toS = Math.ceil(request.toS / interval) * interval;
  // The newest limit * ratio base candles cover the newest `limit` buckets whole, however sparse they are.
  const rows = await db.query(
    `SELECT bucket::float8 AS "openTimeS", (array_agg(open ORDER BY open_time_s))[1]::float8 AS open,
        max(high)::float8 AS high, min(low)::float8 AS low,
        (array_agg(close ORDER BY open_time_s DESC))[1]::float8 AS close,
        sum(volume_lots)::float8 AS "volumeLots", sum(buy_volume_lots)::float8 AS "buyVolumeLots"
      FROM (
        SELECT *, open_time_s / $4::bigint * $4::bigint AS bucket FROM ${table}
        WHERE series = $1 AND ${candleTime.column} >= ${candleTime.fromSeconds('$2')}
          AND ${candleTime.column} < ${candleTime.fromSeconds('$3')} ORDER BY ${candleTime.column} DESC LIMIT $5
      ) newest GROUP BY bucket ORDER BY bucket DESC LIMIT $6`,
    [series, fromS, toS, interval, limit * (interval / seconds), limit],
  );
  return columnsOf(rows.reverse(), CANDLE_KEYS);
}

async function trades(
  db: PostgresSession,
  series: number,
  request: Extract<StorageRequest, { kind: 'trades' }>,
): Promise<TradeColumns> {
  const rows = await db.query(
    `SELECT ${microseconds('exchange_time', 'time')} AS "timeUs", price_ticks::float8 AS "priceTicks",
        size_lots::float8 AS "sizeLots", trade_id::float8 AS id, side
      FROM trades WHERE series = $1 AND exchange_time < ${timestampOf('$2')}
      ORDER BY exchange_time DESC, trade_id DESC LIMIT $3`,
    [series, withinTime(request.beforeUs), request.limit],
  );
  return columnsOf(rows.reverse(), TRADE_KEYS);
}

/** Newest fills, oldest first, as FillView. */
async function fills(db: PostgresSession, series: number, limit: number): Promise<FillView[]> {
  const rows = await db.query(
    `SELECT sequence::float8 AS sequence, order_number::float8 AS "orderNumber",
        venue_trade_id::float8 AS "venueTradeId", instrument, side, price_ticks::float8 AS "priceTicks",
        size_lots::float8 AS "sizeLots", fee, maker, ${microseconds('exchange_time', 'time')} AS "timeUs"
      FROM fills WHERE series = $1 ORDER BY time DESC, sequence DESC LIMIT $2`,
    [series, limit],
  );
  return rows.reverse().map((row) => ({
    sequence: row['sequence'] as number,
    orderNumber: row['orderNumber'] as number,
    venueTradeId: row['venueTradeId'] as number,
    instrument: row['instrument'] as number,
    side: row['side'] === 1 ? 'buy' : 'sell',
    priceTicks: row['priceTicks'] as number,
    sizeLots: row['sizeLots'] as number,
    fee: row['fee'] as number,
    maker: row['maker'] as boolean,
    timeUs: row['timeUs'] as number,
  }));
}

async function integrity(
  db: PostgresSession,
  series: number,
  request: Extract<StorageRequest, { kind: 'integrity' }>,
): Promise<IntegrityView[]> {
  const rows = await db.query(
    `SELECT instrument, ${microseconds('time')} AS "timeUs", id::int AS state, text
      FROM session_log
      WHERE series = $1 AND kind = ${RecordKind.bookState} AND time >= ${timestampOf('$2')} AND time < ${timestampOf('$3')}
      ORDER BY time DESC, sequence DESC LIMIT $4`,
    [series, withinTime(request.fromUs), withinTime(request.toUs), request.limit],
  );
  return rows.reverse().map((row) => ({
    instrument: row['instrument'] as number,
    timeUs: row['timeUs'] as number,
    state: nameOf(BookState, row['state'] as number),
    reason: (row['text'] as string | null) ?? '',
  }));
}

/** Year 2200, us since the epoch. */
const MAX_US = 7_258_118_400_000_000;

/** A time that Postgres can hold; the times of rows are whole us, so rounding up changes no comparison. */
function withinTime(us: number): number {
  return Math.ceil(Math.max(0, Math.min(us, MAX_US)));
}

/** Exact: extract() gives numeric with all six decimals. */
function microseconds(...columns: string[]): string {
  return `(extract(epoch FROM coalesce(${columns.join(', ')})) * 1000000)::float8`;
}

function timestampOf(parameter: string): string {
  return `('epoch'::timestamptz + ${parameter}::bigint * interval '1 microsecond')`;
}

function columnsOf<K extends string>(
  rows: readonly Record<string, unknown>[],
  keys: readonly K[],
): Record<K, number[]> {
  const columns = {} as Record<K, number[]>;
  for (const key of keys) columns[key] = rows.map((row) => row[key] as number);
  return columns;
}

/** @throws RangeError naming field and value. */
function checkRequest(request: HistoryRequest): void {
  const whole = (field: string, value: unknown, min: number, max: number): void => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`${field}: expected a whole number from ${min} to ${max}, was ${String(value)}`);
    }
  };
  if (typeof request.symbol !== 'string' || request.symbol === '') {
    throw new RangeError(`symbol: expected a text, was ${String(request.symbol)}`);
  }
  if (request.venue !== undefined && typeof request.venue !== 'string') {
    throw new RangeError(`venue: expected a text, was ${String(request.venue)}`);
  }
  whole('limit', request.limit, 1, MAX_ROWS);
  if (request.kind === 'candles') {
    whole('intervalSeconds', request.intervalSeconds, 1, 86_400);
    finite('fromS', request.fromS);
    finite('toS', request.toS);
  } else if (request.kind === 'trades') finite('beforeUs', request.beforeUs);
  else if (request.kind === 'integrity') {
    finite('fromUs', request.fromUs);
    finite('toUs', request.toUs);
  } else if (request.kind !== 'fills') {
    throw new RangeError(
      `kind: expected candles, trades, fills, integrity or status, was ${String((request as { kind: unknown }).kind)}`,
    );
  }
}

function finite(field: string, value: unknown): void {
  if (typeof value !== 'number' || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`${field}: expected a number, was ${String(value)}`);
  }
}
