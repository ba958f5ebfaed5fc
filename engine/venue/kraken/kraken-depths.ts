/** Levels a side that the venue offers. */
export const krakenDepths = [10, 25, 100, 500, 1000] as const;
export type KrakenDepth = (typeof krakenDepths)[number];
