/** Orders that close a position at once and stay inside the rails. */
import type { RiskRails } from '../../engine/contract/risk-rails.ts';
import type { SideName } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';

/** How far through the touch a closing order may reach, basis points; less where the collar is tighter. */
const THROUGH_BPS = 20;
const MOST_ORDERS = 10;

export interface ClosingOrder {
  side: SideName;
  priceTicks: number;
  sizeLots: number;
}

/** Splits a position into immediate orders through the touch, each within the size and value rails. */
export function closingOrders(
  positionLots: number,
  touchTicks: number,
  spec: Pick<InstrumentSpec, 'lotSize' | 'tickSize'>,
  rails: RiskRails | null,
): ClosingOrder[] {
  const bps = rails ? Math.min(THROUGH_BPS, rails.priceCollarBps / 2) : THROUGH_BPS;
  const through = (touchTicks * bps) / 10_000;
  const selling = positionLots > 0;
  const priceTicks = selling ? Math.max(1, Math.ceil(touchTicks - through)) : Math.floor(touchTicks + through);
  const lot = Number(spec.lotSize);
  let mostLots = Number.POSITIVE_INFINITY;
  if (rails) {
    const price = Math.max(priceTicks, touchTicks) * Number(spec.tickSize);
    // A hair below, so that rounding does not put the order over the rail.
    mostLots = Math.max(1, Math.floor((Math.min(rails.maxOrderSize, rails.maxOrderValue / price) / lot) * (1 + 1e-9)));
  }
  const orders: ClosingOrder[] = [];
  for (let left = Math.abs(positionLots); left > 0 && orders.length < MOST_ORDERS; ) {
    const sizeLots = Math.min(left, mostLots);
    orders.push({ side: selling ? 'sell' : 'buy', priceTicks, sizeLots });
    left -= sizeLots;
  }
  return orders;
}
