import {
  CANDLE_FIELDS,
  MARKET_HEADER_FIELDS,
  MarketField,
  MAX_FRAME_CANDLES,
  MAX_FRAME_LEVELS,
  MAX_FRAME_WORKING,
} from '../../contract/market-frame.ts';
import { BookState, nameOf } from '../../contract/record.ts';
import {
  type FeedStats,
  TRADING_PROTOCOL,
  type TradingHello,
  type TradingMode,
  type TradingRequest,
  type TradingSnapshot,
  type TradingStats,
} from '../../contract/trading-messages.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { strategySchemas } from '../../strategy/registry.ts';
import type { PageSource } from './page-connection.ts';
import type { PendingTrades } from './pending-trades.ts';
import { handleRequest } from './request-handler.ts';
import { summarize } from './stage-histograms.ts';
import { monotonicNs } from './session-clock.ts';
import type { SessionState } from './session-state.ts';
import { withWatchOnly } from './watch-only.ts';

/** The session as pages see it: builds hello, snapshot, stats and market frames from the step's read-only state. */
export class SessionView implements PageSource {
  readonly #session: SessionState;
  readonly #prices = new Float64Array(MAX_FRAME_LEVELS);
  readonly #sizes = new Float64Array(MAX_FRAME_LEVELS);
  #lastEvents = 0;
  #lastStatsNs = 0;

  constructor(session: SessionState) {
    this.#session = session;
  }

  nowNs(): number {
    return this.#session.clock.nowNs();
  }

  hello(): TradingHello {
    const { config, core, source, journal } = this.#session;
    const mode: TradingMode = source.tradesOnly === '' ? 'paper' : 'sim';
    return {
      type: 'hello',
      protocol: TRADING_PROTOCOL,
      session: journal.session,
      mode,
      source: { kind: config.source.kind, description: source.description },
      instruments: this.instruments(),
      strategies: [...strategySchemas],
      rails: core.rails,
    };
  }

  /** All of the session, removed ones included, as pages see them. */
  instruments(): InstrumentSpec[] {
    const { instruments, source } = this.#session;
    return instruments.map((instrument) => withWatchOnly(instrument, source.tradesOnly));
  }

  snapshot(): TradingSnapshot {
    const { core, instruments } = this.#session;
    return {
      type: 'snapshot',
      ...core.snapshotViews(),
      candles: instruments.map((instrument) => ({
        instrument: instrument.index,
        rows: core.candles[instrument.index]!.toRows(),
      })),
    };
  }

