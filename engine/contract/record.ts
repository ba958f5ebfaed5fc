/**
 * The fixed binary record: one market event, intent, order event or decision.
 * The event slot that the trading step reads, the journal on disk and the storage tailer share this layout, so that
 * journalling is a copy of bytes and a replay feeds the step what it saw live.
 *
 * Little-endian, {@link RECORD_BYTES} bytes:
 *
 *   0 f64 sequence        journal sequence, from 1, no holes within a journal (over sessions and segments)
 *   8 f64 timeNs          engine time, ns since the session's origin (in a replay: the recording's local time)
 *  16 f64 exchangeTimeUs  venue time, us since the epoch; 0 where the venue gave none
 *  24 f64 priceTicks
 *  32 f64 sizeLots
 *  40 f64 id              update id, trade id, order number ... (see RecordKind)
 *  48 f64 aux             second id (see RecordKind)
 *  56 f64 value           a quantity that is neither price nor size: fee in quote units, limit that was broken ...
 *  64 u8  kind            RecordKind
 *  65 u8  side in bits 0-1, flags in bits 2-7 (RecordFlag)
 *  66 u16 instrument      index of the InstrumentSpec
 *  68 u32 crc             CRC-32 (IEEE) of bytes 0..67
 *
 * A record with flag `hasText` is followed at once by its text: `Text` records, each 56 payload bytes of UTF-8 at
 * offset 8, payload length in byte 65, number of chunks still to come in the u16 at 66. Their sequence counts too.
 */
export const RECORD_BYTES = 72;
export const RECORD_VERSION = 1;
export const TEXT_BYTES_PER_RECORD = 56;

export const RecordOffset = {
  sequence: 0,
  timeNs: 8,
  exchangeTimeUs: 16,
  priceTicks: 24,
  sizeLots: 32,
  id: 40,
  aux: 48,
  value: 56,
  kind: 64,
  sideAndFlags: 65,
  instrument: 66,
  crc: 68,
  text: 8,
} as const;

/** Flags live in bits 2..7 of byte 65; the constants are already shifted. */
export const RecordFlag = {
  /** Text records follow. */
  hasText: 1 << 2,
  /** Made by the step itself (a consequence, not an input): skipped when a journal is replayed into the step. */
  derived: 1 << 3,
  /** Level: part of a snapshot. Fill: we were the maker. */
  snapshotOrMaker: 1 << 4,
  /** Order: post-only (`LIMIT_MAKER`). */
  postOnly: 1 << 5,
  /** Order: immediate-or-cancel. */
  immediateOrCancel: 1 << 6,
  /** Order: may only reduce the position. */
  reduceOnly: 1 << 7,
} as const;

