import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import { QUOTE, skipScalar } from '../scan-values.ts';
import { readLevels } from './level-scanner.ts';
import type { MarketMessage } from './market-message.ts';
import { PartType, type ShapeDraft } from './message-shape.ts';
import type { PayloadBytes } from './payload-bytes.ts';

/**
 * The parts of a message that change, read from `at` and noted in the draft of its shape. Each gives the position behind
 * the part, or -1 for the slow path.
 */
export function scanInteger(
  payload: PayloadBytes,
  at: number,
  values: Float64Array,
  index: number,
  draft: ShapeDraft,
): number {
  const end = payload.readInteger(at, values, index);
  draft.add(PartType.integer, at, end, index);
  return end;
}

/** The message's instrument must be known. */
export function scanPrice(
  payload: PayloadBytes,
  at: number,
  table: InstrumentTable,
  m: MarketMessage,
  index: number,
  draft: ShapeDraft,
): number {
  if (m.instrument < 0) return -1;
  const end = payload.readSteps(at, table.priceScales[m.instrument] as StepScale, m.values, index);
  draft.add(PartType.price, at, end, index);
  return end;
}

/** The message's instrument must be known. */
export function scanSize(
  payload: PayloadBytes,
  at: number,
  table: InstrumentTable,
  m: MarketMessage,
  index: number,
  draft: ShapeDraft,
): number {
  if (m.instrument < 0) return -1;
  const end = payload.readSteps(at, table.sizeScales[m.instrument] as StepScale, m.values, index);
  draft.add(PartType.size, at, end, index);
  return end;
}

export function scanLevels(
  payload: PayloadBytes,
  at: number,
  table: InstrumentTable,
  m: MarketMessage,
  bids: boolean,
  draft: ShapeDraft,
): number {
  const end = readLevels(payload, at, table, m, bids);
  draft.add(bids ? PartType.bids : PartType.asks, at, end);
  return end;
}

/** A value that nobody reads. A text is taken for a part of the shape: those there are name things, and stay. */
export function scanUnread(payload: PayloadBytes, at: number, draft: ShapeDraft): number {
  const end = skipScalar(payload.bytes, at);
  if (payload.bytes[at] !== QUOTE) draft.add(PartType.unread, at, end);
  return end;
}