  handle(request: TradingRequest): unknown {
    return handleRequest(this.#session, request);
  }

  stats(loopDelayP99Ms: number): TradingStats {
    const { core, pump, stages, journal, source, instruments, scheduling } = this.#session;
    const nowNs = monotonicNs();
    const eventsPerSecond =
      this.#lastStatsNs === 0 ? 0 : ((pump.marketEvents - this.#lastEvents) * 1e9) / (nowNs - this.#lastStatsNs);
    this.#lastEvents = pump.marketEvents;
    this.#lastStatsNs = nowNs;
    const replay = source.progress();
    return {
      type: 'stats',
      latencyNs: summarize(stages),
      feed: instruments.map(({ index }) => {
        const { lastPriceTicks } = core.tradeStatistics[index]!;
        return { ...this.feed(index), ...(lastPriceTicks > 0 ? { lastPriceTicks } : {}) };
      }),
      loopDelayP99Ms,
      eventsPerSecond,
      journal: { records: journal.lastSequence, bytes: journal.bytes },
      waitStrategy: source.waitStrategy,
      ...(scheduling === '' ? {} : { scheduling }),
      orderEntry: source.orderEntry,
      ...(replay ? { replay } : {}),
    };
  }

  feed(instrument: number): FeedStats {
    const { source, core, monitor, instruments } = this.#session;
    const { quotes: _quotes, tradesReason, ...counters } = source.counters(instrument);
    const clock = monitor.clock(instruments[instrument]?.venue ?? '', this.nowNs());
    const lag = monitor.lag(instrument);
    return {
      ...counters,
      stateReason: counters.stateReason !== '' ? counters.stateReason : tradesReason,
      crossed: core.crossedBooks[instrument] ?? 0,
      state: nameOf(BookState, core.bookStates[instrument] as number),
      stateChanges: core.bookStateChanges(instrument),
      ...(source.symbols?.isRemoved(instrument) === true ? { removed: true } : {}),
      ...(clock === undefined ? {} : { clock }),
      ...(lag === undefined ? {} : { lagSlopeNsPerS: lag.slopeNsPerS, lagAlarm: lag.alarm !== 'none' }),
    };
  }

  eventCount(instrument: number): number {
    return this.#session.pump.eventCounts[instrument] as number;
  }

  newestCandleSecond(instrument: number): number {
    const last = this.#session.core.candles[instrument]!.newestOpenTimeS;
    return last;
  }

  writeMarket(
    body: Float64Array,
    instrument: number,
    trades: PendingTrades,
    events: number,
    sinceSecond: number,
  ): number {
    const { core, pump, clock } = this.#session;
    const book = core.books[instrument]!;
    const statistics = core.tradeStatistics[instrument]!;
    body[MarketField.instrument] = instrument;
    body[MarketField.bookState] = core.bookStates[instrument] as number;
    body[MarketField.exchangeTimeUs] = pump.exchangeTimesUs[instrument] as number;
    body[MarketField.sourceTimeNs] = pump.marketTimesNs[instrument] as number;
    body[MarketField.conflatedEvents] = events;
    body[MarketField.droppedTrades] = trades.dropped;
    body[MarketField.lastPriceTicks] = statistics.lastPriceTicks;
    body[MarketField.lastSizeLots] = statistics.lastSizeLots;
    body[MarketField.lastSide] = statistics.lastSide;
    this.#writePosition(body, instrument);
    body[MarketField.originUs] = clock.originUs;
    body[MarketField.bidLevels] = book.levelCount(Side.buy);
    body[MarketField.askLevels] = book.levelCount(Side.sell);

    let at = MARKET_HEADER_FIELDS;
    at = this.#writeSide(body, at, instrument, Side.buy, MarketField.bidCount);
    at = this.#writeSide(body, at, instrument, Side.sell, MarketField.askCount);
    body[MarketField.tradeCount] = trades.count;
    at = trades.copyTo(body, at);
    const candles = core.candles[instrument]!.copyFrom(sinceSecond, body, at, MAX_FRAME_CANDLES);
    body[MarketField.candleCount] = candles;
    at += candles * CANDLE_FIELDS;
    return this.#writeWorking(body, at, instrument);
  }

  #writePosition(body: Float64Array, instrument: number): void {
    const position = this.#session.core.positionView(instrument);
    body[MarketField.positionLots] = position.positionLots;
    body[MarketField.averagePriceTicks] = position.averagePriceTicks;
    body[MarketField.realizedPnl] = position.realizedPnl;
    body[MarketField.unrealizedPnl] = position.unrealizedPnl;
    body[MarketField.fees] = position.fees;
  }

  #writeSide(body: Float64Array, start: number, instrument: number, side: Side, countField: number): number {
    const count = this.#session.core.books[instrument]!.copyTop(side, MAX_FRAME_LEVELS, this.#prices, this.#sizes);
    let at = start;
    for (let i = 0; i < count; i++) {
      body[at++] = this.#prices[i] as number;
      body[at++] = this.#sizes[i] as number;
    }
    body[countField] = count;
    return at;
  }

  #writeWorking(body: Float64Array, start: number, instrument: number): number {
    let at = start;
    let count = 0;
    for (const order of this.#session.core.workingOrders) {
      if (order.instrument !== instrument || count === MAX_FRAME_WORKING) continue;
      body[at++] = order.orderNumber;
      body[at++] = order.side;
      body[at++] = order.priceTicks;
      body[at++] = order.remainingLots;
      body[at++] = order.queueAheadLots;
      body[at++] = order.status;
      count++;
    }
    body[MarketField.workingCount] = count;
    return at;
  }
}
