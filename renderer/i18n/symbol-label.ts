import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { venueName } from './venue-name.ts';

/** A symbol for tables: with its venue where another venue of the session spells one the same way. */
export function symbolLabel(spec: InstrumentSpec | undefined, instruments: readonly InstrumentSpec[]): string {
  if (!spec) return '';
  const shared = instruments.some((other) => other && other.symbol === spec.symbol && other.venue !== spec.venue);
  return shared ? `${spec.symbol} · ${venueName(spec.venue)}` : spec.symbol;
}
