import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import {
  type EntryReader,
  haltedWord,
  type InstrumentList,
  jsonOf,
  plainDecimal,
  plainStep,
  readEntries,
  readTraded,
} from '../instrument-list.ts';
import { inWords, isObject, type Json, textOf } from '../json-fields.ts';

/**
 * Instruments of a REST `AssetPairs` body, spelled as the WebSocket does (`XBT/USD`). Pairs without a WebSocket name (dark
 * pools) or not online are left out. `index` is the position in the result; callers that pick some number them anew.
 * Fees are those of the lowest volume.
 * @throws RangeError when the body is no AssetPairs, or a pair's fields are not what they should be.
 */
export function parseAssetPairs(bytes: Uint8Array): InstrumentSpec[] {
  return readTraded(pairsOf(bytes), reader);
}

/** As {@link parseAssetPairs}, with those that are not online; pairs that cannot be read are skipped and counted. */
export function listAssetPairs(bytes: Uint8Array): InstrumentList {
  return readEntries(pairsOf(bytes), reader);
}

function pairsOf(bytes: Uint8Array): readonly unknown[] {
  const body = jsonOf(bytes, 'AssetPairs');
  const result = isObject(body) ? body['result'] : undefined;
  if (!isObject(result)) throw new RangeError('Expected AssetPairs with a result, was another body');
  return Object.values(result);
}

const reader: EntryReader = {
  haltedOf: ({ status }) => haltedWord(status ?? 'online', 'online'),
  specOf: (pair, index) => (pair['wsname'] === undefined ? undefined : parsePair(pair, index)),
};

function parsePair(pair: Json, index: number): InstrumentSpec {
  const symbol = textOf(pair['wsname'], 'wsname');
  const slash = symbol.indexOf('/');
  if (slash <= 0 || slash === symbol.length - 1) throw new RangeError(`wsname: expected BASE/QUOTE, was "${symbol}"`);
  const priceStep = stepOfDecimals(pair['pair_decimals'], `${symbol} pair_decimals`);
  const lotSize = stepOfDecimals(pair['lot_decimals'], `${symbol} lot_decimals`);
  const tick = pair['tick_size'];
  const tickSize = tick === undefined ? priceStep : plainStep(tick, `${symbol} tick_size`);
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
    minNotional: pair['costmin'] === undefined ? 0 : Number(plainDecimal(pair['costmin'], `${symbol} costmin`)),
    makerFee: firstFee(pair['fees_maker'] ?? pair['fees'], `${symbol} fees_maker`),
    takerFee: firstFee(pair['fees'], `${symbol} fees`),
  };
}

function stepOfDecimals(value: unknown, field: string): string {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 18) {
    throw new RangeError(`${field}: expected a whole number within 0..18, was ${inWords(value)}`);
  }
  return value === 0 ? '1' : `0.${'0'.repeat(value - 1)}1`;
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
