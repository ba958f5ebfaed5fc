import type { SimulatedMarket } from './simulated-market.ts';
import type { SymbolSpec } from './symbol-spec.ts';

/** The listed symbols of one protocol and their markets. */
export interface MarketSource {
  readonly nowMs: number;
  readonly specs: readonly SymbolSpec[];
  /** The market of a listed symbol, opened where it was not yet; undefined for one that is not listed. */
  marketFor(symbol: string): SimulatedMarket | undefined;
  /** As {@link marketFor}, undefined for one that is not open. */
  opened(symbol: string): SimulatedMarket | undefined;
}
