/**
 * Units of the engine. Prices are integer ticks, sizes integer lots, times nanoseconds.
 * Decimal strings exist only at the border: venue JSON, screen, reports.
 */

/** Order or aggressor side as stored in a record's side bits. */
export const Side = { none: 0, buy: 1, sell: 2 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** The side that takes the other end of a trade. */
export function oppositeSide(side: Side): Side {
  return side === Side.none ? Side.none : side === Side.buy ? Side.sell : Side.buy;
}

/** One tradable symbol. `priceDecimals` is the number of decimals of `tickSize`. */
export interface InstrumentSpec {
  /** Index within the trading process: the `instrument` field of every record. */
  index: number;
  venue: string;
  /** Upper case, as the venue spells it: `BTCUSDT`. */
  symbol: string;
  baseAsset: string;
  quoteAsset: string;
  /** Decimal string, for example `0.01`. */
  tickSize: string;
  /** Decimal string, for example `0.00001`. */
  lotSize: string;
  priceDecimals: number;
  sizeDecimals: number;
  /** Smallest order value in quote units; 0 where the venue sets none. */
  minNotional: number;
  /** Maker and taker fee as a fraction of the value (0.001 = 10 basis points). */
  makerFee: number;
  takerFee: number;
  /** Why no orders are taken for it, one line for the user; absent where it is traded. Only in what pages are sent. */
  watchOnly?: string;
}

/** Number of decimals of a decimal string without trailing zeros: `0.01000` has 2, `1` has 0. */
export function decimalsOf(text: string): number {
  const dot = text.indexOf('.');
  if (dot < 0) return 0;
  let end = text.length;
  while (end > dot + 1 && text.charCodeAt(end - 1) === 48) end--;
  return end - dot - 1;
}

/**
 * Integer number of `unit` steps in `text`, both plain decimal strings. Exact up to 2^53 steps.
 * @throws RangeError when the text is not a plain decimal or not a multiple of the unit.
 */
export function toSteps(text: string, unit: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new RangeError(`Expected a decimal number, was "${text}"`);
  const decimals = Math.max(decimalsOf(text), decimalsOf(unit));
  const scaled = scaledInteger(text, decimals);
  const step = scaledInteger(unit, decimals);
  if (step <= 0n) throw new RangeError(`Expected a positive step size, was "${unit}"`);
  if (scaled % step !== 0n) throw new RangeError(`Expected a multiple of ${unit}, was "${text}"`);
  const steps = scaled / step;
  if (steps > 9007199254740991n || steps < -9007199254740991n) {
    throw new RangeError(`Expected at most 2^53 steps of ${unit}, was "${text}"`);
  }
  return Number(steps);
}

/** Decimal string of `steps` times `unit`, with exactly the unit's decimals: (6183764, `0.01`) is `61837.64`. */
export function formatSteps(steps: number, unit: string): string {
  const decimals = decimalsOf(unit);
  const value = BigInt(steps) * scaledInteger(unit, decimals);
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0');
  const head = digits.slice(0, digits.length - decimals);
  const tail = decimals > 0 ? `.${digits.slice(digits.length - decimals)}` : '';
  return `${negative ? '-' : ''}${head}${tail}`;
}

/** As {@link formatSteps} without trailing zeros: `61602` rather than `61602.00`. */
export function formatStepsTrimmed(steps: number, unit: string): string {
  const text = formatSteps(steps, unit);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function scaledInteger(text: string, decimals: number): bigint {
  const negative = text.startsWith('-');
  const body = negative ? text.slice(1) : text;
  const dot = body.indexOf('.');
  const whole = dot < 0 ? body : body.slice(0, dot);
  const fraction = dot < 0 ? '' : body.slice(dot + 1, dot + 1 + decimals);
  const value = BigInt(whole + fraction.padEnd(decimals, '0'));
  return negative ? -value : value;
}