/** What a record says. Numbers are on disk: never renumber, only add. */
export const RecordKind = {
  /** Text chunk of the record before it. */
  text: 1,
  /** id = session number (1, 2, ...), value = wall-clock origin in us since the epoch; text = JSON of the session. */
  sessionStart: 2,
  /** Clean end of a session. */
  sessionEnd: 3,
  /** text = JSON of the InstrumentSpec. */
  instrument: 4,
  /**
   * What recovery would rebuild from all records before: it starts at the newest one instead of at the first record.
   * Flag derived; id = checkpoint format version; text = JSON (engine/execution/checkpoint-format.ts).
   */
  checkpoint: 5,

  /** id = lastUpdateId; levels follow (flag snapshotOrMaker), then snapshotEnd. */
  snapshotBegin: 10,
  /** Absolute size at a price; sizeLots 0 removes. */
  level: 11,
  /** As snapshotBegin; value = the id by which tickers count (see quote), where that is another one. */
  snapshotEnd: 12,
  /** id = first update id (U), aux = last update id (u); levels follow, then diffEnd. */
  diffBegin: 13,
  /** As diffBegin; value as in snapshotEnd. */
  diffEnd: 14,
  /** id = trade id, side = aggressor (taker). */
  trade: 15,
  /**
   * Best bid (side buy) or best ask (side sell) as the venue's ticker says; id = update id; aux = 1 where the updates of
   * the book count by the same ids, so that the one can be held against the other.
   */
  quote: 16,
  /** id = new BookState, aux = old one; text = reason. */
  bookState: 17,
  /** The book as it was: text = JSON `{bids, asks}` of `[priceTicks, sizeLots]`, best first. Flag derived. */
  bookTop: 18,

  /** The clock moved: drives timers of strategy, paper execution, kill switch. */
  timer: 20,

  /** Intents: side, priceTicks, sizeLots, order flags; id = request id of the sender; aux = OrderSource. */
  intentPlace: 30,
  /** id = order number. */
  intentCancel: 31,
  /** Cancel every working order of the instrument. */
  intentCancelAll: 32,
  /** Kill switch pressed. */
  intentKill: 33,
  /** Kill switch released by hand after it has ended. */
  intentKillReset: 34,
  /** id = StrategyCommand; text = JSON parameters for `start` and `parameters`, why for a `stop` that is not by hand. */
  intentStrategy: 35,
  /** text = JSON of RiskRails. */
  intentRails: 36,

  /** Decision to send; journalled before the bytes leave. id = order number, aux = OrderSource, value = decision time ns. */
  orderSubmitted: 40,
  /** id = order number, aux = venue order id. */
  orderAccepted: 41,
  /** id = order number, aux = venue trade id, value = fee in quote units, flag snapshotOrMaker = we made. */
  orderFill: 42,
  /** id = order number, sizeLots = size that was left. */
  orderCancelled: 43,
  /** id = order number; text = reason. Terminal: the venue never had it or refused it. */
  orderRejected: 44,
  /** id = order number. The answer was lost: look it up by client id before anything else is sent for it. */
  orderUnknown: 45,
  /** Refused by a rail before sending. id = request id, aux = RailCode, value = the limit; text = reason. */
  orderBlocked: 46,
  /** id = order number. */
  cancelSubmitted: 47,
  /** id = order number; text = reason. */
  cancelRejected: 48,
  /** An order of this account that this journal did not send. id = new order number, aux = venue order id; text = client id. */
  orderAdopted: 49,
  /** Answer to the question "which orders are open?": id = number of open orders at the venue, aux = 1 when answered, 0 when not. */
  openOrdersReport: 50,
  /** text = asset; value = free + locked balance in asset units. */
  balance: 51,
  /** Order entry connection: id = 1 up, 0 down. */
  orderEntryState: 52,

  /** id = KillState. */
  killState: 60,
  /** id = AlertLevel; text = message. */
  alert: 61,
  /** id = StrategyState; text = reason. */
  strategyState: 62,
  /** text = JSON StageSummaries of the session so far. Flag derived. */
  latencySummary: 63,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** State of a book. Only `live` lets strategies and one-click orders through. */
export const BookState = { connecting: 0, syncing: 1, live: 2, gap: 3, stale: 4, crossed: 5, checksum: 6 } as const;
export type BookState = (typeof BookState)[keyof typeof BookState];

export const OrderSource = { manual: 0, strategy: 1, killSwitch: 2, adopted: 3 } as const;
export type OrderSource = (typeof OrderSource)[keyof typeof OrderSource];

export const StrategyCommand = { start: 1, stop: 2, parameters: 3 } as const;
export type StrategyCommand = (typeof StrategyCommand)[keyof typeof StrategyCommand];

export const StrategyState = { stopped: 0, running: 1, halted: 2 } as const;
export type StrategyState = (typeof StrategyState)[keyof typeof StrategyState];

export const KillState = {
  idle: 0,
  cancelling: 1,
  closing: 2,
  confirming: 3,
  flatConfirmed: 4,
  /** Could not prove flatness: a standing alarm until reset by hand. */
  alarm: 5,
} as const;
export type KillState = (typeof KillState)[keyof typeof KillState];

export const AlertLevel = { info: 0, warning: 1, critical: 2 } as const;
export type AlertLevel = (typeof AlertLevel)[keyof typeof AlertLevel];

/** Rail that refused an order (`aux` of orderBlocked). */
export const RailCode = {
  bookNotLive: 1,
  maxOrderSize: 2,
  maxPosition: 3,
  maxOrderValue: 4,
  priceCollar: 5,
  orderRate: 6,
  dailyLoss: 7,
  killSwitch: 8,
  noReferencePrice: 9,
  minNotional: 10,
  notReducing: 11,
  orderEntryDown: 12,
  invalidOrder: 13,
  tooManyOpenOrders: 14,
} as const;
export type RailCode = (typeof RailCode)[keyof typeof RailCode];

/** Name of a numeric enum member, for logs and JSON: nameOf(BookState, 2) is `live`. */
export function nameOf<T extends Record<string, number>>(members: T, value: number): keyof T & string {
  for (const key in members) if (members[key] === value) return key;
  throw new RangeError(`Expected one of ${Object.keys(members).join(', ')}, was ${value}`);
}
