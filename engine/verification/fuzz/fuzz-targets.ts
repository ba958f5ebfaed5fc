import { fileTargets } from './file-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { instrumentTargets } from './instrument-targets.ts';
import { marketTargets } from './market-targets.ts';
import { otherTargets } from './other-targets.ts';

/** Every parser of bytes that others made. */
export const fuzzTargets: readonly FuzzTarget[] = [
  ...marketTargets,
  ...instrumentTargets,
  ...otherTargets,
  ...fileTargets,
];

/** @throws RangeError naming the targets there are. */
export function fuzzTargetOf(name: string): FuzzTarget {
  const target = fuzzTargets.find((one) => one.name === name);
  if (target === undefined) {
    throw new RangeError(`Expected one of ${fuzzTargets.map((one) => one.name).join(', ')}, was "${name}"`);
  }
  return target;
}
