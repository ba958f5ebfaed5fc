import { AlertLevel, BookState, nameOf, RecordKind } from '../contract/record.ts';
import { oppositeSide, type Side } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { CandleBuilder } from '../market/candles.ts';
import type { BookFlow } from '../market/book-flow.ts';
import type { BookFeatures } from '../market/features.ts';
import { CROSSED_REASON, type OrderBook } from '../market/order-book.ts';
import type { TradeFeatures } from '../market/trade-features.ts';
import type { TradeStatistics } from '../market/trade-statistics.ts';
import type { ActionQueue } from './action-queue.ts';
import type { JournalledOutput } from './journalled-output.ts';
import { queueLevelChanged, queueTraded, startQueue } from './queue-position.ts';
import type { PaperExchange } from './paper-exchange.ts';
import type { StrategyHost } from './strategy-host.ts';
import type { StageClock } from './trading-core-options.ts';
import type { TradingState } from './trading-state.ts';

/** Applies market records to books, trades and queues, and lets the strategy look. Hot: nothing allocated per event. */
export class MarketUpdates {
  readonly #state: TradingState;
  readonly #output: JournalledOutput;
  readonly #actions: ActionQueue;
  readonly #strategy: StrategyHost;
  readonly #paper: PaperExchange | undefined;
  readonly #clock: StageClock | undefined;
  #beganNs = 0;

  constructor(
    state: TradingState,
    output: JournalledOutput,
    actions: ActionQueue,
    strategy: StrategyHost,
    paper: PaperExchange | undefined,
    clock: StageClock | undefined,
  ) {
    this.#state = state;
    this.#output = output;
    this.#actions = actions;
    this.#strategy = strategy;
    this.#paper = paper;
    this.#clock = clock;
  }

  /** Takes a record of kind level. */
  level(slot: EventSlot): void {
    const state = this.#state;
    const { instrument } = slot;
    state.counters.marketEvents++;
    state.lastMarketNs = slot.timeNs;
    const book = state.books[instrument] as OrderBook;
    const { side, priceTicks, sizeLots } = slot;
    if (this.#paper !== undefined) {
      if (this.#paper.watches(instrument)) {
        this.#paper.onLevel(instrument, side, priceTicks, book.sizeAt(side, priceTicks), sizeLots);
      }
    } else if (state.orders.live.length > 0) {
      this.#queueLevel(instrument, side, priceTicks, sizeLots);
    }
    book.set(side, priceTicks, sizeLots);
  }

  /** Takes a record of kinds snapshotBegin .. bookState. */
  apply(slot: EventSlot): void {
    const state = this.#state;
    const { kind, instrument } = slot;
    if (kind === RecordKind.level) {
      this.level(slot);
      return;
    }
    state.counters.marketEvents++;
    state.lastMarketNs = slot.timeNs;
    if (kind === RecordKind.diffBegin) {
      this.#begin();
    } else if (kind === RecordKind.diffEnd) {
      this.#end(instrument, slot.value || slot.aux, false);
    } else if (kind === RecordKind.trade) {
      this.#trade(slot, instrument);
    } else if (kind === RecordKind.snapshotBegin) {
      this.#begin();
      (state.books[instrument] as OrderBook).clear();
      this.#paper?.onBookCleared(instrument);
    } else if (kind === RecordKind.snapshotEnd) {
      this.#end(instrument, slot.value || slot.id, true);
    } else if (kind === RecordKind.bookState) {
      this.#bookState(slot, instrument);
    } else if (slot.aux === 1) {
      this.#ticker(slot, instrument);
    }
    // Quotes only check the book, which is the one source of prices.
  }

  #begin(): void {
    if (this.#clock !== undefined) this.#beganNs = this.#clock.nowNs();
  }

