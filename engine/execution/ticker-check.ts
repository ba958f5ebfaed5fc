import { Side } from '../contract/units.ts';
import { grownFloat64 } from '../core/grown-array.ts';
import type { OrderBook } from '../market/order-book.ts';

/**
 * Holds a book against the venue's ticker, where both count by the same update ids (Binance): the only way to find a
 * level that should be gone and whose delete was left out, before somebody trades on it.
 *
 * A best price that is better than the ticker's of the same or an earlier update is doubted: the ticker may be late, so
 * nothing is thrown away yet, but no order leaves for it. Does the next ticker, of a later update than the book, still
 * know nothing of that price, the book is wrong. Worse prices prove nothing: tickers leave out what lasted microseconds
 * (in the recordings of 2024, 2 of 6,492 spot books differ from their ticker that way, and none has a better price).
 */
export class TickerCheck {
  readonly #books: readonly OrderBook[];
  /** Update id of the newest message applied to the book, per instrument. */
  #bookIds: Float64Array = new Float64Array(0);
  /** Newest ticker: bid at 2 i, ask at 2 i + 1; id 0 before the first. */
  #tickerIds: Float64Array = new Float64Array(0);
  #tickerTicks: Float64Array = new Float64Array(0);
  #doubted: Float64Array = new Float64Array(0);

  /** @param books may grow. */
  constructor(books: readonly OrderBook[]) {
    this.#books = books;
  }

  /** The best price of one side is better than the ticker's: nothing may be traded until that is settled. */
  isDoubted(instrument: number): boolean {
    return this.#doubted[2 * instrument] === 1 || this.#doubted[2 * instrument + 1] === 1;
  }

  /** A book message that ended at this id was applied. */
  onBook(instrument: number, updateId: number): void {
    if (instrument >= this.#bookIds.length) this.#grow();
    this.#bookIds[instrument] = updateId;
    this.#judge(instrument, 2 * instrument, updateId);
    this.#judge(instrument, 2 * instrument + 1, updateId);
  }

  /** One side of a ticker. True: the book's best price is proven wrong; the doubt ends with that. */
  onTicker(instrument: number, side: Side, priceTicks: number, updateId: number): boolean {
    if (instrument >= this.#bookIds.length) this.#grow();
    const at = side === Side.buy ? 2 * instrument : 2 * instrument + 1;
    this.#tickerIds[at] = updateId;
    this.#tickerTicks[at] = priceTicks;
    const bookId = this.#bookIds[instrument] as number;
    if (bookId === 0) return false;
    const isBetter = this.#isBetter(instrument, at);
    if (updateId < bookId) {
      // The book's message came first: what its own tickers say, settles a doubt or raises one.
      this.#doubted[at] = isBetter ? 1 : 0;
      return false;
    }
    const isWrong = isBetter && (this.#doubted[at] === 1 || updateId === bookId);
    this.#doubted[at] = 0;
    return isWrong;
  }

  /** The connection or the book is gone: what is known of either proves nothing about the next. */
  forget(instrument: number): void {
    this.#bookIds[instrument] = 0;
    this.#tickerIds.fill(0, 2 * instrument, 2 * instrument + 2);
    this.#doubted.fill(0, 2 * instrument, 2 * instrument + 2);
  }

  #grow(): void {
    const count = this.#books.length;
    this.#bookIds = grownFloat64(this.#bookIds, count);
    this.#tickerIds = grownFloat64(this.#tickerIds, 2 * count);
    this.#tickerTicks = grownFloat64(this.#tickerTicks, 2 * count);
    this.#doubted = grownFloat64(this.#doubted, 2 * count);
  }

  /** A ticker of a later update than the book says nothing about it. */
  #judge(instrument: number, at: number, bookId: number): void {
    const tickerId = this.#tickerIds[at] as number;
    this.#doubted[at] = tickerId > 0 && tickerId <= bookId && this.#isBetter(instrument, at) ? 1 : 0;
  }

  #isBetter(instrument: number, at: number): boolean {
    const book = this.#books[instrument] as OrderBook;
    const ticks = this.#tickerTicks[at] as number;
    if (at % 2 === 0) return book.bestBidTicks > ticks;
    return book.bestAskTicks > 0 && book.bestAskTicks < ticks;
  }
}
