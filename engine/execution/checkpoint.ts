import { AlertLevel } from '../contract/record.ts';
import type { AlertView, FillView } from '../contract/trading-messages.ts';
import { Side } from '../contract/units.ts';
import {
  type Checkpoint,
  type CheckpointAlert,
  CheckpointError,
  type CheckpointFill,
  type CheckpointInstrument,
  type CheckpointOrder,
  encodeCheckpoint,
  type InstrumentKey,
  type PositionFields,
} from './checkpoint-format.ts';
import type { Order } from './order.ts';
import { MAX_LIVE_ORDERS } from './order-table.ts';
import { Position } from './position.ts';
import { isSameInstrument, type RestoredInstruments } from './restored-instruments.ts';
import type { TradingState } from './trading-state.ts';
import { sideName } from './trading-views.ts';

/** What a checkpoint keeps for the screen and for late reports; more of it only makes the checkpoint longer. */
export const CHECKPOINT_FINISHED_ORDERS = 500;
export const CHECKPOINT_FILLS = 500;
export const CHECKPOINT_ALERTS = 100;
/** Longest text by default: what one journal record takes, with room to spare. */
export const MAX_CHECKPOINT_BYTES = 3_500_000;

/**
 * The part of the account that an older session left in instruments that are not traded now. Nothing happens to it in
 * this session; it is handed on from checkpoint to checkpoint for a session that trades them again.
 */
export interface DormantAccount {
  instruments: CheckpointInstrument[];
  /** Day that the instruments' dayBaseline belongs to. */
  day: number;
  liveOrders: CheckpointOrder[];
  finishedOrders: CheckpointOrder[];
  fills: CheckpointFill[];
}

export function emptyDormantAccount(): DormantAccount {
  return { instruments: [], day: Number.NaN, liveOrders: [], finishedOrders: [], fills: [] };
}

export interface CheckpointSource {
  state: TradingState;
  instruments: RestoredInstruments;
  dormant: DormantAccount;
  killState: number;
  lastOrderNumber: number;
}

/**
 * Text of a checkpoint. Where it would be longer than `maxBytes`, less is kept for the screen.
 * @throws RangeError when the live orders and positions alone are longer.
 */
export function writeCheckpoint(source: CheckpointSource, maxBytes: number): string {
  const checkpoint = collect(source);
  for (let share = 1; ; share /= 4) {
    const text = encodeCheckpoint({
      ...checkpoint,
      finishedOrders: newest(checkpoint.finishedOrders, CHECKPOINT_FINISHED_ORDERS * share),
      fills: newest(checkpoint.fills, CHECKPOINT_FILLS * share),
      alerts: newest(checkpoint.alerts, CHECKPOINT_ALERTS * share),
    });
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (text.length * 3 <= maxBytes) return text;
    const bytes = Buffer.byteLength(text);
    if (bytes <= maxBytes) return text;
    if (share < 0.001) throw new RangeError(`Checkpoint: expected at most ${maxBytes} bytes, was ${bytes}`);
  }
}

/** Takes the extra instruments and all that belongs to them out of the state: the end of a recovery. */
export function takeDormantAccount(state: TradingState): DormantAccount {
  const count = state.instruments.length;
  const dormant = emptyDormantAccount();
  if (state.extraInstruments.length === 0) return dormant;
  const isDormant = (of: { instrument: number }): boolean => of.instrument >= count;
  const move = <T extends { instrument: number }>(row: T): T => ({ ...row, instrument: row.instrument - count });
  dormant.day = state.day;
  dormant.instruments = state.extraInstruments.map((key, i) => instrumentRow(state, key, count + i, -1));
  dormant.liveOrders = state.orders.live.filter(isDormant).map((order) => move(orderRow(order)));
  dormant.finishedOrders = state.orders
    .finished()
    .filter(isDormant)
    .map((order) => move(orderRow(order)));
  dormant.fills = state.fills
    .toArray()
    .filter(isDormant)
    .map((fill) => move(fillRow(fill)));
  state.orders.remove(isDormant);
  state.fills.filter((fill) => !isDormant(fill));
  state.dropExtraInstruments();
  return dormant;
}

/**
 * An instrument is traded again within the session: what an older one left in it becomes part of the account, its open
 * orders as unknown. Returns what stays dormant.
 */
