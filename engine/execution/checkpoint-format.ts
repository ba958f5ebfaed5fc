/**
 * Text of a `checkpoint` record: what recovery would rebuild from every record before it. Times are us since the epoch,
 * prices ticks, sizes lots. `instrument` in orders and fills is a row of `instruments`.
 */
import type { AlertLevel, OrderSource } from '../contract/record.ts';
import type { InstrumentSpec, Side } from '../contract/units.ts';
import type { OrderStatusCode } from './order.ts';

export const CHECKPOINT_VERSION = 1;

/** What makes an instrument the same one over sessions. */
export type InstrumentKey = Pick<InstrumentSpec, 'venue' | 'symbol' | 'tickSize' | 'lotSize'>;

/** The exact fields of a Position. */
export interface PositionFields {
  positionLots: number;
  cashTickLots: number;
  openCostTickLots: number;
  fees: number;
  boughtLots: number;
  soldLots: number;
}

export interface CheckpointInstrument extends InstrumentKey {
  /** Index in the records of the session that is under way; -1 when it does not trade this one or has named none. */
  index: number;
  position: PositionFields;
  strategyPosition: PositionFields;
  /** Net PnL at the begin of the day, quote units. */
  dayBaseline: number;
}

export interface CheckpointOrder {
  orderNumber: number;
  instrument: number;
  side: Side;
  priceTicks: number;
  sizeLots: number;
  filledLots: number;
  status: OrderStatusCode;
  source: OrderSource;
  postOnly: boolean;
  immediateOrCancel: boolean;
  reduceOnly: boolean;
  cancelWanted: boolean;
  cancelSent: boolean;
  venueOrderId: number;
  createdUs: number;
  updatedUs: number;
  adoptedClientId: string;
  reason: string;
  /** Venue trade ids counted already. */
  tradeIds: number[];
}

export interface CheckpointFill {
  sequence: number;
  orderNumber: number;
  venueTradeId: number;
  instrument: number;
  side: Side;
  priceTicks: number;
  sizeLots: number;
  fee: number;
  maker: boolean;
  timeUs: number;
}

export interface CheckpointAlert {
  sequence: number;
  level: AlertLevel;
  text: string;
  timeUs: number;
}

export interface Checkpoint {
  /** Wall clock of engine time 0 of the session that is under way. */
  originUs: number;
  /** Days since the epoch (UTC); -1 before the first event. */
  day: number;
  killState: number;
  /** 0 for none. */
  lastOrderNumber: number;
  instruments: CheckpointInstrument[];
  /** Oldest first. */
  liveOrders: CheckpointOrder[];
  /** In the order in which they ended. */
  finishedOrders: CheckpointOrder[];
  fills: CheckpointFill[];
  alerts: CheckpointAlert[];
}

/** A checkpoint that cannot be used; names the field and what it was. Nothing was restored. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** Rows rather than objects: hundreds of orders and fills go into every journal segment. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const { originUs, day, killState, lastOrderNumber } = checkpoint;
  return JSON.stringify({
    version: CHECKPOINT_VERSION,
    originUs,
    day,
    killState,
    lastOrderNumber,
    instruments: checkpoint.instruments.map((i) => [
      i.venue,
      i.symbol,
      i.tickSize,
      i.lotSize,
      i.index,
      positionRow(i.position),
      positionRow(i.strategyPosition),
      i.dayBaseline,
    ]),
    liveOrders: checkpoint.liveOrders.map(orderRow),
    finishedOrders: checkpoint.finishedOrders.map(orderRow),
    fills: checkpoint.fills.map((f) => [
      f.sequence,
      f.orderNumber,
      f.venueTradeId,
      f.instrument,
      f.side,
      f.priceTicks,
      f.sizeLots,
      f.fee,
      f.maker ? 1 : 0,
      f.timeUs,
    ]),
    alerts: checkpoint.alerts.map((a) => [a.sequence, a.level, a.text, a.timeUs]),
  });
}

/** Bits of an order row's flags. */
const Bit = { postOnly: 1, immediateOrCancel: 2, reduceOnly: 4, cancelWanted: 8, cancelSent: 16 } as const;

