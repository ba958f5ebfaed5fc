const SCALE = 1e8;
/** Beyond 2^53 units of 1e-8 the venue's totals may be rounded: then this fraction is allowed. */
const EXACT_WHOLE = 90_000_000;
const ROUNDING = 2 ** -50;

/** True when the venue's total is the sum of the sizes, both as wholes and units of 1e-8, from the given index on. */
export function isUpbitTotal(totals: Float64Array, total: number, sums: Float64Array, sum: number): boolean {
  const whole = totals[total] as number;
  const units = ((sums[sum] as number) - whole) * SCALE + (sums[sum + 1] as number) - (totals[total + 1] as number);
  const difference = Math.abs(units);
  return difference === 0 || (whole >= EXACT_WHOLE && difference <= whole * SCALE * ROUNDING);
}
