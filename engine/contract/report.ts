/** The JSON report of `npm run headless`. Prices, sizes and volumes are decimal strings; `pnl` is in quote units. */
import type { FeedStats, StageSummaries } from './trading-messages.ts';

export type ReportLevel = [price: string, size: string];

export interface TradingReport {
  source: string;
  symbol: string;
  wallSeconds: number;
  eventsPerSecond: number;
  feed: FeedStats;
  book: { bidLevels: number; askLevels: number; bestBids: ReportLevel[]; bestAsks: ReportLevel[] };
  trades: {
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
  };
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
