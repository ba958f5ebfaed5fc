import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';

interface SymbolInfo {
  symbol: string;
  status: string;
  baseAsset: string;
  quoteAsset: string;
  filters: Record<string, string>[];
}

/**
 * Instruments of a `GET /api/v3/exchangeInfo` answer, in the venue's order, those that trade only; `index` is the
 * position in the result. Fees are not part of that answer.
 * @throws RangeError naming the symbol and field that is missing or no decimal number.
 */
export function parseExchangeInfo(bytes: Uint8Array, fees: { makerFee: number; takerFee: number }): InstrumentSpec[] {
  const info = JSON.parse(new TextDecoder().decode(bytes)) as { symbols?: SymbolInfo[] };
  if (!Array.isArray(info.symbols)) throw new RangeError('exchangeInfo: expected a list of symbols');
  return info.symbols
    .filter((entry) => entry.status === 'TRADING')
    .map((entry, index) => {
      const tickSize = filterField(entry, 'PRICE_FILTER', 'tickSize');
      const lotSize = filterField(entry, 'LOT_SIZE', 'stepSize');
      const minNotional = entry.filters.find(
        (f) => f['filterType'] === 'NOTIONAL' || f['filterType'] === 'MIN_NOTIONAL',
      );
      return {
        index,
        venue: 'binance-spot',
        symbol: entry.symbol,
        baseAsset: entry.baseAsset,
        quoteAsset: entry.quoteAsset,
        tickSize,
        lotSize,
        priceDecimals: decimalsOf(tickSize),
        sizeDecimals: decimalsOf(lotSize),
        minNotional: Number(minNotional?.['minNotional'] ?? 0),
        makerFee: fees.makerFee,
        takerFee: fees.takerFee,
      };
    });
}

/** A filter's decimal without its trailing zeros: `0.01000000` is `0.01`. */
function filterField(entry: SymbolInfo, filterType: string, field: string): string {
  const text = entry.filters.find((filter) => filter['filterType'] === filterType)?.[field];
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text) || Number(text) <= 0) {
    throw new RangeError(`${entry.symbol} ${filterType}.${field}: expected a positive decimal number, was ${text}`);
  }
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
