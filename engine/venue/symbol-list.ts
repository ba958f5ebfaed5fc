import type { InstrumentSpec } from '../contract/units.ts';
import { DecimalSteps } from './decimal-steps.ts';
import { InstrumentTable } from './instrument-table.ts';

/** Instruments of a venue whose checksums need its own texts: steps that remember how a number was written. Begins empty. */
export class SymbolList {
  readonly symbols: string[] = [];
  readonly prices: DecimalSteps[] = [];
  readonly sizes: DecimalSteps[] = [];
  readonly #indexes = new Map<string, number>();
  #table: InstrumentTable | undefined;

  /** Takes the next instrument. @throws RangeError when its symbol is there already, or an index or step is off. */
  add(spec: InstrumentSpec): void {
    const { symbol, tickSize, lotSize } = spec;
    if (this.#table === undefined) this.#table = new InstrumentTable([spec]);
    else this.#table.add(spec);
    this.#indexes.set(symbol, this.symbols.length);
    this.symbols.push(symbol);
    this.prices.push(new DecimalSteps(tickSize));
    this.sizes.push(new DecimalSteps(lotSize));
  }

  /** Index of a symbol, or -1. */
  indexOf(symbol: string): number {
    return this.#indexes.get(symbol) ?? -1;
  }

  /** Symbols and steps for the kernel; undefined before the first. */
  get table(): InstrumentTable | undefined {
    return this.#table;
  }
}
