/** JSON messages between the page (or a test) and the storage process. */
import type { DataJob, DataRequest } from './data-messages.ts';

/** What history is kept by: several venues may list the same symbol. */
export interface SeriesName {
  venue: string;
  symbol: string;
}

/** A series of the store: of a source, or of what is on screen. See {@link StorageRequest}. */
export interface StoredName extends SeriesName {
  source?: string;
}

/**
 * Whose rows. `venue`: where several venues of the session list the symbol; absent for the first of them. `source`: as the
 * catalog has it (`sim`, `import` ...), with its venue; absent for what is on screen now.
 */
interface OfSeries {
  symbol: string;
  venue?: string;
  source?: string;
}

/** Candles with openTimeS in [fromS, toS): the newest `limit` of them, with `oldest` the oldest; oldest first. */
export interface CandleRange {
  fromS: number;
  toS: number;
  limit: number;
  oldest?: boolean;
}

/**
 * Trades in order of time, then id. The newest `limit` before the trade (beforeUs, beforeId), without an id before the
 * time; with `afterUs` the oldest `limit` of them that come after (afterUs, afterId), without an id from the time on.
 */
export interface TradeRange {
  beforeUs: number;
  beforeId?: number;
  afterUs?: number;
  afterId?: number;
  limit: number;
}

export type StorageRequest =
  /** intervalSeconds: 1 or a multiple. */
  | ({ kind: 'candles'; intervalSeconds: number } & OfSeries & CandleRange)
  | ({ kind: 'trades' } & OfSeries & TradeRange)
  /** From when to when there is history: StoredRange, null for none. */
  | ({ kind: 'range' } & OfSeries)
  | ({ kind: 'fills'; limit: number } & OfSeries)
  /** Changes of the symbol's book state with time in [fromUs, toUs), newest `limit` of them, oldest first: IntegrityView[]. */
  | ({ kind: 'integrity'; fromUs: number; toUs: number; limit: number } & OfSeries)
  | { kind: 'status' }
  | DataRequest;

/** Columns of equal length; prices in ticks, volumes in lots. */
export interface CandleColumns {
  openTimeS: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  volumeLots: number[];
  buyVolumeLots: number[];
}
export interface TradeColumns {
  timeUs: number[];
  priceTicks: number[];
  sizeLots: number[];
  id: number[];
  side: number[];
}

/** What is stored of one series. */
export interface StoredRange {
  source: string;
  tickSize: string;
  lotSize: string;
  /** Shortest candles that there are, s. */
  intervalS: number;
  /** Open time of the first of them, and end of the last, s since the epoch. */
  fromS: number;
  toS: number;
  /** Time of the oldest trade, us since the epoch; null where there are none (any more). */
  tradesFromUs: number | null;
}

export interface StorageStatus {
  /** `starting` while the embedded server starts; `down` with a reason while it cannot be reached. */
  state: 'starting' | 'up' | 'down';
  reason: string;
  /** `embedded`, or the server's host and port, never the URL (it holds a password). */
  server: string;
  /** Journal records committed as rows, over all tables; one record is one row. */
  rows: number;
  rowsByTable: Record<string, number>;
  /** Journal records not yet committed. */
  backlog: number;
  /** us since the epoch of the newest committed record; 0 when none. */
  committedUs: number;
  /** ms since the epoch since when the state is not `up`; 0 while it is. */
  sinceMs?: number;
  /** Bytes of the journals that are not stored yet; they wait on the disk. */
  backlogBytes?: number;
  /** Records stored a second, over the last seconds. */
  recordsPerSecond?: number;
  /** Free bytes on the fullest disk of journals and embedded database. `full`: the store waits, so that the journal can go on. */
  disk?: { freeBytes: number; level: 'enough' | 'low' | 'full' };
  /** Imports and exports that run or ended lately, oldest first. */
  jobs: DataJob[];
  cache: TickCacheStatus;
}

/** State of the newest ticks' cache. */
export interface TickCacheStatus {
  kind: 'memory' | 'redis' | 'redis-cluster';
  /** Hosts and ports, never a password; empty for memory. */
  server: string;
  /** `filling` while it is filled from the journal: what it holds is not used until it is whole. */
  state: 'filling' | 'up' | 'down';
  /** Since when, ms since the epoch. */
  sinceMs: number;
  /** Why it is down; else empty. */
  reason: string;
  /** Ticks written since the process began, fillings included. */
  ticks: number;
  /** Journal records not yet looked at. */
  backlog: number;
}

export type StorageClientMessage =
  | { type: 'request'; requestId: number; request: StorageRequest }
  /** Its answer does not matter any more: a running query is ended at the server. */
  | { type: 'cancel'; requestId: number };
export type StorageServerMessage =
  | { type: 'status'; status: StorageStatus }
  | { type: 'reply'; requestId: number; ok: true; result: unknown }
  | { type: 'reply'; requestId: number; ok: false; error: string };