function orderRow(o: CheckpointOrder): unknown[] {
  const flags =
    (o.postOnly ? Bit.postOnly : 0) |
    (o.immediateOrCancel ? Bit.immediateOrCancel : 0) |
    (o.reduceOnly ? Bit.reduceOnly : 0) |
    (o.cancelWanted ? Bit.cancelWanted : 0) |
    (o.cancelSent ? Bit.cancelSent : 0);
  return [
    o.orderNumber,
    o.instrument,
    o.side,
    o.priceTicks,
    o.sizeLots,
    o.filledLots,
    o.status,
    o.source,
    flags,
    o.venueOrderId,
    o.createdUs,
    o.updatedUs,
    o.adoptedClientId,
    o.reason,
    o.tradeIds,
  ];
}

function positionRow(p: PositionFields): number[] {
  return [p.positionLots, p.cashTickLots, p.openCostTickLots, p.fees, p.boughtLots, p.soldLots];
}

/** @throws CheckpointError on text that is no checkpoint, is of a newer version or contradicts itself. */
export function decodeCheckpoint(text: string): Checkpoint {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CheckpointError(`Checkpoint: expected JSON, was not (${(error as Error).message})`);
  }
  if (typeof value !== 'object' || value === null) {
    throw new CheckpointError(`Checkpoint: expected an object, was ${show(value)}`);
  }
  const fields = value as Record<string, unknown>;
  if (fields['version'] !== CHECKPOINT_VERSION) {
    throw new CheckpointError(`version: expected ${CHECKPOINT_VERSION}, was ${show(fields['version'])}`);
  }
  const instruments = rows(fields, 'instruments').map(readInstrument);
  const count = instruments.length;
  const checkpoint: Checkpoint = {
    originUs: numberOf(fields['originUs'], 'originUs'),
    day: integerOf(fields['day'], 'day', -1),
    killState: integerOf(fields['killState'], 'killState', 0, 5),
    lastOrderNumber: integerOf(fields['lastOrderNumber'], 'lastOrderNumber'),
    instruments,
    liveOrders: rows(fields, 'liveOrders').map((row) => readOrder(row, count, 0, 4)),
    finishedOrders: rows(fields, 'finishedOrders').map((row) => readOrder(row, count, 5, 7)),
    fills: rows(fields, 'fills').map((row) => readFill(row, count)),
    alerts: rows(fields, 'alerts').map(readAlert),
  };
  const seen = new Set<number>();
  for (const { orderNumber } of [...checkpoint.liveOrders, ...checkpoint.finishedOrders]) {
    if (seen.has(orderNumber)) throw new CheckpointError(`orderNumber: expected each once, was twice ${orderNumber}`);
    seen.add(orderNumber);
  }
  return checkpoint;
}

/** A row read cell by cell, with errors that name the cell. */
class Row {
  readonly #cells: readonly unknown[];
  readonly #where: string;
  #next = 0;

  constructor(cells: readonly unknown[], where: string) {
    this.#cells = cells;
    this.#where = where;
  }

