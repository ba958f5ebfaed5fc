/**
 * Finds how fine the prices and sizes of one instrument are written: the smallest decimal step that every one of them
 * is a multiple of. Takes numbers as text, plain (`0.35210000`) or with an exponent (`1.2E-6`).
 */
export class StepFinder {
  priceDecimals = 0;
  sizeDecimals = 0;
  /** The first price above 0, as it was written but without an exponent; empty before. */
  firstPrice = '';

  addPrice(text: unknown): void {
    if (typeof text !== 'string') return;
    const decimals = writtenDecimals(text);
    if (decimals > this.priceDecimals) this.priceDecimals = decimals;
    if (this.firstPrice === '' && Number(text) > 0) this.firstPrice = withoutExponent(text);
  }

  addSize(text: unknown): void {
    if (typeof text !== 'string') return;
    const decimals = writtenDecimals(text);
    if (decimals > this.sizeDecimals) this.sizeDecimals = decimals;
  }

  /** @param levels `[price, size, ...]` each; what is none is left to the adapter to refuse. */
  addLevels(levels: unknown): void {
    if (!Array.isArray(levels)) return;
    for (const level of levels as unknown[]) {
      if (!Array.isArray(level)) continue;
      this.addPrice(level[0]);
      this.addSize(level[1]);
    }
  }
}

/** Decimal string of a step with so many decimals: 2 is `0.01`, 0 is `1`. */
export function stepOfDecimals(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

/** Decimals without trailing zeros; 0 for what is no number. */
function writtenDecimals(text: string): number {
  let end = text.length;
  let exponent = 0;
  const e = text.search(/[eE]/);
  if (e >= 0) {
    exponent = Number(text.slice(e + 1));
    end = e;
    if (!Number.isInteger(exponent)) return 0;
  }
  let dot = text.indexOf('.');
  if (dot < 0) dot = end;
  let last = end - 1;
  while (last > dot && text.charCodeAt(last) === 48) last--;
  return Math.max(0, last - dot - exponent);
}

function withoutExponent(text: string): string {
  return /[eE]/.test(text) ? Number(text).toFixed(Math.min(20, writtenDecimals(text))) : text;
}
