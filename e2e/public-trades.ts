/** A file of trades as Binance publishes them: one a second, of 0.01 each, within a unit above a price. */
export function publicTrades(fromS: number, count: number, priceUnits: number): string {
  return Array.from({ length: count }, (_, i) => {
    const price = (priceUnits + (10 + (i % 80)) / 100).toFixed(2);
    return `${1_000 + i},${price},0.01000000,${(Number(price) / 100).toFixed(8)},${(fromS + i) * 1_000},True,True\n`;
  }).join('');
}
