import type { InstrumentSpec, Side } from '../contract/units.ts';
import type { ParameterValues } from '../contract/strategy-parameters.ts';
import type { BookFlow } from '../market/book-flow.ts';
import type { BookFeatures } from '../market/features.ts';
import type { OrderBook } from '../market/order-book.ts';
import type { TradeFeatures } from '../market/trade-features.ts';

/** What a strategy may see of its own order. Pooled: valid during the call, remember the number instead. */
export interface StrategyOrder {
  readonly orderNumber: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly sizeLots: number;
  readonly filledLots: number;
  /** Filled, cancelled or rejected. */
  readonly isTerminal: boolean;
  /** -1 unknown. */
  readonly queueAheadLots: number;
}

/**
 * The world of a strategy: one instrument, read-only, plus `place` and `cancel`. One object lives as long as the
 * strategy; its fields change between calls. Features are kept for every instrument anyway: reading one costs nothing.
 */
export interface StrategyContext {
  readonly spec: InstrumentSpec;
  /** Event time, ns. The only clock there is. */
  readonly timeNs: number;
  readonly book: OrderBook;
  /** True while the book is provably right; otherwise the rails refuse every order. */
  readonly bookLive: boolean;
  readonly lastPriceTicks: number;
  /**
   * Of the newest applied book: imbalance of the ten nearest levels, microprice, momentum over 500 ms. Not valid while
   * the book is not; for other levels or windows a strategy keeps a BookFeatures of its own.
   */
  readonly bookFeatures: Readonly<BookFeatures>;
  /** Order-flow imbalance of the last second, realised volatility of the mid over the last minute; afresh after a gap. */
  readonly bookFlow: Readonly<BookFlow>;
  /** Delta of the last 10 s, cumulative delta, VWAP, moving average of 20 trades; a trade that comes twice counts once. */
  readonly tradeFeatures: Readonly<TradeFeatures>;
  /** Net position from this strategy's own fills, signed lots. */
  readonly ownPositionLots: number;
  /** Average price of that position in ticks, fractional; 0 when flat. */
  readonly ownAveragePriceTicks: number;
  /** Position of the account, manual trades included. */
  readonly positionLots: number;
  /** Why the last `place` returned 0: a RailCode. */
  readonly lastBlock: number;
  /** Quote value of a size at a price. */
  valueOf(priceTicks: number, sizeLots: number): number;
  /**
   * Places an order through the rails. `flags` are the order bits of RecordFlag: postOnly, immediateOrCancel,
   * reduceOnly. Returns the order number, or 0 when a rail refused it.
   */
  place(side: Side, priceTicks: number, sizeLots: number, flags: number): number;
  /** Asks to cancel an own order; false when it is over, cancelling already, or the order rate is used up. */
  cancel(orderNumber: number): boolean;
  /** Own order by number; undefined when unknown. */
  order(orderNumber: number): StrategyOrder | undefined;
}

/**
 * A strategy: callbacks with event time, no clock, no IO, no allocation per event. Everything it knows comes through the
 * context, so live, paper, replay and backtest run the same code to the same decisions.
 */
export interface Strategy {
  /** Started, or taken up after a restart with a position of its own. */
  onStart(context: StrategyContext): void;
  /** Stopped by hand or halted; working orders of the strategy are cancelled by the host. */
  onStop(context: StrategyContext): void;
  /** Checked values, at the start and whenever they change. */
  onParameters(values: ParameterValues): void;
  /** A whole book update was applied. */
  onBook(context: StrategyContext): void;
  /** `side` is the aggressor's. */
  onTrade(context: StrategyContext, side: Side, priceTicks: number, sizeLots: number): void;
  onTimer(context: StrategyContext): void;
  /** State of an own order changed. */
  onOrder(context: StrategyContext, order: StrategyOrder): void;
  onFill(context: StrategyContext, order: StrategyOrder, priceTicks: number, sizeLots: number): void;
}