export function wakeDormantAccount(dormant: DormantAccount, state: TradingState, instrument: number): DormantAccount {
  const spec = state.instruments[instrument] as InstrumentKey;
  const row = dormant.instruments.findIndex((other) => isSameInstrument(other, spec));
  const found = dormant.instruments[row];
  if (found === undefined) return dormant;
  const position = state.positions[instrument] as Position;
  setPosition(position, found.position);
  setPosition(state.strategyPositions[instrument] as Position, found.strategyPosition);
  const isSameDay = dormant.day === state.day;
  state.restoreDay(state.day, instrument, isSameDay ? found.dayBaseline : position.netPnl(0));
  const isWoken = (of: { instrument: number }): boolean => of.instrument === row;
  const indexes: number[] = [];
  indexes[row] = instrument;
  for (const order of dormant.finishedOrders.filter(isWoken)) restoreOrder(state, order, indexes);
  for (const order of dormant.liveOrders.filter(isWoken)) restoreOrder(state, order, indexes);
  state.orders.sortLive();
  for (const order of state.orders.live) {
    if (order.instrument === instrument) state.orders.becameUnknown(order, state.timeUs(state.nowNs));
  }
  const fills = state.fills.toArray();
  for (const fill of dormant.fills.filter(isWoken)) fills.push({ ...fill, instrument, side: sideName(fill.side) });
  state.fills.clear();
  for (const fill of fills.sort((a, b) => a.sequence - b.sequence)) state.fills.push(fill);
  const rest = <T extends { instrument: number }>(rows: readonly T[]): T[] =>
    rows
      .filter((of) => !isWoken(of))
      .map((of) => ({ ...of, instrument: of.instrument > row ? of.instrument - 1 : of.instrument }));
  return {
    instruments: dormant.instruments.toSpliced(row, 1),
    day: dormant.day,
    liveOrders: rest(dormant.liveOrders),
    finishedOrders: rest(dormant.finishedOrders),
    fills: rest(dormant.fills),
  };
}

/**
 * Puts a checkpoint into a state that is being restored, in place of what it held.
 * @throws CheckpointError before anything has changed.
 */
export function applyCheckpoint(checkpoint: Checkpoint, state: TradingState, instruments: RestoredInstruments): void {
  if (checkpoint.liveOrders.length > MAX_LIVE_ORDERS) {
    throw new CheckpointError(`liveOrders: expected at most ${MAX_LIVE_ORDERS}, was ${checkpoint.liveOrders.length}`);
  }
  for (const { tickSize, lotSize } of checkpoint.instruments) {
    if (!(Number(tickSize) > 0 && Number(lotSize) > 0)) {
      throw new CheckpointError(`instruments: expected tick and lot sizes above 0, was ${tickSize} and ${lotSize}`);
    }
  }
  state.forgetAccount();
  state.alerts.clear();
  instruments.onSessionStart();
  state.originUs = checkpoint.originUs;
  const day = checkpoint.day < 0 ? Number.NaN : checkpoint.day;
  const indexes = checkpoint.instruments.map((row) => {
    const index = instruments.adopt(keyOf(row));
    if (row.index >= 0) instruments.name(row.index, index);
    setPosition(state.positions[index] as Position, row.position);
    setPosition(state.strategyPositions[index] as Position, row.strategyPosition);
    state.restoreDay(day, index, row.dayBaseline);
    return index;
  });
  for (const row of checkpoint.finishedOrders) restoreOrder(state, row, indexes);
  for (const row of checkpoint.liveOrders) restoreOrder(state, row, indexes);
  for (const row of checkpoint.fills) {
    const instrument = indexes[row.instrument] as number;
    state.fills.push({ ...row, instrument, side: sideName(row.side) });
  }
  for (const row of checkpoint.alerts) state.alerts.push({ ...row, level: levelNames[row.level] });
}

