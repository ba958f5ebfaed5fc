import { decimalsOf, type InstrumentSpec, toSteps } from '../contract/units.ts';
import { grownFloat64, grownInt32 } from '../core/grown-array.ts';

/** How many decimals a decimal string keeps and how many of the smallest of them make one tick or lot. */
export interface StepScale {
  decimals: number;
  units: number;
}

let tables = 0;

/**
 * Symbols of one adapter as bytes: finds the instrument of a message without making a string.
 * Prices and sizes of each instrument come with their scale, ready for the scanner. Grows: the arrays are replaced then, so
 * read them from the table each time.
 */
export class InstrumentTable {
  /** Tells the tables of a process apart. */
  readonly id = ++tables;
  readonly #specs: InstrumentSpec[] = [];
  readonly #symbols: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  /** Open addressing over the symbols' hashes; -1 is empty. */
  #slots: Int32Array = new Int32Array(16).fill(-1);
  priceDecimals: Int32Array = new Int32Array(8);
  priceUnits: Float64Array = new Float64Array(8);
  sizeDecimals: Int32Array = new Int32Array(8);
  sizeUnits: Float64Array = new Float64Array(8);
  /** The same as objects. */
  readonly priceScales: StepScale[] = [];
  readonly sizeScales: StepScale[] = [];

  /**
   * @param specs instruments; `index` of each must equal its position.
   * @throws RangeError when the list is empty, a symbol appears twice, an index is off or a step is no positive decimal.
   */
  constructor(specs: readonly InstrumentSpec[]) {
    if (specs.length === 0) throw new RangeError('Expected at least one instrument, was none');
    for (const spec of specs) this.add(spec);
  }

  get specs(): readonly InstrumentSpec[] {
    return this.#specs;
  }

  /** Appends an instrument. @throws RangeError as the constructor; nothing is changed then. */
  add(spec: InstrumentSpec): void {
    const i = this.#specs.length;
    if (spec.index !== i) throw new RangeError(`Expected index ${i} for ${spec.symbol}, was ${spec.index}`);
    const symbol = this.#encoder.encode(spec.symbol);
    if (this.find(symbol, 0, symbol.length) >= 0)
      throw new RangeError(`Expected each symbol once, was ${spec.symbol} twice`);
    const price = stepScale(spec.tickSize);
    const lot = stepScale(spec.lotSize);
    this.#specs.push(spec);
    this.#symbols.push(symbol);
    this.priceScales.push(price);
    this.sizeScales.push(lot);
    this.priceDecimals = grownInt32(this.priceDecimals, i + 1);
    this.priceUnits = grownFloat64(this.priceUnits, i + 1);
    this.sizeDecimals = grownInt32(this.sizeDecimals, i + 1);
    this.sizeUnits = grownFloat64(this.sizeUnits, i + 1);
    this.priceDecimals[i] = price.decimals;
    this.priceUnits[i] = price.units;
    this.sizeDecimals[i] = lot.decimals;
    this.sizeUnits[i] = lot.units;
    if (this.#slots.length < 4 * (i + 1)) this.#rehash(8 * (i + 1));
    else this.#insert(i);
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
    return this.#specs.findIndex((spec) => spec.symbol === symbol);
  }

  #rehash(atLeast: number): void {
    let size = this.#slots.length;
    while (size < atLeast) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    for (let i = 0; i < this.#symbols.length; i++) this.#insert(i);
  }

  #insert(index: number): void {
    const symbol = this.#symbols[index] as Uint8Array;
    const mask = this.#slots.length - 1;
    let slot = hashOf(symbol, 0, symbol.length) & mask;
    while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index;
  }
}

/** Scale of a step: `0.05` keeps 2 decimals in units of 5. @throws RangeError when it is not a positive decimal. */
export function stepScale(step: string): StepScale {
  const decimals = decimalsOf(step);
  const units = toSteps(step, decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
  if (units <= 0) throw new RangeError(`Expected a positive step, was "${step}"`);
  return { decimals, units };
}

/** For a symbol that comes back: its records go on in the units it had. @throws RangeError when they are others now. */
export function expectSameSteps(before: InstrumentSpec, now: InstrumentSpec): void {
  const { symbol, tickSize, lotSize } = before;
  if (now.tickSize !== tickSize)
    throw new RangeError(`${symbol} tickSize: expected ${tickSize}, was "${now.tickSize}"`);
  if (now.lotSize !== lotSize) throw new RangeError(`${symbol} lotSize: expected ${lotSize}, was "${now.lotSize}"`);
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}