  #ticker(slot: EventSlot, instrument: number): void {
    const { tickerCheck, nowNs } = this.#state;
    if (tickerCheck.onTicker(instrument, slot.side, slot.priceTicks, slot.id)) {
      this.#actions.crossed(instrument, nowNs, 'best price is better than the ticker says');
    }
  }

  #end(instrument: number, updateId: number, snapshot: boolean): void {
    const state = this.#state;
    const book = state.books[instrument] as OrderBook;
    if (book.isCrossed()) {
      state.counters.crossedBooks++;
      state.crossedBooks[instrument] = (state.crossedBooks[instrument] ?? 0) + 1;
      (state.features[instrument] as BookFeatures).reset();
      (state.bookFlows[instrument] as BookFlow).reset();
      this.#actions.crossed(instrument, state.nowNs, CROSSED_REASON);
      return;
    }
    state.tickerCheck.onBook(instrument, updateId);
    // Nothing is decided or filled on a price that may not be there.
    if (state.tickerCheck.isDoubted(instrument)) return;
    (state.features[instrument] as BookFeatures).update(book, state.nowNs);
    (state.bookFlows[instrument] as BookFlow).update(book, state.nowNs);
    (state.tradeFeatures[instrument] as TradeFeatures).advance(state.nowNs);
    if (this.#paper !== undefined) this.#paper.onBookEnd(instrument, snapshot);
    else if (snapshot) this.#capQueues(instrument, book);
    const clock = this.#clock;
    if (clock === undefined) {
      if (instrument === this.#strategy.instrument) this.#strategy.onBook();
      return;
    }
    const appliedNs = clock.nowNs();
    clock.apply.record(appliedNs - this.#beganNs);
    if (instrument !== this.#strategy.instrument || !this.#strategy.running) return;
    this.#strategy.onBook();
    clock.decide.record(clock.nowNs() - appliedNs);
  }

  #trade(slot: EventSlot, instrument: number): void {
    const state = this.#state;
    const clock = this.#clock;
    const beganNs = clock === undefined ? 0 : clock.nowNs();
    const { side, priceTicks, sizeLots, id } = slot;
    state.lastPriceTicks[instrument] = priceTicks;
    (state.tradeStatistics[instrument] as TradeStatistics).addTrade(priceTicks, sizeLots, side, id);
    (state.tradeFeatures[instrument] as TradeFeatures).addTrade(state.nowNs, priceTicks, sizeLots, side, id);
    (state.candles[instrument] as CandleBuilder).addTrade(slot.exchangeTimeUs, priceTicks, sizeLots, side, id);
    if (this.#paper !== undefined) this.#paper.onTrade(instrument, side, priceTicks, sizeLots);
    else if (state.orders.live.length > 0) this.#queueTrade(instrument, side, priceTicks, sizeLots);
    if (clock !== undefined) clock.apply.record(clock.nowNs() - beganNs);
    if (instrument === this.#strategy.instrument) this.#strategy.onTrade(side, priceTicks, sizeLots);
  }

  #bookState(slot: EventSlot, instrument: number): void {
    const state = this.#state;
    const before = state.bookStates[instrument] as BookState;
    const after = slot.id as BookState;
    state.bookStates[instrument] = after;
    state.bookStateReasons[instrument] = slot.text;
    const timeUs = state.timeUs(slot.timeNs);
    state.integrity.add(instrument, before, after, slot.text, timeUs);
    if (after !== BookState.live) {
      (state.features[instrument] as BookFeatures).reset();
      (state.bookFlows[instrument] as BookFlow).reset();
      state.tickerCheck.forget(instrument);
    }
    const name = nameOf(BookState, after);
    if (before === BookState.live && after !== BookState.live) {
      const symbol = state.instruments[instrument]?.symbol ?? '';
      this.#output.alert(AlertLevel.warning, `${symbol} book is ${name}: ${slot.text}`);
    }
    this.#output.listener.onBookState?.(instrument, name, slot.text, timeUs);
  }

  // Queue estimates for venue execution: the same rules as on paper, on the orders themselves.

  #queueLevel(instrument: number, side: Side, priceTicks: number, newLots: number): void {
    const { live } = this.#state.orders;
    for (let i = 0; i < live.length; i++) {
      const order = live[i]!;
      if (order.instrument !== instrument || order.side !== side || order.priceTicks !== priceTicks) continue;
      const book = this.#state.books[instrument] as OrderBook;
      queueLevelChanged(order, book.sizeAt(side, priceTicks), newLots);
    }
  }

  #queueTrade(instrument: number, aggressor: Side, priceTicks: number, sizeLots: number): void {
    const { live } = this.#state.orders;
    const side = oppositeSide(aggressor);
    for (let i = 0; i < live.length; i++) {
      const order = live[i]!;
      if (order.instrument !== instrument || order.side !== side || order.priceTicks !== priceTicks) continue;
      queueTraded(order, sizeLots);
    }
  }

  #capQueues(instrument: number, book: OrderBook): void {
    for (const order of this.#state.orders.live) {
      if (order.instrument !== instrument || order.queueAheadLots < 0) continue;
      const shown = book.sizeAt(order.side, order.priceTicks);
      if (order.queueAheadLots > shown) startQueue(order, shown);
    }
  }
}
