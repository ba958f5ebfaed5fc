/** Decimal text of integer steps without BigInt: for cells that change sixty times a second. */
import { decimalsOf } from '../../engine/contract/units.ts';

/** Turns a number of steps into text. Same digits as `formatSteps` while steps * unit stays below 2^53. */
export type StepFormatter = (steps: number) => string;

/** Formatter for multiples of `unit` (decimal string) with `decimals` digits, the unit's own where omitted; extra digits are cut. */
export function createStepFormatter(unit: string, decimals: number = decimalsOf(unit)): StepFormatter {
  const unitDecimals = decimalsOf(unit);
  const unitInteger = Math.round(Number(unit) * 10 ** unitDecimals);
  const shown = Math.min(decimals, unitDecimals);
  const drop = 10 ** (unitDecimals - shown);
  const base = 10 ** shown;
  return (steps) => {
    let value = Math.abs(Math.round(steps)) * unitInteger;
    if (drop > 1) {
      const cut = Math.floor(value / drop);
      // A size that is there must not read as nothing.
      value = cut === 0 && value > 0 ? 1 : cut;
    }
    const whole = Math.floor(value / base);
    const sign = steps < 0 && value > 0 ? '-' : '';
    if (shown === 0) return `${sign}${whole}`;
    const tail = value - whole * base;
    return `${sign}${whole}.${String(tail).padStart(shown, '0')}`;
  };
}

/**
 * Decimals worth showing for sizes of an instrument at a price: the last digit is then worth some ten quote units,
 * so that columns stay narrow and readable.
 */
export function sizeDisplayDecimals(price: number, sizeDecimals: number): number {
  if (!(price > 0)) return Math.min(sizeDecimals, 3);
  return Math.max(0, Math.min(sizeDecimals, Math.floor(Math.log10(price)) - 1));
}

/** `1234567.8` as `1,234,567.8`. */
export function groupThousands(text: string): string {
  const dot = text.indexOf('.');
  const head = dot < 0 ? text : text.slice(0, dot);
  return head.replace(/\B(?=(\d{3})+$)/g, ',') + (dot < 0 ? '' : text.slice(dot));
}
