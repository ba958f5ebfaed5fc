import { MAX_FRAME_TRADES, TRADE_FIELDS } from '../../contract/market-frame.ts';

/** Trades since the last frame of one page: a bounded ring that keeps the newest and counts what it dropped. */
export class PendingTrades {
  readonly #rows = new Float64Array(MAX_FRAME_TRADES * TRADE_FIELDS);
  #next = 0;
  #count = 0;
  /** Trades pushed out since the last clear. */
  dropped = 0;

  get count(): number {
    return this.#count;
  }

  push(timeUs: number, priceTicks: number, sizeLots: number, id: number, side: number): void {
    const rows = this.#rows;
    let at = this.#next * TRADE_FIELDS;
    rows[at++] = timeUs;
    rows[at++] = priceTicks;
    rows[at++] = sizeLots;
    rows[at++] = id;
    rows[at] = side;
    this.#next = (this.#next + 1) % MAX_FRAME_TRADES;
    if (this.#count < MAX_FRAME_TRADES) this.#count++;
    else this.dropped++;
  }

  /** Copies the rows, oldest first, into `body` at field `at`; returns the field behind them. */
  copyTo(body: Float64Array, at: number): number {
    const first = (this.#next - this.#count + MAX_FRAME_TRADES) % MAX_FRAME_TRADES;
    const untilEnd = Math.min(this.#count, MAX_FRAME_TRADES - first);
    body.set(this.#rows.subarray(first * TRADE_FIELDS, (first + untilEnd) * TRADE_FIELDS), at);
    const rest = this.#count - untilEnd;
    body.set(this.#rows.subarray(0, rest * TRADE_FIELDS), at + untilEnd * TRADE_FIELDS);
    return at + this.#count * TRADE_FIELDS;
  }

  clear(): void {
    this.#count = 0;
    this.dropped = 0;
  }
}
