/** Rows as storage sends them, in the one shape that the chart keeps them in. */
import type { CandleColumns, TradeColumns } from '../../engine/contract/storage-messages.ts';
import { Side } from '../../engine/contract/units.ts';
import { ROW_FIELDS } from './candle-series.ts';

/** Shown as single trades rather than as candles of a length. */
export const TRADES = 0;

/** Rows of ROW_FIELDS numbers in order of time, then id. */
export class ChartPage {
  readonly rows: Float64Array;
  readonly length: number;

  private constructor(length: number) {
    this.rows = new Float64Array(length * ROW_FIELDS);
    this.length = length;
  }

  static ofCandles(columns: CandleColumns): ChartPage {
    const { openTimeS, open, high, low, close, volumeLots, buyVolumeLots } = columns;
    const page = new ChartPage(openTimeS.length);
    for (const [field, column] of [openTimeS, open, high, low, close, volumeLots, buyVolumeLots].entries()) {
      for (let i = 0; i < page.length; i++) page.rows[i * ROW_FIELDS + field] = column[i] as number;
    }
    return page;
  }

  static ofTrades({ timeUs, priceTicks, sizeLots, side, id }: TradeColumns): ChartPage {
    const page = new ChartPage(timeUs.length);
    for (let i = 0; i < page.length; i++) {
      const price = priceTicks[i] as number;
      const lots = sizeLots[i] as number;
      const bought = side[i] === Side.buy ? lots : 0;
      page.rows.set(
        [(timeUs[i] as number) / 1e6, price, price, price, price, lots, bought, id[i] as number],
        i * ROW_FIELDS,
      );
    }
    return page;
  }

  timeS(row: number): number {
    return this.rows[row * ROW_FIELDS] as number;
  }

  id(row: number): number {
    return this.rows[row * ROW_FIELDS + ROW_FIELDS - 1] as number;
  }
}
