import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import { inWords, isObject, type Json, textOf } from '../json-fields.ts';

/**
 * Instruments of a REST `AssetPairs` body, spelled as the WebSocket does (`XBT/USD`). Pairs without a WebSocket name (dark
 * pools) or not online are left out. `index` is the position in the result; callers that pick some number them anew.
 * Fees are those of the lowest volume.
 * @throws RangeError when the body is no AssetPairs, or a pair's fields are not what they should be.
 */
export function parseAssetPairs(bytes: Uint8Array): InstrumentSpec[] {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RangeError(`Expected AssetPairs as JSON, was broken: ${(error as Error).message}`);
  }
  const result = isObject(body) ? body['result'] : undefined;
  if (!isObject(result)) throw new RangeError('Expected AssetPairs with a result, was another body');
  const specs: InstrumentSpec[] = [];
  for (const [name, pair] of Object.entries(result)) {
    if (!isObject(pair)) throw new RangeError(`${name}: expected an object, was ${inWords(pair)}`);
    if (pair['wsname'] === undefined || (pair['status'] !== undefined && pair['status'] !== 'online')) continue;
    specs.push(parsePair(name, pair, specs.length));
  }
  return specs;
}

function parsePair(name: string, pair: Json, index: number): InstrumentSpec {
  const symbol = textOf(pair['wsname'], `${name} wsname`);
  const slash = symbol.indexOf('/');
  if (slash <= 0) throw new RangeError(`${name} wsname: expected BASE/QUOTE, was "${symbol}"`);
  const priceStep = stepOfDecimals(pair['pair_decimals'], `${name} pair_decimals`);
  const lotSize = stepOfDecimals(pair['lot_decimals'], `${name} lot_decimals`);
  const tick = pair['tick_size'];
  const tickSize = tick === undefined ? priceStep : decimal(tick, `${name} tick_size`);
  return {
    index,
    venue: 'kraken',
    symbol,
    baseAsset: symbol.slice(0, slash),
    quoteAsset: symbol.slice(slash + 1),
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: pair['costmin'] === undefined ? 0 : Number(decimal(pair['costmin'], `${name} costmin`)),
    makerFee: firstFee(pair['fees_maker'] ?? pair['fees'], `${name} fees_maker`),
    takerFee: firstFee(pair['fees'], `${name} fees`),
  };
}

function stepOfDecimals(value: unknown, field: string): string {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 18) {
    throw new RangeError(`${field}: expected a whole number within 0..18, was ${inWords(value)}`);
  }
  return value === 0 ? '1' : `0.${'0'.repeat(value - 1)}1`;
}

function decimal(value: unknown, field: string): string {
  const text = textOf(value, field);
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(text)) throw new RangeError(`${field}: expected a decimal, was "${text}"`);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** First fee of `[[volume, percent], ...]`, as a fraction. */
function firstFee(value: unknown, field: string): number {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  const percent: unknown = Array.isArray(first) ? first[1] : undefined;
  if (typeof percent !== 'number' || !(percent >= 0 && percent < 100)) {
    throw new RangeError(`${field}: expected a list of [volume, percent], was ${inWords(value)}`);
  }
  return Math.round(percent * 1e4) / 1e6;
}
