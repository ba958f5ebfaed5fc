import type { InstrumentSpec } from '../contract/units.ts';
import type { RiskRails } from '../contract/risk-rails.ts';
import type { ParameterValues } from '../contract/strategy-parameters.ts';
import type {
  AlertView,
  BookStateName,
  FillView,
  IntegrityView,
  KillView,
  OrderView,
  PositionView,
  StrategyView,
} from '../contract/trading-messages.ts';
import type { EventSink } from '../core/event-slot.ts';
import type { Order } from './order.ts';

/** What the step asks of an exchange, real or paper. `order` is valid during the call. */
export interface OrderActions {
  /** `order` satisfies OrderRequest. Its orderSubmitted record was emitted before. */
  place(order: Order, timeNs: number): void;
  cancel(order: Order, timeNs: number): void;
  /** Cancel whatever is open at the venue, strangers included. */
  cancelAll(instrument: number, timeNs: number): void;
  /** Look up one order by client id. */
  queryOrder(order: Order, timeNs: number): void;
  /** Ask which orders are open; the answer is an openOrdersReport record. */
  queryOpenOrders(instrument: number, timeNs: number): void;
}

/**
 * Implemented by the process shell on top of an OrderEntryAdapter. With paper execution only `crossed` is ever called.
 * Calls come at the end of a step, after its derived records were emitted, so the shell may feed records back with
 * `core.step` from inside (a send that fails at once, for example).
 */
export interface ActionSink extends OrderActions {
  /** The applied book is crossed, or the ticker contradicts it: tell the market adapter to synchronise anew. */
  crossed(instrument: number, timeNs: number, reason: string): void;
}

/**
 * Change notifications for the page; views are fresh objects. Called during a step, after the change; of orders and
 * cancels that are sent, once they have left.
 */
export interface TradingListener {
  onOrder?(order: OrderView): void;
  onFill?(fill: FillView): void;
  onPosition?(position: PositionView): void;
  onAlert?(alert: AlertView): void;
  onStrategy?(strategy: StrategyView): void;
  onKill?(kill: KillView): void;
  onRails?(rails: RiskRails): void;
  /** `timeUs`: us since the epoch. */
  onBookState?(instrument: number, state: BookStateName, reason: string, timeUs: number): void;
}

/** Receives stage latencies; an engine/core histogram fits. */
export interface LatencyRecorder {
  record(valueNs: number): void;
}

/**
 * Stage stamps, injected because the step has no clock. Absent: nothing is measured.
 * apply: begin to end of one book update or trade; decide: strategy call, checks included; check: the rails, per order.
 */
export interface StageClock {
  nowNs(): number;
  apply: LatencyRecorder;
  decide: LatencyRecorder;
  check: LatencyRecorder;
}

export interface PaperOptions {
  /** Event time from the decision to the exchange, and from the exchange back to us, ns each. */
  latencyNs: number;
}

export interface TradingCoreOptions {
  /** `instruments[i].index` must be i. */
  instruments: readonly InstrumentSpec[];
  rails: RiskRails;
  strategy: { name: string; parameters: ParameterValues; instrument: number; autoStart: boolean };
  execution: 'venue' | 'paper';
  /** From 1; order numbers are sessionNumber * 1_000_000 + n. */
  sessionNumber: number;
  /** Wall clock of engine time 0, us since the epoch. A sessionStart record replaces it. */
  originUs: number;
  /** Client ids shown on screen are this prefix + the order number. */
  clientIdPrefix: string;
  actions: ActionSink;
  /**
   * Records the step makes itself (flag `derived`): journal them. The sink writes `slot.sequence`, which becomes the
   * sequence of fills and alerts. A derived record of paper execution may be stamped slightly earlier than the input
   * that let its time pass.
   */
  derived: EventSink;
  listener?: TradingListener;
  stageClock?: StageClock;
  paper?: PaperOptions;
}

/** What became of the last intent; read right after `step(intent)`. Reused. */
export interface IntentOutcome {
  ok: boolean;
  /** Why not; empty when ok. */
  error: string;
  /** Number of the placed order, else 0. */
  orderNumber: number;
}

export interface TradingCounters {
  sent: number;
  acked: number;
  /** Orders filled completely. */
  filled: number;
  fills: number;
  cancelled: number;
  rejected: number;
  blockedByRisk: number;
  /** Indexed by RailCode. */
  blockedByCode: number[];
  duplicateFills: number;
  /** Order records that fit no known order or no legal transition. */
  ignoredOrderRecords: number;
  queries: number;
  adopted: number;
  crossedBooks: number;
  marketEvents: number;
}

/** Whole state for a page that (re)subscribes: the step's part of TradingSnapshot. */
export interface TradingViews {
  orders: OrderView[];
  fills: FillView[];
  positions: PositionView[];
  alerts: AlertView[];
  strategy: StrategyView;
  kill: KillView;
  bookStates: { instrument: number; state: BookStateName; reason: string }[];
  integrity: IntegrityView[];
}
