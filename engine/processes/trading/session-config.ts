import type { TradingConfig } from '../../contract/process.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { checkParameters } from '../../contract/strategy-parameters.ts';
import { checkRails } from '../../risk/check-rails.ts';
import { strategySchema } from '../../strategy/registry.ts';
import { UnusableInputError } from './errors.ts';
import { watchOnlyReason } from './watch-only.ts';

/**
 * The configuration as a session can use it, checked before anything is opened: what the step refuses there would
 * otherwise end the process at every start. Saved strategy parameters that are no longer known give way to the
 * defaults, unless the strategy is to start by itself.
 * @throws UnusableInputError naming field and value.
 */
export function checkedConfig(config: TradingConfig): TradingConfig {
  const { strategy } = config;
  try {
    const rails = checkRails(config.rails);
    if (strategy.name === 'none') return { ...config, rails };
    const parameters = checkedParameters(strategy);
    return { ...config, rails, strategy: { ...strategy, parameters } };
  } catch (error) {
    if (error instanceof RangeError) throw new UnusableInputError(error.message);
    throw error;
  }
}

function checkedParameters(strategy: TradingConfig['strategy']): TradingConfig['strategy']['parameters'] {
  const schema = strategySchema(strategy.name);
  try {
    return checkParameters(schema, strategy.parameters);
  } catch (error) {
    if (strategy.autoStart) throw error;
    console.warn(`strategy ${strategy.name}: using its defaults, ${(error as Error).message}`);
    return checkParameters(schema, {});
  }
}

/**
 * @param tradesOnly as of {@link watchOnlyReason}.
 * @throws UnusableInputError when the strategy is to start with an instrument that is only watched.
 */
export function checkTraded(
  { strategy }: TradingConfig,
  instruments: readonly InstrumentSpec[],
  tradesOnly: string,
): void {
  if (strategy.name === 'none' || !strategy.autoStart) return;
  const reason = watchOnlyReason(instruments[chosenInstrument(instruments, strategy.symbol)], tradesOnly);
  if (reason !== '') throw new UnusableInputError(`strategy: expected none, was ${strategy.name} (${reason})`);
}

/** Index of the configured symbol, else of the first. */
export function chosenInstrument(instruments: readonly InstrumentSpec[], symbol: string | undefined): number {
  return Math.max(
    0,
    instruments.findIndex((instrument) => instrument.symbol === symbol),
  );
}
