import type { EventSlot } from '../core/event-slot.ts';
import type { RiskRails } from '../contract/risk-rails.ts';
import type { KillView, PositionView, StrategyView } from '../contract/trading-messages.ts';
import type { Order } from './order.ts';
import type { IntentOutcome, TradingCoreOptions, TradingCounters, TradingViews } from './trading-core-options.ts';

// API skeleton, committed early so that the process shell can be written against it; bodies follow.
export declare class TradingCore {
  constructor(options: TradingCoreOptions);
  /** Consumes one input record of any kind; unknown and derived-only kinds are refused with a RangeError. */
  step(slot: EventSlot): void;
  /** Recovery: takes one record of an older session (inputs and derived) without deciding anything. */
  restore(slot: EventSlot): void;
  /** End of recovery: every order that is not terminal becomes `unknown` (venue) or is cancelled (paper). */
  finishRestore(timeNs: number): void;

  readonly instruments: TradingCoreOptions['instruments'];
  // readonly books: readonly OrderBook[];
  // readonly features: readonly BookFeatures[];
  // readonly candles: readonly CandleBuilder[];
  // readonly tradeStatistics: readonly TradeStatistics[];
  /** BookState per instrument. */
  readonly bookStates: Uint8Array;
  readonly intentOutcome: IntentOutcome;
  readonly counters: TradingCounters;
  get rails(): RiskRails;
  /** Orders that are not terminal, for the ladder; the array belongs to the core. */
  get workingOrders(): readonly Order[];
  order(orderNumber: number): Order | undefined;
  /** Newest market event, ns. */
  get lastMarketNs(): number;
  positionView(instrument: number): PositionView;
  strategyView(): StrategyView;
  killView(): KillView;
  snapshotViews(): TradingViews;
  decisionHash(): string;
}
