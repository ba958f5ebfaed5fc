import { decimalsOf, type InstrumentSpec, toSteps } from '../contract/units.ts';

/** How many decimals a decimal string keeps and how many of the smallest of them make one tick or lot. */
export interface StepScale {
  decimals: number;
  units: number;
}

/**
 * Symbols of one adapter as bytes: finds the instrument of a message without making a string.
 * Prices and sizes of each instrument come with their scale, ready for the scanner.
 */
export class InstrumentTable {
  readonly specs: readonly InstrumentSpec[];
  readonly #symbols: Uint8Array[];
  /** Open addressing over the symbols' hashes; -1 is empty. */
  readonly #slots: Int32Array;
  readonly priceDecimals: Int32Array;
  readonly priceUnits: Float64Array;
  readonly sizeDecimals: Int32Array;
  readonly sizeUnits: Float64Array;

  /**
   * @param specs instruments; `index` of each must equal its position.
   * @throws RangeError when the list is empty, a symbol appears twice, an index is off or a step is no positive decimal.
   */
  constructor(specs: readonly InstrumentSpec[]) {
    if (specs.length === 0) throw new RangeError('Expected at least one instrument, was none');
    this.specs = specs;
    let size = 16;
    while (size < specs.length * 4) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    this.#symbols = [];
    this.priceDecimals = new Int32Array(specs.length);
    this.priceUnits = new Float64Array(specs.length);
    this.sizeDecimals = new Int32Array(specs.length);
    this.sizeUnits = new Float64Array(specs.length);
    const encoder = new TextEncoder();
    specs.forEach((spec, i) => {
      if (spec.index !== i) throw new RangeError(`Expected index ${i} for ${spec.symbol}, was ${spec.index}`);
      const symbol = encoder.encode(spec.symbol);
      if (this.find(symbol, 0, symbol.length) >= 0)
        throw new RangeError(`Expected each symbol once, was ${spec.symbol} twice`);
      this.#symbols.push(symbol);
      let slot = hashOf(symbol, 0, symbol.length) & (size - 1);
      while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & (size - 1);
      this.#slots[slot] = i;
      const price = stepScale(spec.tickSize);
      this.priceDecimals[i] = price.decimals;
      this.priceUnits[i] = price.units;
      const lot = stepScale(spec.lotSize);
      this.sizeDecimals[i] = lot.decimals;
      this.sizeUnits[i] = lot.units;
    });
  }

  /** Index of the instrument whose symbol is `bytes[from..to)`, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    const length = to - from;
    for (let slot = hashOf(bytes, from, to) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      if (index < 0) return -1;
      const symbol = this.#symbols[index] as Uint8Array;
      if (symbol.length === length) {
        let i = 0;
        while (i < length && symbol[i] === bytes[from + i]) i++;
        if (i === length) return index;
      }
    }
  }

  /** Index of a symbol given as text, or -1. */
  indexOf(symbol: string): number {
    return this.specs.findIndex((spec) => spec.symbol === symbol);
  }
}

/** Scale of a step: `0.05` keeps 2 decimals in units of 5. @throws RangeError when it is not a positive decimal. */
export function stepScale(step: string): StepScale {
  const decimals = decimalsOf(step);
  const units = toSteps(step, decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
  if (units <= 0) throw new RangeError(`Expected a positive step, was "${step}"`);
  return { decimals, units };
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}
