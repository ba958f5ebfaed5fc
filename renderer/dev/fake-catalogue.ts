/** Symbols of made-up venues, to look at the search without an engine: dev.html only. */
import type { VenueId } from '../../engine/contract/market-protocol.ts';
import type { SymbolMatch, SymbolSearchResult } from '../../engine/contract/trading-messages.ts';
import { decimalsOf, type InstrumentSpec } from '../../engine/contract/units.ts';

const BASES = ['BTC', 'ETH', 'SOL', 'XRP', 'DOGE', 'ADA', 'AVAX', 'LINK', 'TON', 'PEPE', 'WIF', '1000SHIB'];

type Spelling = (base: string) => [symbol: string, quote: string];
const VENUES: [VenueId, Spelling][] = [
  ['binance-spot', (base) => [`${base}USDT`, 'USDT']],
  ['binance-usdm', (base) => [`${base}USDT`, 'USDT']],
  ['binance-coinm', (base) => [`${base}USD_PERP`, 'USD']],
  ['bybit', (base) => [`${base}USDT`, 'USDT']],
  ['upbit', (base) => [`KRW-${base}`, 'KRW']],
  ['okx', (base) => [`${base}-USDT-SWAP`, 'USDT']],
  ['kraken', (base) => [`${base === 'BTC' ? 'XBT' : base}/USD`, 'USD']],
  ['ccxt:bitstamp', (base) => [`${base}/EUR`, 'EUR']],
];

const all: Omit<SymbolMatch, 'instrument'>[] = VENUES.flatMap(([venue, spell]) =>
  BASES.map((baseAsset, i) => {
    const [symbol, quoteAsset] = spell(baseAsset);
    const tickSize = quoteAsset === 'KRW' ? '1000' : i < 3 ? '0.1' : '0.0001';
    return { venue, symbol, baseAsset, quoteAsset, tickSize, lotSize: i < 3 ? '0.0001' : '1' };
  }),
);

export function searchCatalogue(
  text: string,
  venue: VenueId | undefined,
  limit: number,
  instruments: readonly InstrumentSpec[],
): SymbolSearchResult {
  const found = all.filter(
    (match) => (!venue || match.venue === venue) && match.symbol.toLowerCase().includes(text.toLowerCase()),
  );
  return {
    matches: found.slice(0, limit).map((match) => ({
      ...match,
      instrument: instruments.find((spec) => spec.venue === match.venue && spec.symbol === match.symbol)?.index ?? -1,
    })),
    total: found.length * 31,
    unavailable: [
      { venue: 'bybit-spot', reason: 'GET https://api.bybit.com/v5/market/instruments-info: expected 200, was 403' },
    ],
  };
}

/** A symbol of the catalogue as an instrument. @throws RangeError when it is not there. */
export function fakeInstrument(index: number, venue: string, symbol: string): InstrumentSpec {
  const match = all.find((one) => one.venue === venue && one.symbol === symbol);
  if (!match) throw new RangeError(`symbol: expected one that ${venue} lists, was ${symbol}`);
  const { baseAsset, quoteAsset, tickSize, lotSize } = match;
  return {
    index,
    venue,
    symbol,
    baseAsset,
    quoteAsset,
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 5,
    makerFee: 0.0002,
    takerFee: 0.0005,
    ...(venue === 'binance-coinm'
      ? { watchOnly: 'Inverse contracts (binance-coinm) can be watched, not traded' }
      : venue === 'binance-spot'
        ? {}
        : { watchOnly: `${venue} has no order entry in this session: watched only` }),
  };
}
