import { Side } from '../../contract/units.ts';
import { priceText, sizeText } from '../decimal-text.ts';
import type { PublicTrade, SimulatedMarket } from '../simulated-market.ts';
import type { SymbolSpec } from '../symbol-spec.ts';
import { type BookCopy, type ToldLevel, toldLevels } from './book-memory.ts';
import type { BookUpdate } from './dialect.ts';

export function tradeJson({ spec }: SimulatedMarket, trade: PublicTrade): string {
  return (
    `{"e":"trade","E":${trade.timeMs},"T":${trade.timeMs},"s":"${spec.symbol}","t":${trade.tradeId},` +
    `"p":"${priceText(spec, trade.priceTicks)}","q":"${sizeText(spec, trade.sizeLots)}","X":"MARKET",` +
    `"m":${trade.takerSide === Side.sell}}`
  );
}

export function aggregateTradeJson(
  { spec }: SimulatedMarket,
  trade: PublicTrade,
  aggregateId: number,
  firstTradeId: number,
): string {
  const size = sizeText(spec, trade.sizeLots);
  return (
    `{"e":"aggTrade","E":${trade.timeMs},"a":${aggregateId},"s":"${spec.symbol}",` +
    `"p":"${priceText(spec, trade.priceTicks)}","q":"${size}","nq":"${size}","f":${firstTradeId},` +
    `"l":${trade.tradeId},"T":${trade.timeMs},"m":${trade.takerSide === Side.sell}}`
  );
}

export function quoteJson({ spec, quote, updateId, timeMs }: SimulatedMarket, pair: string): string {
  return (
    `{"e":"bookTicker","u":${updateId},"s":"${spec.symbol}",${pair}` +
    `"b":"${priceText(spec, quote.bidTicks)}","B":"${sizeText(spec, quote.bidLots)}",` +
    `"a":"${priceText(spec, quote.askTicks)}","A":"${sizeText(spec, quote.askLots)}","T":${timeMs},"E":${timeMs}}`
  );
}

export function depthJson(update: BookUpdate, pair: string): string {
  const { market, firstId, lastId, previousId, timeMs } = update;
  const { spec } = market;
  return (
    `{"e":"depthUpdate","E":${timeMs},"T":${timeMs},"s":"${spec.symbol}",${pair}` +
    `"U":${firstId},"u":${lastId},"pu":${previousId},` +
    `"b":${levelsJson(spec, update.bids)},"a":${levelsJson(spec, update.asks)}}`
  );
}

/** REST `depth` of the futures: as spot's, with its times. */
export function futuresSnapshotJson(spec: SymbolSpec, { id, timeMs, bids, asks }: BookCopy, limit: number): string {
  return (
    `{"lastUpdateId":${id},"E":${timeMs},"T":${timeMs},"bids":${levelsJson(spec, toldLevels(bids, limit))},` +
    `"asks":${levelsJson(spec, toldLevels(asks, limit))}}`
  );
}

function levelsJson(spec: SymbolSpec, levels: readonly ToldLevel[]): string {
  return `[${levels.map(({ ticks, lots }) => `["${priceText(spec, ticks)}","${sizeText(spec, lots)}"]`).join(',')}]`;
}
