import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import {
  type EntryReader,
  type Fees,
  haltedWord,
  type InstrumentList,
  jsonOf,
  plainStep,
  readEntries,
  readTraded,
} from '../instrument-list.ts';
import { inWords, isObject, type Json, listOf, textOf } from '../json-fields.ts';

/**
 * Instruments of a REST `/api/v5/public/instruments` body that trade. Sizes of derivatives count contracts. `index` is the
 * position in the result; callers that pick some number them anew.
 * @param fees maker and taker fee as fractions; the body does not carry the account's.
 * @throws RangeError when the body is no such list, or an instrument's steps are no decimals.
 */
export function parseOkxInstruments(bytes: Uint8Array, fees: Fees): InstrumentSpec[] {
  return readTraded(dataOf(bytes), readerOf(fees));
}

/** As {@link parseOkxInstruments}, with those that do not trade; what cannot be read is skipped and counted. */
export function listOkxInstruments(bytes: Uint8Array, fees: Fees): InstrumentList {
  return readEntries(dataOf(bytes), readerOf(fees));
}

function dataOf(bytes: Uint8Array): readonly unknown[] {
  const body = jsonOf(bytes, 'instruments');
  if (!isObject(body)) throw new RangeError(`Expected an object, was ${inWords(body)}`);
  if (body['code'] !== '0')
    throw new RangeError(`The venue answered ${inWords(body['code'])}: ${inWords(body['msg'])}`);
  return listOf(body['data'], 'data');
}

function readerOf(fees: Fees): EntryReader {
  return {
    haltedOf: ({ state }) => haltedWord(state, 'live'),
    specOf: (item, index) => parseInstrument(item, index, fees),
  };
}

function parseInstrument(item: Json, index: number, fees: Fees): InstrumentSpec {
  const symbol = textOf(item['instId'], 'instId');
  const [base, quote] = symbol.split('-');
  const tickSize = plainStep(item['tickSz'], `${symbol} tickSz`);
  const lotSize = plainStep(item['lotSz'], `${symbol} lotSz`);
  return {
    index,
    venue: 'okx',
    symbol,
    // Derivatives leave baseCcy and quoteCcy empty; the name holds both.
    baseAsset: textOf(item['baseCcy'] || base, `${symbol} baseCcy`),
    quoteAsset: textOf(item['quoteCcy'] || quote, `${symbol} quoteCcy`),
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 0,
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  };
}
