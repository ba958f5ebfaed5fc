import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { type SymbolSpec, specFrom, stepOf, symbolSpecOf } from '../symbol-spec.ts';
import { upbitSpec } from './upbit-listing.ts';

/** Coins that every feed lists, with a price in US dollars to start at. */
const COINS: readonly (readonly [name: string, price: number])[] = [
  ['BTC', 61_800],
  ['ETH', 2650],
  ['SOL', 155],
  ['BNB', 590],
  ['XRP', 0.62],
  ['DOGE', 0.12],
  ['ADA', 0.38],
  ['AVAX', 27],
  ['LINK', 11.2],
  ['LTC', 66],
  ['DOT', 4.3],
  ['TRX', 0.155],
  ['BCH', 340],
  ['UNI', 7.1],
  ['ATOM', 4.4],
  ['NEAR', 4.6],
  ['APT', 8.5],
  ['ARB', 0.55],
  ['SUI', 1.9],
  ['FIL', 3.6],
  ['ETC', 18.5],
  ['SHIB', 0.0000175],
  ['PEPE', 0.0000095],
];
/** Kraken's own names of two coins. */
const KRAKEN_NAMES: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' };
const SPOT_LIST = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT', 'DOGEUSDT'];
/** US dollars that one contract of COIN-M stands for. */
const BTC_CONTRACT_DOLLARS = 100;
const CONTRACT_DOLLARS = 10;
const TYPICAL_DOLLARS = 2500;

/** What a symbol of a protocol is called and made of; undefined when it has no such form. */
type SpecReader = (symbol: string) => SymbolSpec | undefined;

const listings: Readonly<Record<MarketProtocol, { name(coin: string): string; read: SpecReader }>> = {
  'binance-spot': { name: (coin) => `${coin}USDT`, read: symbolSpecOf },
  'binance-usdm': { name: (coin) => `${coin}USDT`, read: (symbol) => linear(symbol) },
  'binance-coinm': { name: (coin) => `${coin}USD_PERP`, read: coinMargined },
  bybit: { name: (coin) => `${coin}USDT`, read: (symbol) => linear(symbol) },
  'bybit-spot': { name: (coin) => `${coin}USDT`, read: (symbol) => spotPair(symbol, /^([A-Z0-9]+)(USDT|USDC)$/, 1) },
  upbit: {
    name: (coin) => `KRW-${coin}`,
    read: (symbol) => {
      const [quote = '', base = ''] = symbol.split('-', 2);
      return /^[A-Z0-9]+-[A-Z0-9]+$/.test(symbol) ? upbitSpec(symbol, base, quote, dollarsOf(base)) : undefined;
    },
  },
  okx: { name: (coin) => `${coin}-USDT-SWAP`, read: okxSpec },
  kraken: { name: (coin) => `${KRAKEN_NAMES[coin] ?? coin}/USD`, read: krakenSpec },
};

/**
 * The listing of a protocol: the symbols given, as it spells them, default its usual list.
 * @throws RangeError naming a symbol that the protocol cannot have.
 */
export function feedSpecs(protocol: MarketProtocol, symbols?: readonly string[]): SymbolSpec[] {
  return [...new Set(symbols ?? usualSymbols(protocol))].map((symbol) => {
    const spec = listings[protocol].read(symbol);
    if (spec === undefined) throw new RangeError(`Expected a symbol of ${protocol}, was "${symbol}"`);
    return spec;
  });
}

function usualSymbols(protocol: MarketProtocol): string[] {
  if (protocol === 'binance-spot') return SPOT_LIST;
  const { name } = listings[protocol];
  const names = COINS.map(([coin]) => name(coin));
  if (protocol === 'okx') names.push(...COINS.map(([coin]) => `${coin}-USDT`));
  if (protocol === 'kraken') names.push('XBT/EUR', 'ETH/EUR', 'ETH/XBT');
  if (protocol === 'upbit') names.push('BTC-ETH', 'BTC-XRP', 'USDT-BTC', 'USDT-ETH');
  return names;
}

