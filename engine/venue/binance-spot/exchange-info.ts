import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';

type Json = Record<string, unknown>;

/**
 * Instruments of a Binance `exchangeInfo` body, of spot or of futures (whose sizes are base units with USD-M and contracts
 * with COIN-M). Symbols that do not trade, or without a price or lot filter (no
 * limit orders), are left out. `index` is the position in the result; callers that pick some number them anew.
 * @param fees maker and taker fee as fractions; the body does not carry the account's.
 * @throws RangeError when the body is not an exchangeInfo, or a symbol's filters are no decimals.
 */
export function parseExchangeInfo(
  bytes: Uint8Array,
  fees: { makerFee: number; takerFee: number },
  venue = 'binance-spot',
): InstrumentSpec[] {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RangeError(`Expected exchangeInfo as JSON, was broken: ${(error as Error).message}`);
  }
  const symbols = isObject(body) ? body['symbols'] : undefined;
  if (!Array.isArray(symbols)) throw new RangeError('Expected exchangeInfo with a list of symbols, was another body');
  const specs: InstrumentSpec[] = [];
  for (const symbol of symbols) {
    const spec = isObject(symbol) ? parseSymbol(symbol, specs.length, fees, venue) : undefined;
    if (spec !== undefined) specs.push(spec);
  }
  return specs;
}

function parseSymbol(json: Json, index: number, fees: { makerFee: number; takerFee: number }, venue: string) {
  const symbol = textOf(json, 'symbol');
  // COIN-M says `contractStatus`.
  if ((json['status'] ?? json['contractStatus']) !== 'TRADING') return undefined;
  const filters = Array.isArray(json['filters']) ? json['filters'].filter(isObject) : [];
  const find = (type: string) => filters.find((filter) => filter['filterType'] === type);
  const price = find('PRICE_FILTER');
  const lot = find('LOT_SIZE');
  if (price === undefined || lot === undefined) return undefined;
  const tickSize = step(price, 'tickSize', symbol);
  const lotSize = step(lot, 'stepSize', symbol);
  // A step of 0 means that the venue sets none: nothing to count in.
  if (tickSize === '0' || lotSize === '0') return undefined;
  const least = find('NOTIONAL') ?? find('MIN_NOTIONAL');
  const notional = Number(least?.['minNotional'] ?? least?.['notional'] ?? 0);
  const spec: InstrumentSpec = {
    index,
    venue,
    symbol,
    baseAsset: textOf(json, 'baseAsset'),
    quoteAsset: textOf(json, 'quoteAsset'),
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: Number.isFinite(notional) ? notional : 0,
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  };
  return spec;
}

/** Step without trailing zeros: `0.01000000` is `0.01`. */
function step(filter: Json, key: string, symbol: string): string {
  const text = filter[key];
  if (typeof text !== 'string') throw new RangeError(`${symbol} ${key}: expected decimal text, was ${String(text)}`);
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(text)) {
    throw new RangeError(`${symbol} ${key}: expected a decimal number, was "${text}"`);
  }
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function textOf(json: Json, key: string): string {
  const value = json[key];
  if (typeof value !== 'string' || value === '') throw new RangeError(`${key}: expected text, was ${String(value)}`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
