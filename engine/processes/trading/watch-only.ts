import type { InstrumentSpec } from '../../contract/units.ts';

/**
 * Why no orders are taken for an instrument, one line for the user; empty where it is traded. The page shows it before
 * anyone presses, and the request handler refuses with the same words.
 */
export function watchOnlyReason(instrument: InstrumentSpec | undefined): string {
  // Of an inverse contract only market data is shown: its worth is not price times size, so PnL and rails would be wrong.
  if (instrument === undefined) return '';
  const { venue, symbol } = instrument;
  // BTC-USD-SWAP, BTC-USD-241227: OKX's contracts in dollars are margined in the coin.
  const isInverse = venue === 'binance-coinm' || (venue === 'okx' && /-USD-/.test(symbol));
  if (isInverse) return `Inverse contracts (${venue}) can be watched, not traded`;
  return '';
}

/** An instrument as pages see it: with {@link InstrumentSpec.watchOnly} where there is a reason. */
export function withWatchOnly(instrument: InstrumentSpec): InstrumentSpec {
  const watchOnly = watchOnlyReason(instrument);
  return watchOnly === '' ? instrument : { ...instrument, watchOnly };
}
