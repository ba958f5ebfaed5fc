import { BookState } from '../contract/record.ts';
import type { AlertView, FillView } from '../contract/trading-messages.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import { CandleBuilder } from '../market/candles.ts';
import { BookFlow } from '../market/book-flow.ts';
import { BookFeatures } from '../market/features.ts';
import { OrderBook } from '../market/order-book.ts';
import { TradeFeatures } from '../market/trade-features.ts';
import { TradeStatistics } from '../market/trade-statistics.ts';
import { DecisionHash } from './decision-hash.ts';
import { IntegrityLog } from './integrity-log.ts';
import { OrderTable } from './order-table.ts';
import type { InstrumentKey } from './checkpoint-format.ts';
import { Position } from './position.ts';
import type { TradingCounters } from './trading-core-options.ts';
import { TickerCheck } from './ticker-check.ts';
import { ViewRing } from './view-ring.ts';

export const MAX_FILL_VIEWS = 5_000;
export const MAX_ALERT_VIEWS = 500;
const FEATURE_LEVELS = 10;
const FEATURE_MOMENTUM_NS = 500e6;
const BOOK_FLOW = { flowWindowNs: 1e9, volatilityWindowNs: 60e9 };
const TRADE_FEATURES = { deltaWindowNs: 10e9, averagePeriod: 20 };
const US_PER_DAY = 86_400e6;

/** Everything the step knows; one object shared by the parts of the step, changed by nobody else. */
export class TradingState {
  /** One entry an instrument in each of these lists; they grow by {@link addInstrument}, and indices never change. */
  readonly instruments: InstrumentSpec[] = [];
  readonly books: OrderBook[] = [];
  readonly features: BookFeatures[] = [];
  readonly bookFlows: BookFlow[] = [];
  readonly tradeFeatures: TradeFeatures[] = [];
  readonly candles: CandleBuilder[] = [];
  readonly tradeStatistics: TradeStatistics[] = [];
  /** BookState per instrument; replaced when it grows. */
  bookStates: Uint8Array = new Uint8Array(0);
  readonly bookStateReasons: string[] = [];
  /** How often the applied book of each instrument was crossed. */
  readonly crossedBooks: number[] = [];
  readonly tickerCheck = new TickerCheck(this.books);
  /** 0 before the first trade; replaced when it grows. */
  lastPriceTicks: Float64Array = new Float64Array(0);
  /** One per instrument; while an older session is restored, those of {@link extraInstruments} follow. */
  readonly positions: Position[] = [];
  /** The part of the positions that strategies made. */
  readonly strategyPositions: Position[] = [];
  /** Instruments of an older session that are not traded now; emptied by the end of the recovery. */
  readonly extraInstruments: InstrumentKey[] = [];
  readonly orders = new OrderTable();
  readonly fills = new ViewRing<FillView>(MAX_FILL_VIEWS);
  readonly alerts = new ViewRing<AlertView>(MAX_ALERT_VIEWS);
  /** Of this session alone: a restart begins with a book of its own. */
  readonly integrity = new IntegrityLog();
  readonly hash = new DecisionHash();
  readonly counters: TradingCounters = {
    sent: 0,
    acked: 0,
    filled: 0,
    fills: 0,
    cancelled: 0,
    rejected: 0,
    blockedByRisk: 0,
    blockedByCode: new Array<number>(16).fill(0),
    duplicateFills: 0,
    ignoredOrderRecords: 0,
    queries: 0,
    adopted: 0,
    crossedBooks: 0,
    marketEvents: 0,
  };
  /** Engine time of the event being stepped. */
  nowNs = 0;
  /** Engine time of the newest market event. */
  lastMarketNs = 0;
  originUs: number;
  orderEntryUp: boolean;
  /** True while an older session is fed in: nothing is decided, sent or counted. */
  restoring = false;
  #day = Number.NaN;
  readonly #dayBaselines: number[] = [];

  constructor(instruments: readonly InstrumentSpec[], originUs: number, orderEntryUp: boolean) {
    this.originUs = originUs;
    this.orderEntryUp = orderEntryUp;
    for (const spec of instruments) this.addInstrument(spec);
  }

