import type { PostgresSession } from './postgres-session.ts';

/** What differs between plain Postgres and TimescaleDB; everything else is one schema and one set of queries. */
export interface StoreLayout {
  readonly kind: 'plain' | 'timescale';
  /** True: the tailer writes candles with the trades. False: the server makes them from the trades by itself. */
  readonly candlesByTailer: boolean;
  /** The column of the candle tables that is ordered and indexed by time, and how to write seconds since the epoch as one. */
  readonly candleTime: { column: string; fromSeconds: (parameter: string) => string };
  /** Brings the server's policies (retention, compression, refresh) to the settings of this layout. Idempotent. */
  applySettings(db: PostgresSession): Promise<void>;
  /** Makes room for rows of these days (since the epoch). Outside the batch's transaction: it may stay empty. */
  ensureDays(db: PostgresSession, days: Iterable<number>): Promise<void>;
  /** Once an hour or so: room ahead of time, and what is older than it is kept goes. @returns what was dropped, for the log. */
  maintain(db: PostgresSession, nowMs: number): Promise<string[]>;
  /** Candles of [fromS, toS) of a series anew from its trades; inside the transaction that removed some of them. */
  recountCandles(db: PostgresSession, series: number, fromS: number, toS: number): Promise<void>;
  /** Outside a transaction: from here on candles are what the trades say, also where trades came late or were removed. */
  refreshCandles(db: PostgresSession): Promise<void>;
}
