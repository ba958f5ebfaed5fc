/**
 * Row of a price when `step` ticks share one row. Bids fall to the row below, asks rise to the row above, so that the two
 * sides never meet in one row, and an order at the row's price is never better than the sizes shown in it.
 */
export function priceBucket(priceTicks: number, step: number, ask: boolean): number {
  return ask ? Math.ceil(priceTicks / step) : Math.floor(priceTicks / step);
}

/** Steps offered for aggregation, in ticks. */
export const LADDER_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] as const;

/**
 * Step at which the near book fills most rows: the span of the nearest `rows` levels of both sides, spread over as many rows.
 * @param levels {priceTicks, sizeLots} rows, best first
 */
export function readableStep(
  bids: Float64Array,
  bidCount: number,
  asks: Float64Array,
  askCount: number,
  rows = 16,
): number {
  const bidDepth = Math.min(bidCount, rows);
  const askDepth = Math.min(askCount, rows);
  if (bidDepth < 2 || askDepth < 2) return 1;
  const bidSpan = (bids[0] as number) - (bids[(bidDepth - 1) * 2] as number);
  const askSpan = (asks[(askDepth - 1) * 2] as number) - (asks[0] as number);
  const gap = Math.max(bidSpan / (bidDepth - 1), askSpan / (askDepth - 1));
  for (const step of LADDER_STEPS) if (step >= gap * 0.7) return step;
  return LADDER_STEPS[LADDER_STEPS.length - 1] as number;
}
