import { decimalsOf, type InstrumentSpec, toSteps } from '../../contract/units.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { type MarketMessage, MessageKind, toMicroseconds } from './market-message.ts';

type Json = Record<string, unknown>;

/**
 * The slow way to decode a payload: JSON.parse, then a check of every field with a reason in words. Used for whatever
 * the field scanner does not expect, so it also decides what a bad message is. Never throws.
 * @param snapshotInstrument index when the payload is a REST snapshot, else -1.
 */
export function decodeWithJson(
  bytes: Uint8Array,
  table: InstrumentTable,
  message: MarketMessage,
  snapshotInstrument: number,
): void {
  message.reset();
  message.instrument = snapshotInstrument;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (!isObject(parsed)) throw new RangeError(`Expected an object, was ${inWords(parsed)}`);
    if (snapshotInstrument >= 0) decodeSnapshot(parsed, table, message);
    else decodeEvent(parsed, table, message);
  } catch (error) {
    message.fail(error instanceof Error ? error.message : String(error));
  }
}

function decodeSnapshot(json: Json, table: InstrumentTable, message: MarketMessage): void {
  if (json['code'] !== undefined) throw new RangeError(`The venue answered ${inWords(json['code'])}: ${json['msg']}`);
  const spec = table.specs[message.instrument] as InstrumentSpec;
  message.lastUpdateId = integerField(json, 'lastUpdateId');
  decodeLevels(json, 'bids', true, spec, message);
  decodeLevels(json, 'asks', false, spec, message);
  message.kind = MessageKind.snapshot;
}

function decodeEvent(outer: Json, table: InstrumentTable, message: MarketMessage): void {
  const inner = outer['data'];
  if (inner !== undefined && !isObject(inner)) throw new RangeError(`data: expected an object, was ${inWords(inner)}`);
  const json = inner ?? outer;
  const event = json['e'];
  if (event === 'serverShutdown') {
    message.kind = MessageKind.shutdown;
    return;
  }
  if (event === undefined && json['s'] === undefined) {
    const refusal = json['error'] ?? (json['code'] !== undefined ? json : undefined);
    if (refusal !== undefined) throw new RangeError(`The venue refused a request: ${JSON.stringify(refusal)}`);
    // The answer to a subscription, or to a question about one.
    if (json['id'] !== undefined && 'result' in json) return;
    throw new RangeError('Expected an event or an answer, was neither');
  }
  if (event !== undefined && typeof event !== 'string') throw new RangeError(`e: expected text, was ${inWords(event)}`);
  const name = event ?? 'bookTicker';
  if (name !== 'depthUpdate' && name !== 'trade' && name !== 'aggTrade' && name !== 'bookTicker') return;
  message.wasDepth = name === 'depthUpdate';
  const symbol = json['s'];
  if (typeof symbol !== 'string') throw new RangeError(`s: expected a symbol, was ${inWords(symbol)}`);
  message.instrument = table.indexOf(symbol);
  if (message.instrument < 0) throw new RangeError(`s: expected a subscribed symbol, was "${symbol}"`);
  const spec = table.specs[message.instrument] as InstrumentSpec;
  if (json['E'] !== undefined) message.eventTimeUs = toMicroseconds(integerField(json, 'E'));
  if (name === 'depthUpdate') {
    message.firstUpdateId = integerField(json, 'U');
    message.lastUpdateId = integerField(json, 'u');
    if (message.lastUpdateId < message.firstUpdateId) {
      throw new RangeError(`u: expected at least U ${message.firstUpdateId}, was ${message.lastUpdateId}`);
    }
    if (json['pu'] !== undefined) message.previousUpdateId = integerField(json, 'pu');
    decodeLevels(json, 'b', true, spec, message);
    decodeLevels(json, 'a', false, spec, message);
    message.kind = MessageKind.depth;
  } else if (name === 'bookTicker') {
    message.lastUpdateId = integerField(json, 'u');
    message.bidTicks = priceField(json, 'b', spec);
    message.bidLots = sizeField(json, 'B', spec, message);
    message.askTicks = priceField(json, 'a', spec);
    message.askLots = sizeField(json, 'A', spec, message);
    message.kind = MessageKind.bookTicker;
  } else {
    // Futures name the type of a trade: those of the insurance fund or of forced deleveraging never met the book.
    if (name === 'trade' && json['X'] !== undefined && json['X'] !== 'MARKET') return;
    message.tradeId = integerField(json, name === 'trade' ? 't' : 'a');
    message.priceTicks = priceField(json, 'p', spec);
    message.sizeLots = sizeField(json, 'q', spec, message);
    if (json['T'] !== undefined) message.tradeTimeUs = toMicroseconds(integerField(json, 'T'));
    const maker = json['m'];
    if (typeof maker !== 'boolean') throw new RangeError(`m: expected true or false, was ${inWords(maker)}`);
    message.buyerIsMaker = maker;
    message.kind = MessageKind.trade;
  }
}

function decodeLevels(json: Json, key: string, bids: boolean, spec: InstrumentSpec, message: MarketMessage): void {
  const levels = bids ? message.bids : message.asks;
  const rows = json[key];
  if (!Array.isArray(rows)) throw new RangeError(`${key}: expected a list of levels, was ${inWords(rows)}`);
  rows.forEach((row: unknown, i) => {
    if (!Array.isArray(row)) throw new RangeError(`${key}[${i}]: expected [price, size], was ${inWords(row)}`);
    if (!levels.reserve(i + 1)) throw new RangeError(`${key}: expected fewer levels, was ${rows.length}`);
    levels.pairs[i * 2] = price(row[0], `${key}[${i}] price`, spec);
    levels.pairs[i * 2 + 1] = size(row[1], `${key}[${i}] size`, spec, message);
  });
  levels.count = rows.length;
}

function integerField(json: Json, key: string): number {
  const value = json[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${key}: expected a non-negative integer, was ${inWords(value)}`);
  }
  return value;
}

function priceField(json: Json, key: string, spec: InstrumentSpec): number {
  return price(json[key], key, spec);
}

function sizeField(json: Json, key: string, spec: InstrumentSpec, message: MarketMessage): number {
  return size(json[key], key, spec, message);
}

/** Ticks of a price; one between two ticks is an error, never rounded. */
function price(value: unknown, name: string, spec: InstrumentSpec): number {
  return steps(decimalText(value, name), name, spec.tickSize);
}

/** Lots of a size; one between two lots is rounded to the nearest (half up, at least 1) and counted. */
function size(value: unknown, name: string, spec: InstrumentSpec, message: MarketMessage): number {
  const text = decimalText(value, name);
  const fine = smallestUnit(text, spec.lotSize);
  const lot = toSteps(spec.lotSize, fine);
  const fineSteps = steps(text, name, fine);
  if (fineSteps % lot === 0) return fineSteps / lot;
  message.inexactSizes++;
  return Math.max(1, Math.floor(fineSteps / lot) + (2 * (fineSteps % lot) >= lot ? 1 : 0));
}

/** The decimal unit that both texts are whole multiples of. */
function smallestUnit(a: string, b: string): string {
  const decimals = Math.max(decimalsOf(a), decimalsOf(b));
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

function decimalText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new RangeError(`${name}: expected decimal text, was ${inWords(value)}`);
  if (value.length > 40) throw new RangeError(`${name}: expected at most 40 characters, was ${value.length}`);
  return value;
}

function steps(text: string, name: string, unit: string): number {
  try {
    const result = toSteps(text, unit);
    if (result < 0) throw new RangeError(`Expected no negative number, was "${text}"`);
    return result;
  } catch (error) {
    throw new RangeError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
