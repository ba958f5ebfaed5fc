import type { InstrumentSpec } from '../../contract/units.ts';

/**
 * Why no orders are taken for an instrument, one line for the user; empty where it is traded. The page shows it before
 * anyone presses, and the request handler refuses with the same words.
 * @param tradesOnly the one venue that takes the session's orders; '' where all are traded alike.
 */
export function watchOnlyReason(instrument: InstrumentSpec | undefined, tradesOnly: string): string {
  if (instrument === undefined) return '';
  const { venue, symbol } = instrument;
  // Of an inverse contract only market data is shown: its worth is not price times size, so PnL and rails would be wrong.
  // BTC-USD-SWAP, BTC-USD-241227: OKX's contracts in dollars are margined in the coin.
  const isInverse = venue === 'binance-coinm' || (venue === 'okx' && /-USD-/.test(symbol));
  if (isInverse) return `Inverse contracts (${venue}) can be watched, not traded`;
  // Sizes of OKX's other contracts count parts of a coin, not coins: `BTC-USDT-SWAP`.
  if (venue === 'okx' && symbol.split('-').length > 2) return 'Contracts of okx can be watched, not traded';
  if (tradesOnly !== '' && venue !== tradesOnly) return `This session sends its orders to ${tradesOnly} alone`;
  return '';
}

/** An instrument as pages see it: with {@link InstrumentSpec.watchOnly} where there is a reason. */
export function withWatchOnly(instrument: InstrumentSpec, tradesOnly: string): InstrumentSpec {
  const watchOnly = watchOnlyReason(instrument, tradesOnly);
  return watchOnly === '' ? instrument : { ...instrument, watchOnly };
}
