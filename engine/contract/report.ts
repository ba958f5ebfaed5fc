/** The JSON report of `npm run headless`. Prices, sizes and volumes are decimal strings; `pnl` is in quote units. */
import type { FeedStats, StageSummaries } from './trading-messages.ts';

export type ReportLevel = [price: string, size: string];

export interface ReportBook {
  bidLevels: number;
  askLevels: number;
  bestBids: ReportLevel[];
  bestAsks: ReportLevel[];
}

export interface ReportTrades {
  count: number;
  firstId: number;
  lastId: number;
  volume: string;
  buyVolume: string;
  sellVolume: string;
  low: string;
  high: string;
  /** Price of the first and the last trade. */
  first: string;
  last: string;
}

/**
 * How often the top of the applied book was that of the venue's own ticker. Compared after each update with the newest
 * ticker up to the same update id, whichever of the two came first; only of recordings whose tickers carry update ids.
 */
export interface TickerAgreement {
  tickerAgrees: number;
  tickerDiffers: number;
}

/** What is counted of one instrument. */
export interface ReportInstrument {
  venue: string;
  symbol: string;
  tickSize: string;
  lotSize: string;
  feed: FeedStats;
  book: ReportBook;
  trades: ReportTrades;
  ticker?: TickerAgreement;
}

/** Sums over all instruments. */
export interface ReportTotals extends TickerAgreement {
  depth: number;
  applied: number;
  discarded: number;
  gaps: number;
  resyncs: number;
  crossed: number;
  badMessages: number;
  checksums: number;
  checksumFailures: number;
  trades: number;
}

/** The fields from `symbol` to `trades` are those of the session's chosen symbol. */
export interface TradingReport {
  source: string;
  symbol: string;
  wallSeconds: number;
  eventsPerSecond: number;
  feed: FeedStats;
  book: ReportBook;
  trades: ReportTrades;
  /** Every instrument of the session, in its order. */
  instruments: ReportInstrument[];
  totals: ReportTotals;
  orders: { sent: number; acked: number; filled: number; cancelled: number; rejected: number; blockedByRisk: number };
  /** Base units, decimal string. */
  position: string;
  pnl: { gross: number; fees: number; net: number };
  latencyNs: StageSummaries;
  journal: { records: number; bytes: number };
  /** SHA-256, hex, over every decision of the step. */
  decisionHash: string;
}

export interface HeadlessReport extends TradingReport {
  storage: { rows: number; backlog: number };
}
