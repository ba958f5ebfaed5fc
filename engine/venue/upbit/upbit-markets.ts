import { type EntryReader, type InstrumentList, jsonOf, readEntries } from '../instrument-list.ts';
import { isObject, listOf, textOf } from '../json-fields.ts';
import { upbitInstrument } from './upbit-instrument.ts';

/**
 * Markets of `/v1/market/all`, each with the tick that its last price in `/v1/ticker/all` makes (see `tickSizeNear`): Upbit's
 * ticks depend on the price. A market without a price has not traded yet. What cannot be read is skipped and counted.
 * @throws RangeError when a body is no list.
 */
export function listUpbitMarkets(markets: Uint8Array, tickers: Uint8Array): InstrumentList {
  const prices = new Map<string, string>();
  for (const ticker of listOf(jsonOf(tickers, 'tickers'), 'tickers')) {
    if (!isObject(ticker) || typeof ticker['market'] !== 'string') continue;
    const price = ticker['trade_price'];
    if (typeof price === 'number' && price > 0 && price < 1e21) prices.set(ticker['market'], plainText(price));
  }
  const reader: EntryReader = {
    haltedOf: () => '',
    specOf: (entry, index) => {
      const market = textOf(entry['market'], 'market');
      const price = prices.get(market);
      if (price === undefined) throw new RangeError(`${market} trade_price: expected a price, was absent`);
      return upbitInstrument(index, market, price);
    },
  };
  return readEntries(listOf(jsonOf(markets, 'markets'), 'markets'), reader);
}

/** A JSON number as plain decimal text: 1e-8 is `0.00000001`. */
function plainText(price: number): string {
  const text = String(price);
  return text.includes('e') ? price.toFixed(20).replace(/\.?0+$/, '') : text;
}
