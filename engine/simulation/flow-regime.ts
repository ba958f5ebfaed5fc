/** How the market behaves for a while. Rates are per second, distances in ticks. */
export interface FlowRegime {
  name: 'quiet' | 'trend' | 'burst' | 'thin';
  limitRate: number;
  /** Base rate of market orders; self-excitation comes on top. */
  takerRate: number;
  /** Further market orders that one market order causes on average; below 1. */
  branching: number;
  /** Diffusion of the fair price, ticks per square root of a second. */
  volatility: number;
  /** Strength of the drift, ticks per second; its direction is drawn when the regime begins. */
  drift: number;
  /** Ticks per second that the fair price moves at a pressure of 1. */
  pull: number;
  /** Ticks that the fair price may run ahead of the quotes. */
  lead: number;
  /** Half of the spread that makers ask for. */
  halfSpread: number;
  /** Fraction of the usual number of resting orders. */
  depth: number;
  /** Factor on the size of market orders. */
  takerSize: number;
  /** Ticks that a market order may walk. */
  maxWalk: number;
  meanSeconds: number;
}

export const QUIET: FlowRegime = {
  name: 'quiet',
  limitRate: 22,
  takerRate: 3.6,
  branching: 0.55,
  volatility: 4,
  drift: 0,
  pull: 12,
  lead: 3,
  halfSpread: 0.4,
  depth: 1,
  takerSize: 1.3,
  maxWalk: 3,
  meanSeconds: 8,
};
export const TREND: FlowRegime = {
  ...QUIET,
  name: 'trend',
  limitRate: 45,
  takerRate: 5,
  branching: 0.6,
  volatility: 4,
  drift: 4,
  pull: 8,
  lead: 3,
  takerSize: 1.5,
  maxWalk: 6,
  meanSeconds: 7,
};
export const BURST: FlowRegime = {
  ...QUIET,
  name: 'burst',
  limitRate: 170,
  takerRate: 24,
  branching: 0.65,
  volatility: 7,
  drift: 8,
  pull: 12,
  lead: 4,
  halfSpread: 0.7,
  takerSize: 1.5,
  maxWalk: 20,
  meanSeconds: 2.5,
};
export const THIN: FlowRegime = {
  ...QUIET,
  name: 'thin',
  limitRate: 14,
  takerRate: 2.2,
  branching: 0.5,
  volatility: 4,
  pull: 8,
  halfSpread: 1.4,
  depth: 0.35,
  maxWalk: 8,
  lead: 4,
  takerSize: 1.2,
  meanSeconds: 6,
};

/** Where a regime leads to: cumulative probabilities. Quiet is where everything comes back to. */
export function nextRegime(current: FlowRegime, random: number): FlowRegime {
  if (current !== QUIET && random < 0.6) return QUIET;
  const rest = current === QUIET ? random : (random - 0.6) / 0.4;
  return rest < 0.45 ? TREND : rest < 0.75 ? BURST : THIN;
}
