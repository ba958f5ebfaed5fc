import { RecordFlag } from '../contract/record.ts';
import { checkParameters, type ParameterValues } from '../contract/strategy-parameters.ts';
import { oppositeSide, Side } from '../contract/units.ts';
import { BookFeatures } from '../market/features.ts';
import { imbalanceScalperSchema } from './imbalance-schema.ts';
import type { Strategy, StrategyContext, StrategyOrder } from './strategy.ts';

export { imbalanceScalperSchema };

/** Pause after a rail refused an order, so that a standing refusal does not become a flood of records. */
const REFUSED_PAUSE_NS = 1e9;
const EXIT_RETRY_NS = 100e6;

const Phase = { flat: 0, entering: 1, holding: 2, exiting: 3 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * Enters when the book leans to one side and the mid price has begun to move that way; one position at a time; out by
 * take-profit, stop or time limit. What a partly filled order leaves below the venue's smallest order value cannot be
 * closed by itself: it counts as flat and goes with the next trade.
 */
export class ImbalanceScalper implements Strategy {
  /** Its own, because levels and window are parameters. */
  #features = new BookFeatures({ levels: 1, momentumWindowNs: 1 });
  #phase: Phase = Phase.flat;
  #orderNumber = 0;
  #orderSentNs = 0;
  #enteredNs = 0;
  #notBeforeNs = Number.NEGATIVE_INFINITY;

  #entryImbalance = 0;
  #momentumRatio = 0;
  #orderValue = 0;
  #crossSpread = true;
  #maxSpreadRatio = 0;
  #slippageRatio = 0;
  #takeProfitRatio = 0;
  #stopLossRatio = 0;
  #timeLimitNs = 0;
  #staleEntryNs = 0;
  #cooldownNs = 0;

  constructor() {
    this.onParameters(checkParameters(imbalanceScalperSchema, {}));
  }

  onParameters(values: ParameterValues): void {
    // A change of parameters is rare and made by hand: here, and only here, something is allocated.
    this.#features = new BookFeatures({
      levels: values['levels'] as number,
      momentumWindowNs: (values['momentumWindowMs'] as number) * 1e6,
    });
    this.#entryImbalance = values['entryImbalance'] as number;
    this.#momentumRatio = (values['momentumBps'] as number) / 10_000;
    this.#orderValue = values['orderValue'] as number;
    this.#crossSpread = values['crossSpread'] as boolean;
    this.#maxSpreadRatio = (values['maxSpreadBps'] as number) / 10_000;
    this.#slippageRatio = (values['slippageBps'] as number) / 10_000;
    this.#takeProfitRatio = (values['takeProfitBps'] as number) / 10_000;
    this.#stopLossRatio = (values['stopLossBps'] as number) / 10_000;
    this.#timeLimitNs = (values['timeLimitMs'] as number) * 1e6;
    this.#staleEntryNs = (values['staleEntryMs'] as number) * 1e6;
    this.#cooldownNs = (values['cooldownMs'] as number) * 1e6;
  }

  onStart(context: StrategyContext): void {
    this.#features.reset();
    this.#orderNumber = 0;
    this.#enteredNs = context.timeNs;
    this.#notBeforeNs = context.timeNs;
    this.#phase = this.#holds(context) ? Phase.holding : Phase.flat;
  }

  onStop(): void {
    this.#orderNumber = 0;
    this.#phase = Phase.flat;
  }

  onBook(context: StrategyContext): void {
    const { book } = context;
    if (!context.bookLive || !book.hasBothSides) {
      // A mid from before a gap says nothing about momentum after it.
      this.#features.reset();
      return;
    }
    this.#features.update(book, context.timeNs);
    if (this.#phase === Phase.flat) this.#considerEntry(context);
    else this.#manage(context);
  }

  onTrade(): void {
    // Trades move the book within 100 ms; the decision waits for it.
  }

  onTimer(context: StrategyContext): void {
    if (this.#phase !== Phase.flat) this.#manage(context);
  }

  onOrder(context: StrategyContext, order: StrategyOrder): void {
    if (order.orderNumber !== this.#orderNumber || !order.isTerminal) return;
    this.#orderNumber = 0;
    if (this.#holds(context)) {
      if (this.#phase === Phase.entering) this.#enteredNs = context.timeNs;
      else this.#notBeforeNs = context.timeNs + EXIT_RETRY_NS;
      this.#phase = Phase.holding;
    } else {
      this.#phase = Phase.flat;
      this.#notBeforeNs = context.timeNs + this.#cooldownNs;
    }
  }

  onFill(): void {
    // The position in the context is up to date; what it means is decided when the order ends.
  }

  #considerEntry(context: StrategyContext): void {
    if (context.timeNs < this.#notBeforeNs) return;
    const features = this.#features;
    const bid = context.book.bestBidTicks;
    const ask = context.book.bestAskTicks;
    const mid = features.midTicks;
    if (features.spreadTicks > mid * this.#maxSpreadRatio) return;
    if (Math.abs(features.imbalance) < this.#entryImbalance) return;
    const side = features.imbalance > 0 ? Side.buy : Side.sell;
    const momentumTicks = side === Side.buy ? features.momentumTicks : -features.momentumTicks;
    if (momentumTicks < mid * this.#momentumRatio) return;

    const touch = side === Side.buy ? ask : bid;
    const lots = Math.floor(this.#orderValue / context.valueOf(touch, 1));
    if (lots < 1) return;
    const number = this.#crossSpread
      ? context.place(side, this.#crossingPrice(side, touch), lots, RecordFlag.immediateOrCancel)
      : context.place(side, side === Side.buy ? bid : ask, lots, 0);
    if (number === 0) {
      this.#notBeforeNs = context.timeNs + REFUSED_PAUSE_NS;
      return;
    }
    this.#orderNumber = number;
    this.#orderSentNs = context.timeNs;
    this.#phase = Phase.entering;
  }

  #manage(context: StrategyContext): void {
    if (this.#phase === Phase.entering) {
      if (context.timeNs - this.#orderSentNs >= this.#staleEntryNs) context.cancel(this.#orderNumber);
    } else if (this.#phase === Phase.holding) {
      if (!this.#holds(context)) this.#phase = Phase.flat;
      else if (context.timeNs >= this.#notBeforeNs) this.#considerExit(context);
    }
  }

  #considerExit(context: StrategyContext): void {
    const { book } = context;
    const position = context.ownPositionLots;
    const side = position > 0 ? Side.sell : Side.buy;
    const touch = side === Side.sell ? book.bestBidTicks : book.bestAskTicks;
    if (!context.bookLive || touch === 0) return;
    const entry = context.ownAveragePriceTicks;
    const gain = (side === Side.sell ? touch - entry : entry - touch) / entry;
    const overdue = context.timeNs - this.#enteredNs >= this.#timeLimitNs;
    if (gain < this.#takeProfitRatio && gain > -this.#stopLossRatio && !overdue) return;
    const number = context.place(
      side,
      this.#crossingPrice(side, touch),
      Math.abs(position),
      RecordFlag.immediateOrCancel,
    );
    if (number === 0) {
      this.#notBeforeNs = context.timeNs + REFUSED_PAUSE_NS;
      return;
    }
    this.#orderNumber = number;
    this.#orderSentNs = context.timeNs;
    this.#phase = Phase.exiting;
  }

  /** Limit of an order that takes from the other side, whole ticks. */
  #crossingPrice(side: Side, touchTicks: number): number {
    const slip = Math.floor(touchTicks * this.#slippageRatio);
    return oppositeSide(side) === Side.sell ? touchTicks + slip : Math.max(1, touchTicks - slip);
  }

  /** A position worth an order: not below the venue's smallest order value. */
  #holds(context: StrategyContext): boolean {
    const lots = Math.abs(context.ownPositionLots);
    if (lots === 0) return false;
    const price = context.lastPriceTicks > 0 ? context.lastPriceTicks : context.ownAveragePriceTicks;
    return context.valueOf(price, lots) >= context.spec.minNotional;
  }
}
