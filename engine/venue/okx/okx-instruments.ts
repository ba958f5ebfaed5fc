import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import { inWords, isObject, type Json, listOf, textOf } from '../json-fields.ts';

/**
 * Instruments of a REST `/api/v5/public/instruments` body that trade. Sizes of derivatives count contracts. `index` is the
 * position in the result; callers that pick some number them anew.
 * @param fees maker and taker fee as fractions; the body does not carry the account's.
 * @throws RangeError when the body is no such list, or an instrument's steps are no decimals.
 */
export function parseOkxInstruments(bytes: Uint8Array, fees: { makerFee: number; takerFee: number }): InstrumentSpec[] {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RangeError(`Expected instruments as JSON, was broken: ${(error as Error).message}`);
  }
  if (!isObject(body)) throw new RangeError(`Expected an object, was ${inWords(body)}`);
  if (body['code'] !== '0')
    throw new RangeError(`The venue answered ${inWords(body['code'])}: ${inWords(body['msg'])}`);
  const specs: InstrumentSpec[] = [];
  for (const item of listOf(body['data'], 'data')) {
    if (!isObject(item)) throw new RangeError(`data: expected objects, was ${inWords(item)}`);
    if (item['state'] === 'live') specs.push(parseInstrument(item, specs.length, fees));
  }
  return specs;
}

function parseInstrument(item: Json, index: number, fees: { makerFee: number; takerFee: number }): InstrumentSpec {
  const symbol = textOf(item['instId'], 'instId');
  const [base, quote] = symbol.split('-');
  const tickSize = decimal(item['tickSz'], `${symbol} tickSz`);
  const lotSize = decimal(item['lotSz'], `${symbol} lotSz`);
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

function decimal(value: unknown, field: string): string {
  const text = textOf(value, field);
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(text)) throw new RangeError(`${field}: expected a decimal, was "${text}"`);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