  number(name: string): number {
    return numberOf(this.#cells[this.#next++], this.#named(name));
  }
  integer(name: string, low = 0, high = Number.MAX_SAFE_INTEGER): number {
    return integerOf(this.#cells[this.#next++], this.#named(name), low, high);
  }
  text(name: string): string {
    const value = this.#cells[this.#next++];
    if (typeof value !== 'string') {
      throw new CheckpointError(`${this.#named(name)}: expected a string, was ${show(value)}`);
    }
    return value;
  }
  list(name: string): readonly unknown[] {
    return listOf(this.#cells[this.#next++], this.#named(name));
  }

  #named(name: string): string {
    return `${this.#where}.${name}`;
  }
}

function readInstrument(row: Row): CheckpointInstrument {
  return {
    venue: row.text('venue'),
    symbol: row.text('symbol'),
    tickSize: row.text('tickSize'),
    lotSize: row.text('lotSize'),
    index: row.integer('index', -1, 65_535),
    position: readPosition(new Row(row.list('position'), 'position')),
    strategyPosition: readPosition(new Row(row.list('strategyPosition'), 'strategyPosition')),
    dayBaseline: row.number('dayBaseline'),
  };
}

function readPosition(row: Row): PositionFields {
  return {
    positionLots: row.number('positionLots'),
    cashTickLots: row.number('cashTickLots'),
    openCostTickLots: row.number('openCostTickLots'),
    fees: row.number('fees'),
    boughtLots: row.number('boughtLots'),
    soldLots: row.number('soldLots'),
  };
}

function readOrder(row: Row, instruments: number, lowStatus: number, highStatus: number): CheckpointOrder {
  const orderNumber = row.integer('orderNumber');
  const instrument = row.integer('instrument', 0, instruments - 1);
  const side = row.integer('side', 0, 2) as Side;
  const priceTicks = row.number('priceTicks');
  const sizeLots = row.number('sizeLots');
  const filledLots = row.number('filledLots');
  const status = row.integer('status', lowStatus, highStatus) as OrderStatusCode;
  const source = row.integer('source', 0, 3) as OrderSource;
  const flags = row.integer('flags', 0, 31);
  return {
    orderNumber,
    instrument,
    side,
    priceTicks,
    sizeLots,
    filledLots,
    status,
    source,
    postOnly: (flags & Bit.postOnly) !== 0,
    immediateOrCancel: (flags & Bit.immediateOrCancel) !== 0,
    reduceOnly: (flags & Bit.reduceOnly) !== 0,
    cancelWanted: (flags & Bit.cancelWanted) !== 0,
    cancelSent: (flags & Bit.cancelSent) !== 0,
    venueOrderId: row.number('venueOrderId'),
    createdUs: row.number('createdUs'),
    updatedUs: row.number('updatedUs'),
    adoptedClientId: row.text('adoptedClientId'),
    reason: row.text('reason'),
    tradeIds: row.list('tradeIds').map((id) => numberOf(id, 'tradeIds')),
  };
}

function readFill(row: Row, instruments: number): CheckpointFill {
  return {
    sequence: row.integer('sequence'),
    orderNumber: row.number('orderNumber'),
    venueTradeId: row.number('venueTradeId'),
    instrument: row.integer('instrument', 0, instruments - 1),
    side: row.integer('side', 1, 2) as Side,
    priceTicks: row.number('priceTicks'),
    sizeLots: row.number('sizeLots'),
    fee: row.number('fee'),
    maker: row.integer('maker', 0, 1) === 1,
    timeUs: row.number('timeUs'),
  };
}

function readAlert(row: Row): CheckpointAlert {
  return {
    sequence: row.integer('sequence'),
    level: row.integer('level', 0, 2) as AlertLevel,
    text: row.text('text'),
    timeUs: row.number('timeUs'),
  };
}

function rows(fields: Record<string, unknown>, name: string): Row[] {
  return listOf(fields[name], name).map((cells, i) => new Row(listOf(cells, `${name}[${i}]`), `${name}[${i}]`));
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new CheckpointError(`${name}: expected a list, was ${show(value)}`);
  return value;
}

function numberOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new CheckpointError(`${name}: expected a number, was ${show(value)}`);
  }
  return value;
}

function integerOf(value: unknown, name: string, low = 0, high = Number.MAX_SAFE_INTEGER): number {
  const number = numberOf(value, name);
  if (!Number.isInteger(number) || number < low || number > high) {
    throw new CheckpointError(`${name}: expected a whole number of ${low} to ${high}, was ${number}`);
  }
  return number;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80);
}
