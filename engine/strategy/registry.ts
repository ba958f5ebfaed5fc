import type { StrategySchema } from '../contract/strategy-parameters.ts';
import { ImbalanceScalper, imbalanceScalperSchema } from './imbalance-scalper.ts';
import type { Strategy } from './strategy.ts';

/** Schemas of every built-in strategy, for the strategy panel. */
export const strategySchemas: readonly StrategySchema[] = [imbalanceScalperSchema];

/** @throws RangeError when there is no such strategy. */
export function strategySchema(name: string): StrategySchema {
  const schema = strategySchemas.find((s) => s.name === name);
  if (schema === undefined) {
    throw new RangeError(`Expected one of ${strategySchemas.map((s) => s.name).join(', ')}, was "${name}"`);
  }
  return schema;
}

/** A fresh instance; give it parameters before use. @throws RangeError when there is no such strategy. */
export function createStrategy(name: string): Strategy {
  strategySchema(name);
  return new ImbalanceScalper();
}
