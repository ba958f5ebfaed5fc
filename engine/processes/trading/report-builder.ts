import type { ReportLevel, TradingReport } from '../../contract/report.ts';
import type { FeedStats } from '../../contract/trading-messages.ts';
import { formatStepsTrimmed, type InstrumentSpec, Side } from '../../contract/units.ts';
import type { OrderBook } from '../../market/order-book.ts';
import { summarize } from './stage-histograms.ts';
import type { SessionState } from './session-state.ts';

const REPORT_LEVELS = 5;

/** The trading part of the headless report, about the instrument that the strategy trades. */
export function buildReport(session: SessionState, feed: (instrument: number) => FeedStats): TradingReport {
  const instrument = session.instruments[session.reportInstrument] as InstrumentSpec;
  const { core, source, stages, journal, pump } = session;
  const book = core.books[instrument.index]!;
  const trades = core.tradeStatistics[instrument.index]!;
  const position = core.positionView(instrument.index);
  const gross = position.realizedPnl + position.unrealizedPnl;
  const price = (ticks: number): string => formatStepsTrimmed(ticks, instrument.tickSize);
  const size = (lots: number): string => formatStepsTrimmed(lots, instrument.lotSize);
  const { sent, acked, filled, cancelled, rejected, blockedByRisk } = core.counters;
  return {
    source: source.description,
    symbol: instrument.symbol,
    wallSeconds: session.wallSeconds,
    eventsPerSecond: pump.marketEvents / session.wallSeconds,
    feed: feed(instrument.index),
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
    orders: { sent, acked, filled, cancelled, rejected, blockedByRisk },
    position: size(position.positionLots),
    pnl: { gross, fees: position.fees, net: gross - position.fees },
    latencyNs: summarize(stages),
    journal: { records: journal.lastSequence, bytes: journal.bytes },
    decisionHash: core.decisionHash(),
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
