import { createHash } from 'node:crypto';
import type { VenueId } from '../../engine/contract/market-protocol.ts';
import type { FeedConfig, TradingSource } from '../../engine/contract/process.ts';
import type { ReportTotals, TradingReport } from '../../engine/contract/report.ts';
import type { FeedSetting, SourceSetting, VenueAddress } from '../../engine/contract/settings.ts';

/**
 * How many trading processes a source is worth: no more than it has symbols. A recording is one sequence of events and
 * is played by one. Beside traded symbols the watched ones are dealt to the processes of those, where they are watched.
 */
export function shardsOf(source: SourceSetting, wanted: number): number {
  if (source.kind === 'replay') return 1;
  const traded = source.kind === 'sim' ? source.symbols.length : 0;
  const symbols = traded > 0 ? traded : symbolsOf(source.feeds ?? []);
  return Math.max(1, Math.min(wanted, symbols));
}

/** The part of a source that one of `count` processes gets: symbols are dealt in turn. */
export function dealtSource(source: TradingSource, shard: number, count: number): TradingSource {
  if (count === 1 || source.kind === 'replay') return source;
  if (source.kind === 'live') return { ...source, feeds: dealtFeeds(source.feeds, 0, shard, count) };
  const symbols = source.symbols.filter((_, i) => i % count === shard);
  const { feeds } = source;
  if (feeds === undefined) return { ...source, symbols };
  return { ...source, symbols, feeds: dealtFeeds(feeds, source.symbols.length, shard, count) };
}

/** Which process gets a traded or watched symbol; 0 when none has it. */
export function shardOfSymbol(source: SourceSetting, symbol: string | undefined, count: number): number {
  if (source.kind === 'replay') return 0;
  const traded = source.kind === 'sim' ? source.symbols : [];
  const all = [...traded, ...(source.feeds ?? []).flatMap((feed) => feed.symbols)];
  return Math.max(0, all.indexOf(symbol ?? '')) % count;
}

/** `before`: symbols that were dealt before these. Venues of which nothing is left are left out. */
function dealtFeeds(feeds: readonly FeedConfig[], before: number, shard: number, count: number): FeedConfig[] {
  let dealt = before;
  return feeds
    .map((feed) => ({ ...feed, symbols: feed.symbols.filter(() => dealt++ % count === shard) }))
    .filter((feed) => feed.symbols.length > 0);
}

function symbolsOf(feeds: readonly FeedSetting[]): number {
  return feeds.reduce((sum, feed) => sum + feed.symbols.length, 0);
}

/** What one trading process watches. */
export interface SourcePart {
  /** Those traded at the simulated venue. */
  symbols: string[];
  feeds: FeedSetting[];
}

export function partOf(source: TradingSource): SourcePart {
  if (source.kind === 'replay') return { symbols: [], feeds: [] };
  const feeds = (source.feeds ?? []).map(({ venue, symbols }) => ({ venue, symbols }));
  return { symbols: source.kind === 'sim' ? source.symbols : [], feeds };
}

/** The source with this part of it; undefined without one. */
export function withPart(source: TradingSource, part: SourcePart | undefined): TradingSource | undefined {
  if (part === undefined || source.kind === 'replay') return undefined;
  const feeds = part.feeds.map((feed) => withAddress(feed, source.addresses ?? {}));
  return source.kind === 'live' ? { ...source, feeds } : { ...source, symbols: part.symbols, feeds };
}

/**
 * The setting that all parts together are. Traded symbols stand in turn, as they were dealt: the next start deals them to
 * the same processes, where their positions are, unless one that was dealt earlier was dropped.
 */
export function joinedParts(source: SourceSetting, parts: readonly SourcePart[]): SourceSetting {
  if (source.kind === 'replay') return source;
  const feeds: FeedSetting[] = [];
  for (const { venue, symbols } of parts.flatMap((part) => part.feeds)) {
    const known = feeds.find((feed) => feed.venue === venue);
    if (known === undefined) feeds.push({ venue, symbols: [...symbols] });
    else known.symbols.push(...symbols);
  }
  if (source.kind === 'live') return { kind: 'live', feeds };
  const symbols: string[] = [];
  const most = Math.max(...parts.map((part) => part.symbols.length));
  for (let i = 0; i < most; i++) symbols.push(...parts.flatMap((part) => part.symbols[i] ?? []));
  return { ...source, symbols, feeds };
}

export function withAddress(feed: FeedSetting, addresses: Partial<Record<VenueId, VenueAddress>>): FeedConfig {
  const address = addresses[feed.venue];
  return { ...feed, ...(address === undefined ? {} : { address }) };
}

/** The reports of several processes as one; what is of one symbol is of the chosen process's. */
export function mergedReport(reports: readonly TradingReport[], chosen: number): TradingReport {
  const shown = reports[chosen];
  if (shown === undefined) throw new RangeError(`chosen: expected 0..${reports.length - 1}, was ${chosen}`);
  if (reports.length === 1) return shown;
  const hash = createHash('sha256');
  for (const report of reports) hash.update(report.decisionHash);
  return {
    ...shown,
    wallSeconds: Math.max(...reports.map((report) => report.wallSeconds)),
    eventsPerSecond: reports.reduce((sum, report) => sum + report.eventsPerSecond, 0),
    instruments: reports.flatMap((report) => report.instruments),
    totals: summed<ReportTotals>(reports.map((report) => report.totals)),
    orders: summed<TradingReport['orders']>(reports.map((report) => report.orders)),
    pnl: summed<TradingReport['pnl']>(reports.map((report) => report.pnl)),
    journal: summed<TradingReport['journal']>(reports.map((report) => report.journal)),
    decisionHash: hash.digest('hex'),
  };
}

/** Field by field; all have the same. */
function summed<T extends object>(rows: readonly T[]): T {
  const sums: Record<string, number> = {};
  for (const row of rows) for (const [key, value] of Object.entries(row)) sums[key] = (sums[key] ?? 0) + value;
  return sums as T;
}
