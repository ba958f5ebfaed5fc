/** @throws RangeError when it is no integer from `least`. */
export function expectPeriod(period: number, least = 1): number {
  if (!Number.isInteger(period) || period < least) {
    throw new RangeError(`period: expected an integer >= ${least}, was ${period}`);
  }
  return period;
}
