import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import { CLOSE_ARRAY, COMMA, OPEN_ARRAY } from '../scan-values.ts';
import type { MarketMessage } from './market-message.ts';
import type { PayloadBytes } from './payload-bytes.ts';

/**
 * The list of levels `[["price","size"], ...]` at `from`, most of what a depth message is, into the pairs of the message,
 * whose instrument must be known; the position behind it, or -1 for the slow path.
 */
export function readLevels(
  payload: PayloadBytes,
  from: number,
  table: InstrumentTable,
  m: MarketMessage,
  bids: boolean,
): number {
  const { bytes } = payload;
  const { instrument } = m;
  if (instrument < 0 || bytes[from] !== OPEN_ARRAY) return -1;
  const priceScale = table.priceScales[instrument] as StepScale;
  const sizeScale = table.sizeScales[instrument] as StepScale;
  let levels = bids ? m.bids : m.asks;
  let count = 0;
  let at = from + 1;
  if (bytes[at] === CLOSE_ARRAY) {
    at++;
  } else {
    let next = COMMA;
    while (next === COMMA) {
      if (count === levels.length) {
        if (!m.growLevels(bids)) return -1;
        levels = bids ? m.bids : m.asks;
      }
      if (bytes[at] !== OPEN_ARRAY) return -1;
      at = payload.readSteps(at + 1, priceScale, levels, count);
      if (at < 0 || bytes[at] !== COMMA) return -1;
      at = payload.readSteps(at + 1, sizeScale, levels, count + 1);
      if (at < 0 || bytes[at] !== CLOSE_ARRAY) return -1;
      count += 2;
      next = bytes[at + 1] as number;
      at += 2;
    }
    if (next !== CLOSE_ARRAY) return -1;
  }
  if (bids) m.bidCount = count >> 1;
  else m.askCount = count >> 1;
  return at;
}
