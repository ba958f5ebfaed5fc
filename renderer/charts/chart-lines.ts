/** Prices that are marked across the chart: working orders, the entry of the position, the last price. */
import type { OrderView } from '../../engine/contract/trading-messages.ts';
import type { StepFormatter } from '../hot/step-formatter.ts';
import { isFinished } from '../stores/orders-store.ts';
import type { ThemeColors } from '../styles/theme-colors.ts';
import type { PriceLine } from './chart-drawing.ts';

const WORKING_LINES_MAX = 40;

export interface LineFormats {
  price: StepFormatter;
  size: StepFormatter;
}

/** One line a price and side: orders at the same price are one label, with their sum. `working` counts the orders. */
export function workingLines(
  orders: Iterable<OrderView>,
  instrument: number,
  formats: LineFormats,
  colors: ThemeColors,
): { lines: PriceLine[]; working: number } {
  let working = 0;
  const sums = new Map<number, { ticks: number; buy: boolean; lots: number; count: number }>();
  for (const order of orders) {
    if (isFinished(order.status) || order.instrument !== instrument) continue;
    working++;
    const buy = order.side === 'buy';
    const key = buy ? order.priceTicks : -order.priceTicks;
    const sum = sums.get(key) ?? { ticks: order.priceTicks, buy, lots: 0, count: 0 };
    if (sum.count === 0 && sums.size >= WORKING_LINES_MAX) continue;
    sum.lots += order.sizeLots - order.filledLots;
    sum.count++;
    sums.set(key, sum);
  }
  const lines = [...sums.values()].map(({ ticks, buy, lots, count }) => ({
    ticks,
    color: buy ? colors.buy : colors.sell,
    price: formats.price(ticks),
    label: `${buy ? '▲' : '▼'} ${formats.size(lots)}${count > 1 ? ` ×${count}` : ''}`,
    dash: [6, 4],
  }));
  return { lines, working };
}

/** The entry of a position; none while it is flat. */
export function entryLines(
  entryTicks: number,
  positionLots: number,
  formats: LineFormats,
  colors: ThemeColors,
): PriceLine[] {
  if (!(entryTicks > 0) || positionLots === 0) return [];
  const label = `${positionLots > 0 ? '+' : '−'}${formats.size(Math.abs(positionLots))}`;
  return [
    { ticks: entryTicks, color: colors.entry, price: formats.price(Math.round(entryTicks)), label, dash: [2, 3] },
  ];
}
