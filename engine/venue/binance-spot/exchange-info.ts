import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import {
  type EntryReader,
  type Fees,
  haltedWord,
  type InstrumentList,
  jsonOf,
  plainDecimal,
  readEntries,
  readTraded,
} from '../instrument-list.ts';
import { isObject, type Json, textOf } from '../json-fields.ts';

/**
 * Instruments of a Binance `exchangeInfo` body, of spot or of futures (whose sizes are base units with USD-M and contracts
 * with COIN-M). Symbols that do not trade, or without a price or lot filter (no
 * limit orders), are left out. `index` is the position in the result; callers that pick some number them anew.
 * @param fees maker and taker fee as fractions; the body does not carry the account's.
 * @throws RangeError when the body is not an exchangeInfo, or a symbol's filters are no decimals.
 */
export function parseExchangeInfo(bytes: Uint8Array, fees: Fees, venue = 'binance-spot'): InstrumentSpec[] {
  return readTraded(symbolsOf(bytes), readerOf(fees, venue));
}

/** As {@link parseExchangeInfo}, with those that do not trade; symbols that cannot be read are skipped and counted. */
export function listExchangeInfo(bytes: Uint8Array, fees: Fees, venue: string): InstrumentList {
  return readEntries(symbolsOf(bytes), readerOf(fees, venue));
}

function symbolsOf(bytes: Uint8Array): readonly unknown[] {
  const body = jsonOf(bytes, 'exchangeInfo');
  const symbols = isObject(body) ? body['symbols'] : undefined;
  if (!Array.isArray(symbols)) throw new RangeError('Expected exchangeInfo with a list of symbols, was another body');
  return symbols;
}

function readerOf(fees: Fees, venue: string): EntryReader {
  return {
    // COIN-M says `contractStatus`.
    haltedOf: (json) => haltedWord(json['status'] ?? json['contractStatus'], 'TRADING'),
    specOf: (json, index) => specOf(json, index, fees, venue),
  };
}

function specOf(json: Json, index: number, fees: Fees, venue: string): InstrumentSpec | undefined {
  const symbol = textOf(json['symbol'], 'symbol');
  const filters = Array.isArray(json['filters']) ? json['filters'].filter(isObject) : [];
  const find = (type: string) => filters.find((filter) => filter['filterType'] === type);
  const price = find('PRICE_FILTER');
  const lot = find('LOT_SIZE');
  if (price === undefined || lot === undefined) return undefined;
  const tickSize = plainDecimal(price['tickSize'], `${symbol} tickSize`);
  const lotSize = plainDecimal(lot['stepSize'], `${symbol} stepSize`);
  // A step of 0 means that the venue sets none: nothing to count in.
  if (tickSize === '0' || lotSize === '0') return undefined;
  const least = find('NOTIONAL') ?? find('MIN_NOTIONAL');
  const notional = Number(least?.['minNotional'] ?? least?.['notional'] ?? 0);
  return {
    index,
    venue,
    symbol,
    baseAsset: textOf(json['baseAsset'], `${symbol} baseAsset`),
    quoteAsset: textOf(json['quoteAsset'], `${symbol} quoteAsset`),
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: Number.isFinite(notional) && notional > 0 ? notional : 0,
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  };
}
