import type { SymbolSpec } from './symbol-spec.ts';

/** `units` of the last of `decimals` decimals as text with exactly those: (5, 2) is `0.05`. */
export function fixedText(units: number, decimals: number): string {
  const text = String(units);
  if (decimals === 0) return text;
  const padded = text.padStart(decimals + 1, '0');
  const whole = padded.length - decimals;
  return `${padded.slice(0, whole)}.${padded.slice(whole)}`;
}

/** As {@link fixedText} without trailing zeros. */
export function trimmedText(units: number, decimals: number): string {
  const text = fixedText(units, decimals);
  if (decimals === 0) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  return text.slice(0, text.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

/** Price with the decimals of the tick. */
export function priceText(spec: SymbolSpec, ticks: number): string {
  return fixedText(ticks * spec.tickUnits, spec.priceDecimals);
}

/** Size with the decimals of the lot. */
export function sizeText(spec: SymbolSpec, lots: number): string {
  return fixedText(lots, spec.sizeDecimals);
}
