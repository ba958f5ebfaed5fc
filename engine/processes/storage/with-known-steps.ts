import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import type { KnownSteps } from '../../storage/import/import-source.ts';

/** Steps of what was imported before, where they are finer than what this file needs: then both are one series. */
export function withKnownSteps(spec: InstrumentSpec, known: KnownSteps): InstrumentSpec {
  const steps = known(spec.venue, spec.symbol);
  if (steps === undefined) return spec;
  const tickSize = finer(spec.tickSize, steps.tickSize);
  const lotSize = finer(spec.lotSize, steps.lotSize);
  return { ...spec, tickSize, lotSize, priceDecimals: decimalsOf(tickSize), sizeDecimals: decimalsOf(lotSize) };
}

/** The other step where every multiple of ours is one of its as well. */
function finer(own: string, other: string): string {
  const ratio = Number(own) / Number(other);
  return ratio > 1 && Math.abs(ratio - Math.round(ratio)) < 1e-9 ? other : own;
}
