import { type InstrumentSpec, toSteps } from '../../contract/units.ts';

/** Ticks of a price in an answer or event. @throws RangeError naming the value when it is off the tick. */
export function ticksOf(text: string, spec: InstrumentSpec): number {
  return stepsOf(text, spec.tickSize, 'price');
}

/** Lots of a size in an answer or event. @throws RangeError naming the value when it is off the lot. */
export function lotsOf(text: string, spec: InstrumentSpec): number {
  return stepsOf(text, spec.lotSize, 'size');
}

/**
 * Commission in quote units. A fee in the base asset is valued at the fill's price. One in a third asset (BNB) has no
 * price here: it is put at the instrument's standard fee, which is never less than the discounted one.
 */
export function feeInQuote(
  commission: string,
  asset: string | null,
  price: string,
  size: string,
  maker: boolean,
  spec: InstrumentSpec,
): number {
  const amount = Number(commission);
  if (!Number.isFinite(amount)) throw new RangeError(`commission: expected a number, was "${commission}"`);
  if (amount === 0 || asset === null || asset === spec.quoteAsset) return amount;
  if (asset === spec.baseAsset) return amount * Number(price);
  return Number(price) * Number(size) * (maker ? spec.makerFee : spec.takerFee);
}

function stepsOf(text: string, unit: string, name: string): number {
  if (typeof text !== 'string') throw new RangeError(`${name}: expected decimal text, was ${String(text)}`);
  return toSteps(text, unit);
}
