import type { ReportInstrument, ReportLevel, ReportTotals, TradingReport } from '../../contract/report.ts';
import type { FeedStats } from '../../contract/trading-messages.ts';
import { formatStepsTrimmed, type InstrumentSpec, Side } from '../../contract/units.ts';
import type { OrderBook } from '../../market/order-book.ts';
import { summarize } from './stage-histograms.ts';
import type { SessionState } from './session-state.ts';

const REPORT_LEVELS = 5;

/** The trading part of the headless report; its single book and trades are those of the instrument that the strategy trades. */
export function buildReport(session: SessionState, feed: (instrument: number) => FeedStats): TradingReport {
  const { core, source, stages, journal, pump } = session;
  const instruments = session.instruments.map((spec) => reportInstrument(session, spec, feed(spec.index)));
  const chosen = instruments[session.reportInstrument] as ReportInstrument;
  const spec = session.instruments[session.reportInstrument] as InstrumentSpec;
  const position = core.positionView(spec.index);
  const gross = position.realizedPnl + position.unrealizedPnl;
  const { sent, acked, filled, cancelled, rejected, blockedByRisk } = core.counters;
  return {
    source: source.description,
    symbol: spec.symbol,
    wallSeconds: session.wallSeconds,
    eventsPerSecond: pump.marketEvents / session.wallSeconds,
    feed: chosen.feed,
    book: chosen.book,
    trades: chosen.trades,
    instruments,
    totals: totalsOf(instruments),
    orders: { sent, acked, filled, cancelled, rejected, blockedByRisk },
    position: formatStepsTrimmed(position.positionLots, spec.lotSize),
    pnl: { gross, fees: position.fees, net: gross - position.fees },
    latencyNs: summarize(stages),
    journal: { records: journal.lastSequence, bytes: journal.bytes },
    decisionHash: core.decisionHash(),
  };
}

function reportInstrument(session: SessionState, spec: InstrumentSpec, feed: FeedStats): ReportInstrument {
  const { core, source } = session;
  const { index, venue, symbol, tickSize, lotSize } = spec;
  const book = core.books[index]!;
  const trades = core.tradeStatistics[index]!;
  const price = (ticks: number): string => formatStepsTrimmed(ticks, tickSize);
  const size = (lots: number): string => formatStepsTrimmed(lots, lotSize);
  const ticker = source.tickerAgreement?.(index);
  return {
    venue,
    symbol,
    tickSize,
    lotSize,
    feed,
    book: {
      bidLevels: book.levelCount(Side.buy),
      askLevels: book.levelCount(Side.sell),
      bestBids: topLevels(book, Side.buy, price, size),
      bestAsks: topLevels(book, Side.sell, price, size),
    },
    trades: {
      count: trades.count,
      firstId: trades.firstId,
      lastId: trades.lastId,
      volume: size(trades.volumeLots),
      buyVolume: size(trades.buyVolumeLots),
      sellVolume: size(trades.sellVolumeLots),
      low: price(trades.lowTicks),
      high: price(trades.highTicks),
      first: price(trades.firstPriceTicks),
      last: price(trades.lastPriceTicks),
    },
    ...(ticker === undefined ? {} : { ticker }),
  };
}

function totalsOf(instruments: readonly ReportInstrument[]): ReportTotals {
  const sum = (of: (one: ReportInstrument) => number): number => instruments.reduce((total, one) => total + of(one), 0);
  return {
    depth: sum(({ feed }) => feed.depth),
    applied: sum(({ feed }) => feed.applied),
    discarded: sum(({ feed }) => feed.discarded),
    gaps: sum(({ feed }) => feed.gaps),
    resyncs: sum(({ feed }) => feed.resyncs),
    crossed: sum(({ feed }) => feed.crossed),
    badMessages: sum(({ feed }) => feed.badMessages),
    checksums: sum(({ feed }) => feed.checksums ?? 0),
    checksumFailures: sum(({ feed }) => feed.checksumFailures ?? 0),
    trades: sum(({ trades }) => trades.count),
    tickerAgrees: sum(({ ticker }) => ticker?.tickerAgrees ?? 0),
    tickerDiffers: sum(({ ticker }) => ticker?.tickerDiffers ?? 0),
  };
}

function topLevels(
  book: OrderBook,
  side: Side,
  price: (ticks: number) => string,
  size: (lots: number) => string,
): ReportLevel[] {
  const prices = new Float64Array(REPORT_LEVELS);
  const sizes = new Float64Array(REPORT_LEVELS);
  const count = book.copyTop(side, REPORT_LEVELS, prices, sizes);
  return Array.from({ length: count }, (_, i) => [price(prices[i] as number), size(sizes[i] as number)]);
}