  /**
   * Takes one more instrument, behind the others; not while an older session is restored.
   * @throws RangeError when its index is not the next.
   */
  addInstrument(spec: InstrumentSpec): void {
    const index = this.instruments.length;
    if (spec.index !== index) {
      throw new RangeError(`instruments[${index}].index: expected ${index}, was ${spec.index}`);
    }
    if (this.extraInstruments.length > 0) throw new RangeError('Expected no instrument during a recovery, was one');
    const position = new Position(spec);
    this.instruments.push(spec);
    this.books.push(new OrderBook());
    this.features.push(new BookFeatures({ levels: FEATURE_LEVELS, momentumWindowNs: FEATURE_MOMENTUM_NS }));
    this.bookFlows.push(new BookFlow(BOOK_FLOW));
    this.tradeFeatures.push(new TradeFeatures(TRADE_FEATURES));
    this.candles.push(new CandleBuilder());
    this.tradeStatistics.push(new TradeStatistics());
    const bookStates = new Uint8Array(index + 1).fill(BookState.connecting);
    bookStates.set(this.bookStates);
    this.bookStates = bookStates;
    this.bookStateReasons.push('');
    this.crossedBooks.push(0);
    const lastPriceTicks = new Float64Array(index + 1);
    lastPriceTicks.set(this.lastPriceTicks);
    this.lastPriceTicks = lastPriceTicks;
    this.positions.push(position);
    this.strategyPositions.push(new Position(spec));
    this.#dayBaselines.push(0);
  }

  /** Adds an instrument that is not traded now; returns the index its records get while they are restored. */
  addExtraInstrument(key: InstrumentKey): number {
    this.extraInstruments.push(key);
    this.#dayBaselines.push(0);
    this.strategyPositions.push(new Position(key));
    return this.positions.push(new Position(key)) - 1;
  }

  /** Forgets the extra instruments' positions; their orders and fills are the caller's. */
  dropExtraInstruments(): void {
    const count = this.instruments.length;
    this.extraInstruments.length = 0;
    this.#dayBaselines.length = count;
    this.positions.length = count;
    this.strategyPositions.length = count;
  }

  /** us since the epoch of an engine time. */
  timeUs(timeNs: number): number {
    return this.originUs + timeNs / 1_000;
  }

  /** State of the book as orders are checked against: one that the ticker contradicts counts as crossed. */
  tradableState(instrument: number): BookState {
    const state = this.bookStates[instrument] as BookState;
    return state === BookState.live && this.tickerCheck.isDoubted(instrument) ? BookState.crossed : state;
  }

  /** Mid, else last trade, in (fractional) ticks; 0 when there is neither. A book that is not live has no mid. */
  referenceTicks(instrument: number): number {
    const book = this.books[instrument] as OrderBook;
    const last = this.lastPriceTicks[instrument] as number;
    const live = this.tradableState(instrument) === BookState.live;
    if (book.hasBothSides && !book.isCrossed() && (live || last === 0)) {
      return (book.bestBidTicks + book.bestAskTicks) / 2;
    }
    return last;
  }

  /** A fresh account: no orders, fills, positions. Alerts stay. */
  forgetAccount(): void {
    this.orders.clear();
    this.fills.clear();
    for (const position of this.positions) position.reset();
    for (const position of this.strategyPositions) position.reset();
    this.dropExtraInstruments();
    this.#dayBaselines.fill(0);
    this.#day = Number.NaN;
  }

  /** Realised + unrealised - fees of all instruments since the day (UTC) began, quote units. */
  dayPnl(): number {
    let net = 0;
    for (let i = 0; i < this.instruments.length; i++) net += this.#netPnl(i) - (this.#dayBaselines[i] as number);
    return net;
  }

  /** Days since the epoch (UTC); NaN before the first event. */
  get day(): number {
    return this.#day;
  }

  /** What an instrument's net PnL was when the day began, quote units. */
  dayBaseline(instrument: number): number {
    return this.#dayBaselines[instrument] as number;
  }

  /** Takes up a day that an older session was in. */
  restoreDay(day: number, instrument: number, baseline: number): void {
    this.#day = day;
    this.#dayBaselines[instrument] = baseline;
  }

  /** Begins a new day's PnL when the calendar says so. */
  rollDay(timeNs: number): void {
    const day = Math.floor(this.timeUs(timeNs) / US_PER_DAY);
    if (day === this.#day) return;
    this.#day = day;
    for (let i = 0; i < this.positions.length; i++) this.#dayBaselines[i] = this.#netPnl(i);
  }

  #netPnl(instrument: number): number {
    // Instruments that are not traded now have no market.
    const mark = instrument < this.instruments.length ? this.referenceTicks(instrument) : 0;
    return (this.positions[instrument] as Position).netPnl(mark);
  }
}
