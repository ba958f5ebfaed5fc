/** Candles are kept in these lengths, each a multiple of the one before it; other lengths are joined from them. */
export const CANDLE_RESOLUTIONS = [
  { table: 'candles_1s', seconds: 1 },
  { table: 'candles_5s', seconds: 5 },
  { table: 'candles_1m', seconds: 60 },
  { table: 'candles_1h', seconds: 3600 },
] as const;
export type CandleResolution = (typeof CANDLE_RESOLUTIONS)[number];
export type CandleTable = CandleResolution['table'];

/** The coarsest resolution that whole candles of `intervalSeconds` can be joined from. */
export function resolutionFor(intervalSeconds: number): CandleResolution {
  return CANDLE_RESOLUTIONS.findLast(({ seconds }) => intervalSeconds % seconds === 0) ?? CANDLE_RESOLUTIONS[0];
}
