import type { InstrumentSpec } from '../../contract/units.ts';
import { grownFloat64 } from '../../core/grown-array.ts';
import type { MarketBatch } from '../market-batch.ts';
import { SymbolList } from '../symbol-list.ts';

/** Pairs with the channel number of each one's book, and the number that its last trade was given. */
export class KrakenPairs extends SymbolList {
  /** As the venue announced them; -1 unknown. */
  bookChannelIds: Float64Array = new Float64Array(8);
  #lastTradeIds: Float64Array = new Float64Array(8);

  override add(spec: InstrumentSpec): void {
    super.add(spec);
    const pairs = this.symbols.length;
    this.bookChannelIds = grownFloat64(this.bookChannelIds, pairs);
    this.bookChannelIds[pairs - 1] = -1;
    this.#lastTradeIds = grownFloat64(this.#lastTradeIds, pairs);
  }

  /** v1 numbers no trades: the time in us stands in, made unique. */
  numberTrades(batch: MarketBatch): void {
    const { instrument, tradeCount, tradeIds, tradeTimesUs } = batch;
    let last = this.#lastTradeIds[instrument] as number;
    for (let i = 0; i < tradeCount; i++) {
      last = Math.max(last + 1, tradeTimesUs[i] as number);
      tradeIds[i] = last;
    }
    this.#lastTradeIds[instrument] = last;
  }
}
