/**
 * Payload of a `market` frame: the newest state of one instrument, all numbers f64 little-endian after the frame
 * header. Sections have fixed headers and counted rows, so that both ends use plain typed arrays.
 *
 *  [0..HEADER)            see MarketField
 *  bids  x {priceTicks, sizeLots}        best first
 *  asks  x {priceTicks, sizeLots}        best first
 *  trades x {timeUs, priceTicks, sizeLots, id, side}              oldest first, since the last frame
 *  candles x {openTimeS, open, high, low, close, volumeLots, buyVolumeLots}   1 s, ticks; changed since the last frame
 *  working x {orderNumber, side, priceTicks, remainingLots, queueAheadLots (-1 unknown), statusCode}
 */
import { FRAME_HEADER_BYTES, FrameKind, MAX_FRAME_BYTES, writeFrameHeader } from './frame.ts';

export const MarketField = {
  instrument: 0,
  bookState: 1,
  /** Venue time of the newest event, us since the epoch. */
  exchangeTimeUs: 2,
  /** Engine time of the newest market event in this frame, ns: tick-to-paint starts here. */
  sourceTimeNs: 3,
  /** Market events folded into this frame. */
  conflatedEvents: 4,
  /** Trades that did not fit the ring since the last frame. */
  droppedTrades: 5,
  lastPriceTicks: 6,
  lastSizeLots: 7,
  /** Side of the last trade's aggressor. */
  lastSide: 8,
  positionLots: 9,
  /** Average entry price in ticks (fractional), 0 when flat. */
  averagePriceTicks: 10,
  /** Quote units. */
  realizedPnl: 11,
  unrealizedPnl: 12,
  fees: 13,
  /** Wall clock of engine time 0, us since the epoch (replay: the recording's own clock). */
  originUs: 14,
  bidCount: 15,
  askCount: 16,
  tradeCount: 17,
  candleCount: 18,
  workingCount: 19,
  /** Total levels known in the book (the frame carries only the nearest). */
  bidLevels: 20,
  askLevels: 21,
} as const;
export const MARKET_HEADER_FIELDS = 24;
export const LEVEL_FIELDS = 2;
export const TRADE_FIELDS = 5;
export const CANDLE_FIELDS = 7;
export const WORKING_FIELDS = 6;

export const MAX_FRAME_LEVELS = 400;
export const MAX_FRAME_TRADES = 512;
export const MAX_FRAME_CANDLES = 64;
export const MAX_FRAME_WORKING = 64;

/** One reusable buffer to build market frames in; the body is a Float64Array right behind the header. */
export class MarketFrameWriter {
  readonly #buffer = new ArrayBuffer(MAX_FRAME_BYTES);
  readonly #view = new DataView(this.#buffer);
  /** Body; write MarketField entries and rows here. Header is 24 bytes, so the body is 8-byte aligned. */
  readonly body = new Float64Array(this.#buffer, FRAME_HEADER_BYTES, (MAX_FRAME_BYTES - FRAME_HEADER_BYTES) >> 3);

  /** Finished frame over the first `fields` numbers of the body. Valid until the next write. */
  finish(sequence: number, timeNs: number, fields: number): Uint8Array {
    const payloadBytes = fields * 8;
    writeFrameHeader(this.#view, FrameKind.market, sequence, timeNs, payloadBytes);
    return new Uint8Array(this.#buffer, 0, FRAME_HEADER_BYTES + payloadBytes);
  }
}

/** Row offsets of a received body, in f64 fields. */
export interface MarketFrameLayout {
  bids: number;
  asks: number;
  trades: number;
  candles: number;
  working: number;
  end: number;
}

export function marketFrameLayout(body: Float64Array): MarketFrameLayout {
  const bids = MARKET_HEADER_FIELDS;
  const asks = bids + (body[MarketField.bidCount] as number) * LEVEL_FIELDS;
  const trades = asks + (body[MarketField.askCount] as number) * LEVEL_FIELDS;
  const candles = trades + (body[MarketField.tradeCount] as number) * TRADE_FIELDS;
  const working = candles + (body[MarketField.candleCount] as number) * CANDLE_FIELDS;
  const end = working + (body[MarketField.workingCount] as number) * WORKING_FIELDS;
  if (end > body.length) throw new RangeError(`Expected at least ${end} fields in a market frame, was ${body.length}`);
  return { bids, asks, trades, candles, working, end };
}

/** Body of a received frame; copies only when the carrier's bytes are not 8-byte aligned. */
export function marketFrameBody(frame: Uint8Array): Float64Array {
  const at = frame.byteOffset + FRAME_HEADER_BYTES;
  const fields = (frame.byteLength - FRAME_HEADER_BYTES) >> 3;
  if (at % 8 === 0) return new Float64Array(frame.buffer as ArrayBuffer, at, fields);
  return new Float64Array(frame.slice(FRAME_HEADER_BYTES).buffer, 0, fields);
}
