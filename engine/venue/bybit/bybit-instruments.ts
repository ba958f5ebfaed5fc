import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import {
  type EntryReader,
  type Fees,
  haltedWord,
  type InstrumentList,
  jsonOf,
  plainDecimal,
  plainStep,
  readEntries,
} from '../instrument-list.ts';
import { inWords, isObject, type Json, listOf, textOf } from '../json-fields.ts';

/**
 * Instruments of one page of `/v5/market/instruments-info`, of spot or linear contracts; sizes are base units in both.
 * What cannot be read is skipped and counted. @throws RangeError when the body is no such page.
 */
export function listBybitInstruments(bytes: Uint8Array, fees: Fees, venue: string): InstrumentList {
  const reader: EntryReader = {
    haltedOf: ({ status }) => haltedWord(status, 'Trading'),
    specOf: (item, index) => specOf(item, index, fees, venue),
  };
  return readEntries(listOf(resultOf(bytes)['list'], 'result.list'), reader);
}

/** Cursor of the page behind; '' on the last one. @throws RangeError when the body is no page. */
export function nextBybitCursor(bytes: Uint8Array): string {
  const cursor = resultOf(bytes)['nextPageCursor'];
  if (typeof cursor !== 'string') return '';
  // It goes into an address, which has no place for half a surrogate pair.
  if (/\p{Surrogate}/u.test(cursor)) throw new RangeError(`nextPageCursor: expected text, was ${inWords(cursor)}`);
  return cursor;
}

function resultOf(bytes: Uint8Array): Json {
  const body = jsonOf(bytes, 'instruments-info');
  if (!isObject(body)) throw new RangeError(`Expected an object, was ${inWords(body)}`);
  if (body['retCode'] !== 0) {
    throw new RangeError(`The venue answered ${inWords(body['retCode'])}: ${inWords(body['retMsg'])}`);
  }
  const result = body['result'];
  if (!isObject(result)) throw new RangeError(`result: expected an object, was ${inWords(result)}`);
  return result;
}

function specOf(item: Json, index: number, fees: Fees, venue: string): InstrumentSpec {
  const symbol = textOf(item['symbol'], 'symbol');
  const price = item['priceFilter'];
  const lot = item['lotSizeFilter'];
  if (!isObject(price)) throw new RangeError(`${symbol} priceFilter: expected an object, was ${inWords(price)}`);
  if (!isObject(lot)) throw new RangeError(`${symbol} lotSizeFilter: expected an object, was ${inWords(lot)}`);
  const tickSize = plainStep(price['tickSize'], `${symbol} tickSize`);
  // Spot says how fine the base asset is counted, contracts in which steps orders come.
  const lotSize = plainStep(lot['qtyStep'] ?? lot['basePrecision'], `${symbol} qtyStep`);
  const least = lot['minNotionalValue'] ?? lot['minOrderAmt'];
  return {
    index,
    venue,
    symbol,
    baseAsset: textOf(item['baseCoin'], `${symbol} baseCoin`),
    quoteAsset: textOf(item['quoteCoin'], `${symbol} quoteCoin`),
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: least === undefined ? 0 : Number(plainDecimal(least, `${symbol} minNotionalValue`)),
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  };
}
