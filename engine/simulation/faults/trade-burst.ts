import { Side } from '../../contract/units.ts';
import type { SimulatedMarket } from '../simulated-market.ts';

/** What the largest message of a venue holds (Bybit). */
export const BURST_TRADES = 1024;

/** Makes 1 024 trades of one lot, buying and selling in turns. Returns how many there were: fewer in an empty book. */
export function burstOfTrades(market: SimulatedMarket): number {
  const before = market.ids.tradeId;
  for (let i = 0; i < BURST_TRADES; i++) {
    const side = i % 2 === 0 ? Side.buy : Side.sell;
    const limitTicks = side === Side.buy ? market.bestAskTicks : market.bestBidTicks;
    if (limitTicks > 0) market.takeBackground(side, limitTicks, 1);
  }
  return market.ids.tradeId - before;
}