function collect(source: CheckpointSource): Checkpoint {
  const { state, instruments, dormant } = source;
  const keys = [...state.instruments.map(keyOf), ...state.extraInstruments];
  const shift = keys.length;
  const move = <T extends { instrument: number }>(row: T): T => ({ ...row, instrument: row.instrument + shift });
  const liveOrders = [...dormant.liveOrders.map(move), ...state.orders.live.map(orderRow)];
  const fills = [...dormant.fills.map(move), ...newest(state.fills.toArray(), CHECKPOINT_FILLS).map(fillRow)];
  if (dormant.liveOrders.length > 0) liveOrders.sort((a, b) => a.orderNumber - b.orderNumber);
  if (dormant.fills.length > 0) fills.sort((a, b) => a.sequence - b.sequence);
  return {
    originUs: state.originUs,
    day: Number.isNaN(state.day) ? -1 : state.day,
    killState: source.killState,
    lastOrderNumber: source.lastOrderNumber,
    instruments: [
      ...keys.map((key, i) => instrumentRow(state, key, i, instruments.indexThen(i))),
      ...dormant.instruments.map((row) => (dormant.day === state.day ? row : withDayBegunNow(row))),
    ],
    liveOrders,
    finishedOrders: [
      ...dormant.finishedOrders.map(move),
      ...newest(state.orders.finished(), CHECKPOINT_FINISHED_ORDERS).map(orderRow),
    ],
    fills,
    alerts: newest(state.alerts.toArray(), CHECKPOINT_ALERTS).map(alertRow),
  };
}

/** A day that began while nothing happened to the instrument, and without a market. */
function withDayBegunNow(row: CheckpointInstrument): CheckpointInstrument {
  const position = new Position(row);
  setPosition(position, row.position);
  return { ...row, dayBaseline: position.netPnl(0) };
}

function newest<T>(rows: readonly T[], count: number): T[] {
  return rows.slice(Math.max(0, rows.length - Math.floor(count)));
}

function keyOf({ venue, symbol, tickSize, lotSize }: InstrumentKey): InstrumentKey {
  return { venue, symbol, tickSize, lotSize };
}

function instrumentRow(state: TradingState, key: InstrumentKey, at: number, index: number): CheckpointInstrument {
  return {
    ...key,
    index,
    position: positionFields(state.positions[at] as Position),
    strategyPosition: positionFields(state.strategyPositions[at] as Position),
    dayBaseline: state.dayBaseline(at),
  };
}

function positionFields(position: Position): PositionFields {
  const { positionLots, cashTickLots, openCostTickLots, fees, boughtLots, soldLots } = position;
  return { positionLots, cashTickLots, openCostTickLots, fees, boughtLots, soldLots };
}

function setPosition(position: Position, fields: PositionFields): void {
  position.positionLots = fields.positionLots;
  position.cashTickLots = fields.cashTickLots;
  position.openCostTickLots = fields.openCostTickLots;
  position.fees = fields.fees;
  position.boughtLots = fields.boughtLots;
  position.soldLots = fields.soldLots;
}

function orderRow(order: Order): CheckpointOrder {
  const { orderNumber, instrument, side, priceTicks, sizeLots, filledLots, status, source } = order;
  const { postOnly, immediateOrCancel, reduceOnly, cancelWanted, cancelSent, venueOrderId } = order;
  const { createdUs, updatedUs, adoptedClientId, reason } = order;
  return {
    orderNumber,
    instrument,
    side,
    priceTicks,
    sizeLots,
    filledLots,
    status,
    source,
    postOnly,
    immediateOrCancel,
    reduceOnly,
    cancelWanted,
    cancelSent,
    venueOrderId,
    createdUs,
    updatedUs,
    adoptedClientId,
    reason,
    tradeIds: [...order.tradeIds],
  };
}

function restoreOrder(state: TradingState, row: CheckpointOrder, indexes: readonly number[]): void {
  state.orders.restore({ ...row, instrument: indexes[row.instrument] as number }, (order) => {
    order.filledLots = row.filledLots;
    order.status = row.status;
    order.cancelWanted = row.cancelWanted;
    order.cancelSent = row.cancelSent;
    order.venueOrderId = row.venueOrderId;
    order.createdUs = row.createdUs;
    order.updatedUs = row.updatedUs;
    order.adoptedClientId = row.adoptedClientId;
    order.reason = row.reason;
    for (const id of row.tradeIds) order.tradeIds.push(id);
  });
}

function fillRow(fill: FillView): CheckpointFill {
  return { ...fill, side: fill.side === 'buy' ? Side.buy : Side.sell };
}

const levelNames = ['info', 'warning', 'critical'] as const;

function alertRow(alert: AlertView): CheckpointAlert {
  return { ...alert, level: AlertLevel[alert.level] };
}
