import { decimalsOf, toSteps } from '../contract/units.ts';

/** Amounts of money inside the venue: integers of 1e-8 of an asset, as Binance's eight decimals. */
export const UNITS_PER_ASSET = 100_000_000;

/** What the simulated exchange lists under one symbol. */
export interface SymbolSpec {
  symbol: string;
  baseAsset: string;
  quoteAsset: string;
  /** Decimal strings. */
  tickSize: string;
  lotSize: string;
  priceDecimals: number;
  sizeDecimals: number;
  /** Units of the last price decimal in one tick: 5 for a tick of 0.05, 1000 for one of 1000. */
  tickUnits: number;
  /** Prices from `fromTicks` on are multiples of `stepTicks` only, highest band first; absent: every tick is a price. */
  priceBands?: readonly { fromTicks: number; stepTicks: number }[];
  /** Price that a fresh venue starts at. */
  startPriceTicks: number;
  maxPriceTicks: number;
  /** Largest order. */
  maxLots: number;
  /** Median size of a resting background order, worth some thousand quote units. */
  typicalLots: number;
  /** Smallest order value, in 1e-8 of the quote asset. */
  minNotionalUnits: number;
  /** 1e-8 quote units in one lot at one tick. */
  valueUnits: number;
  /** 1e-8 base units in one lot. */
  lotUnits: number;
}

/** Symbol, base, quote, price, tick, lot. */
const LISTED: readonly (readonly [string, string, string, string, string, string])[] = [
  ['BTCUSDT', 'BTC', 'USDT', '61800.0', '0.1', '0.00001'],
  ['ETHUSDT', 'ETH', 'USDT', '2650.00', '0.01', '0.0001'],
  ['SOLUSDT', 'SOL', 'USDT', '155.00', '0.01', '0.001'],
  ['BNBUSDT', 'BNB', 'USDT', '590.00', '0.01', '0.001'],
  ['XRPUSDT', 'XRP', 'USDT', '0.6200', '0.0001', '0.1'],
  ['DOGEUSDT', 'DOGE', 'USDT', '0.12000', '0.00001', '1'],
];
const QUOTES = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY', 'KRW', 'USD'];
const TYPICAL_VALUE = 2500;

/**
 * The listing of a symbol: known ones with their usual tick and lot (BTCUSDT with a coarser tick, so that a price worth
 * trading for is some tens of ticks away), others derived from their name so that the same name always gets the same
 * price.
 * @throws RangeError when the name is not 4 to 20 upper-case letters and digits.
 */
export function symbolSpecOf(symbol: string): SymbolSpec {
  if (!/^[A-Z0-9]{4,20}$/.test(symbol)) {
    throw new RangeError(`Expected a symbol of 4 to 20 upper-case letters and digits, was "${symbol}"`);
  }
  const listed = LISTED.find((row) => row[0] === symbol);
  if (listed !== undefined) return specFrom(...listed);
  const quote = QUOTES.find((asset) => symbol.endsWith(asset) && symbol.length > asset.length) ?? symbol.slice(-3);
  let hash = 2166136261;
  for (let i = 0; i < symbol.length; i++) hash = Math.imul(hash ^ symbol.charCodeAt(i), 16777619);
  // 0.1 to 1000, four significant decimals behind a tick that is a ten-thousandth or less of the price.
  const exponent = ((hash >>> 8) % 4) - 1;
  const mantissa = 1 + ((hash >>> 0) % 9000) / 1000;
  const priceDecimals = 4 - exponent;
  const sizeDecimals = Math.max(0, exponent + 1);
  return specFrom(
    symbol,
    symbol.slice(0, symbol.length - quote.length),
    quote,
    (mantissa * 10 ** exponent).toFixed(priceDecimals),
    stepOf(priceDecimals),
    stepOf(sizeDecimals),
  );
}

/**
 * A listing from its decimals. `typicalValue` and what follows from it are in quote units.
 * @throws RangeError when the price is no multiple of the tick, or a step no decimal.
 */
export function specFrom(
  symbol: string,
  baseAsset: string,
  quoteAsset: string,
  price: string,
  tickSize: string,
  lotSize: string,
  typicalValue = TYPICAL_VALUE,
): SymbolSpec {
  const startPriceTicks = toSteps(price, tickSize);
  const lotUnits = toSteps(lotSize, '0.00000001');
  const value = Number(tickSize) * Number(lotSize);
  const priceDecimals = decimalsOf(tickSize);
  return {
    symbol,
    baseAsset,
    quoteAsset,
    tickSize,
    lotSize,
    priceDecimals,
    sizeDecimals: decimalsOf(lotSize),
    tickUnits: toSteps(tickSize, stepOf(priceDecimals)),
    startPriceTicks,
    maxPriceTicks: startPriceTicks * 16,
    maxLots: Math.round((20_000 * typicalValue) / (startPriceTicks * value)),
    typicalLots: Math.max(5, Math.round(typicalValue / (startPriceTicks * value))),
    minNotionalUnits: 5 * UNITS_PER_ASSET,
    valueUnits: Math.round(value * UNITS_PER_ASSET),
    lotUnits,
  };
}

/** The decimal step with so many decimals: 2 is `0.01`. */
export function stepOf(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`;
}

/** `steps` of 10^-decimals as text with eight decimals, as Binance writes prices and quantities. */
export function formatEight(steps: number, decimals: number): string {
  const text = String(steps).padStart(decimals + 1, '0');
  const whole = text.length - decimals;
  return `${text.slice(0, whole)}.${text.slice(whole)}${'00000000'.slice(decimals)}`;
}

/** 1e-8 units of an asset as text with eight decimals. */
export function formatUnits(units: number): string {
  return units < 0 ? `-${formatEight(-units, 8)}` : formatEight(units, 8);
}
