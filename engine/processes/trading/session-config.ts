import type { TradingConfig } from '../../contract/process.ts';
import { checkParameters } from '../../contract/strategy-parameters.ts';
import { checkRails } from '../../risk/check-rails.ts';
import { strategySchema } from '../../strategy/registry.ts';
import { UnusableInputError } from './errors.ts';

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
    const isInverse = config.source.kind === 'replay' && config.source.protocol === 'binance-coinm';
    if (isInverse && strategy.autoStart) {
      throw new RangeError('strategy: expected none with binance-coinm (inverse contracts can only be watched)');
    }
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
