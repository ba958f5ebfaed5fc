import type { TickerAgreement } from '../../contract/report.ts';
import { Side } from '../../contract/units.ts';
import type { OrderBook } from '../../market/order-book.ts';

/** Tickers kept to look back to: they run ahead of the book's updates, by 100 ms and up to some hundred. */
const QUOTES = 8192;
/** Updates kept until a ticker behind them has come. */
const TOPS = 1024;
const FIELDS = 5;

/**
 * Holds the top of a book that is rebuilt from updates against the venue's own ticker, both numbered by the same update
 * ids: after each update with the newest ticker up to its id, whether that came before or after it. Nothing allocated
 * an event.
 */
export class TickerComparison {
  #agrees = 0;
  #differs = 0;
  /** Rings of rows [id, bid ticks, bid lots, ask ticks, ask lots]. */
  readonly #quotes = new Float64Array(QUOTES * FIELDS);
  #quoteCount = 0;
  readonly #tops = new Float64Array(TOPS * FIELDS);
  #topsFrom = 0;
  #topCount = 0;
  #bidTicks = 0;
  #bidLots = 0;

  /** One side of a ticker; the bid comes first. Ids rise. */
  onQuote(side: Side, priceTicks: number, sizeLots: number, updateId: number): void {
    if (side === Side.buy) {
      this.#bidTicks = priceTicks;
      this.#bidLots = sizeLots;
      return;
    }
    while (this.#topsFrom < this.#topCount && (this.#tops[rowOf(this.#topsFrom, TOPS)] as number) < updateId) {
      this.#compareOldest();
    }
    write(
      this.#quotes,
      rowOf(this.#quoteCount++, QUOTES),
      updateId,
      this.#bidTicks,
      this.#bidLots,
      priceTicks,
      sizeLots,
    );
  }

  /** The book after an update. */
  onUpdate(updateId: number, book: OrderBook): void {
    // Full: the newest ticker is the best there is.
    if (this.#topCount - this.#topsFrom === TOPS) this.#compareOldest();
    const { bestBidTicks, bestBidLots, bestAskTicks, bestAskLots } = book;
    write(this.#tops, rowOf(this.#topCount++, TOPS), updateId, bestBidTicks, bestBidLots, bestAskTicks, bestAskLots);
    const newest = this.#quotes[rowOf(this.#quoteCount - 1, QUOTES)] as number;
    if (this.#quoteCount > 0 && newest > updateId) while (this.#topsFrom < this.#topCount) this.#compareOldest();
  }

  /** Compared so far; updates that wait for a later ticker count with the newest there is. */
  result(): TickerAgreement {
    let [tickerAgrees, tickerDiffers] = [this.#agrees, this.#differs];
    for (let at = this.#topsFrom; at < this.#topCount; at++) {
      const outcome = this.#outcome(rowOf(at, TOPS));
      if (outcome > 0) tickerAgrees++;
      else if (outcome < 0) tickerDiffers++;
    }
    return { tickerAgrees, tickerDiffers };
  }

  #compareOldest(): void {
    const outcome = this.#outcome(rowOf(this.#topsFrom++, TOPS));
    if (outcome > 0) this.#agrees++;
    else if (outcome < 0) this.#differs++;
  }

  /** 1 equal, -1 different, 0 without a ticker to compare with. */
  #outcome(top: number): number {
    const tops = this.#tops;
    const quotes = this.#quotes;
    const oldest = Math.max(0, this.#quoteCount - QUOTES);
    let at = this.#quoteCount - 1;
    while (at >= oldest && (quotes[rowOf(at, QUOTES)] as number) > (tops[top] as number)) at--;
    if (at < oldest) return 0;
    const quote = rowOf(at, QUOTES);
    for (let i = 1; i < FIELDS; i++) if (quotes[quote + i] !== tops[top + i]) return -1;
    return 1;
  }
}

function rowOf(count: number, rows: number): number {
  return (count & (rows - 1)) * FIELDS;
}

function write(
  rows: Float64Array,
  at: number,
  id: number,
  bid: number,
  bidLots: number,
  ask: number,
  askLots: number,
): void {
  rows[at] = id;
  rows[at + 1] = bid;
  rows[at + 2] = bidLots;
  rows[at + 3] = ask;
  rows[at + 4] = askLots;
}
