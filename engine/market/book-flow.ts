import type { OrderBook } from './order-book.ts';
import { RollingSum } from './rolling-sum.ts';

export interface BookFlowOptions {
  /** How far back the order-flow imbalance looks, ns. */
  flowWindowNs: number;
  /** How far back the realised volatility looks, ns. */
  volatilityWindowNs: number;
}

const BID = 0;
const BID_LOTS = 1;
const ASK = 2;
const ASK_LOTS = 3;
const LOG_MID = 4;

/**
 * How the best prices move, brought up to date once an applied book update. Nothing is allocated. After a gap call
 * {@link reset}: what happened meanwhile is not known.
 */
export class BookFlow {
  readonly #flow: RollingSum;
  readonly #squares: RollingSum;
  /** Best prices and sizes of the update before, and the logarithm of its mid. */
  readonly #before = new Float64Array(5);
  #hasBefore = false;

  /** @throws RangeError when a window is no positive number. */
  constructor(options: BookFlowOptions) {
    this.#flow = new RollingSum(options.flowWindowNs);
    this.#squares = new RollingSum(options.volatilityWindowNs);
  }

  /**
   * Order-flow imbalance (Cont, Kukanov, Stoikov): lots that came to the best bid less those that left it, less the same
   * of the best ask, summed over the window. Positive: buyers press.
   */
  get orderFlowImbalanceLots(): number {
    return this.#flow.value;
  }
  /** Root of the summed squares of the mid's log returns within the window: a fraction of the price, not annualised. */
  get realisedVolatility(): number {
    return Math.sqrt(Math.max(0, this.#squares.value));
  }

  /** Reads the book after an applied event at engine time `timeNs`; a one-sided book ends what was known. */
  update(book: OrderBook, timeNs: number): void {
    if (!book.hasBothSides) {
      this.reset();
      return;
    }
    const before = this.#before;
    const bid = book.bestBidTicks;
    const ask = book.bestAskTicks;
    const bidLots = book.bestBidLots;
    const askLots = book.bestAskLots;
    const oldBid = before[BID] as number;
    const oldAsk = before[ASK] as number;
    if (!this.#hasBefore) {
      this.#hasBefore = true;
      before[LOG_MID] = Math.log((bid + ask) / 2);
    } else {
      let flow = 0;
      if (bid >= oldBid) flow += bidLots;
      if (bid <= oldBid) flow -= before[BID_LOTS] as number;
      if (ask <= oldAsk) flow -= askLots;
      if (ask >= oldAsk) flow += before[ASK_LOTS] as number;
      if (flow === 0) this.#flow.advance(timeNs);
      else this.#flow.add(timeNs, flow);
      if (bid + ask === oldBid + oldAsk) {
        this.#squares.advance(timeNs);
      } else {
        const logMid = Math.log((bid + ask) / 2);
        const change = logMid - (before[LOG_MID] as number);
        before[LOG_MID] = logMid;
        this.#squares.add(timeNs, change * change);
      }
    }
    before[BID] = bid;
    before[BID_LOTS] = bidLots;
    before[ASK] = ask;
    before[ASK_LOTS] = askLots;
  }

  /** Forgets the past. */
  reset(): void {
    this.#hasBefore = false;
    this.#flow.clear();
    this.#squares.clear();
  }
}