/** Perpetuals in USDT: the lot is worth some dollars. */
function linear(symbol: string): SymbolSpec | undefined {
  return spotPair(symbol, /^([A-Z0-9]+)(USDT|USDC)$/, -1);
}

/** `finer`: powers of ten that the lot is finer than a dollar's worth. */
function spotPair(symbol: string, form: RegExp, finer: number): SymbolSpec | undefined {
  const match = form.exec(symbol);
  if (match === null) return undefined;
  const [, base, quote] = match as unknown as [string, string, string];
  return pair(symbol, base, quote, (exponent) => Math.max(0, exponent + finer));
}

function coinMargined(symbol: string): SymbolSpec | undefined {
  const match = /^([A-Z0-9]+)USD_(PERP|\d{6})$/.exec(symbol);
  if (match === null) return undefined;
  const base = match[1] as string;
  const price = dollarsOf(base);
  const dollars = base === 'BTC' ? BTC_CONTRACT_DOLLARS : CONTRACT_DOLLARS;
  const spec = pair(symbol, base, 'USD', () => 0);
  return { ...spec, typicalLots: Math.max(5, Math.round(TYPICAL_DOLLARS / dollars)), maxLots: Math.ceil(1e6 * price) };
}

/** `BTC-USDT` in coins, `BTC-USDT-SWAP` and `BTC-USD-SWAP` in contracts. */
function okxSpec(symbol: string): SymbolSpec | undefined {
  const match = /^([A-Z0-9]+)-([A-Z]+)(-SWAP|-\d{6})?$/.exec(symbol);
  if (match === null) return undefined;
  const [, base, quote, contract] = match as unknown as [string, string, string, string | undefined];
  return pair(symbol, base, quote, (exponent) => (contract === undefined ? 8 : Math.max(0, Math.min(2, exponent - 2))));
}

function krakenSpec(symbol: string): SymbolSpec | undefined {
  const match = /^([A-Z0-9]+)\/([A-Z0-9]+)$/.exec(symbol);
  if (match === null) return undefined;
  return pair(symbol, match[1] as string, match[2] as string, () => 8);
}

/** A pair at its usual price: five digits before the tick ends, sizes with the decimals asked for. */
function pair(
  symbol: string,
  baseAsset: string,
  quoteAsset: string,
  sizeDecimals: (exponent: number) => number,
): SymbolSpec {
  const quoteDollars = dollarsOf(quoteAsset);
  const price = dollarsOf(baseAsset) / quoteDollars;
  const exponent = Math.floor(Math.log10(price));
  const priceDecimals = Math.max(0, exponent >= 3 ? 5 - exponent : 4 - exponent);
  // A level of a coin at a thousandth of a cent must still count exactly in lots.
  const decimals = Math.min(sizeDecimals(exponent), Math.max(0, 10 + exponent));
  return specFrom(
    symbol,
    baseAsset,
    quoteAsset,
    price.toFixed(priceDecimals),
    stepOf(priceDecimals),
    stepOf(decimals),
    TYPICAL_DOLLARS / quoteDollars,
  );
}

/** US dollars of one unit of an asset; a coin nobody knows gets a price from its name, always the same. */
function dollarsOf(asset: string): number {
  if (/^(USDT?|USDC|TUSD|FDUSD)$/.test(asset)) return 1;
  if (asset === 'EUR') return 1.1;
  const coin = asset === 'XBT' ? 'BTC' : asset === 'XDG' ? 'DOGE' : asset;
  const known = COINS.find(([name]) => name === coin);
  if (known !== undefined) return known[1];
  const { startPriceTicks, tickSize } = symbolSpecOf(`${coin}USDT`.slice(0, 20));
  return startPriceTicks * Number(tickSize);
}
