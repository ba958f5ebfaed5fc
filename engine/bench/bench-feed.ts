import { formatSteps } from '../contract/units.ts';

export const benchSymbol = 'BTCUSDT';
export const tickSize = '0.01';
export const lotSize = '0.00001';
/** Middle of the book. The mid never moves: every trigger widens or narrows both sides alike. */
const midTicks = 6_000_000;
/**
 * The best prices of a trigger are `mid -+ distance`, so that an order's price names the trigger that caused it. Enough of
 * them that a stall of two seconds does not make two open triggers look alike.
 */
export const distances = 1_000;
const firstStaticTicks = 1_040;
const staticLevels = 100;
/** Deep levels that change in every message, to give it the length of a real one (about 540 bytes). */
const changedDeepLevels = 7;

type Level = [price: string, size: string];

function level(priceTicks: number, sizeLots: number): Level {
  return [formatSteps(priceTicks, tickSize), formatSteps(sizeLots, lotSize)];
}

export const exchangeInfo = JSON.stringify({
  timezone: 'UTC',
  serverTime: 0,
  rateLimits: [],
  exchangeFilters: [],
  symbols: [
    {
      symbol: benchSymbol,
      status: 'TRADING',
      baseAsset: 'BTC',
      baseAssetPrecision: 8,
      quoteAsset: 'USDT',
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
      isSpotTradingAllowed: true,
      permissions: ['SPOT'],
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000.00', tickSize },
        { filterType: 'LOT_SIZE', minQty: lotSize, maxQty: '9000.00000', stepSize: lotSize },
        { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00' },
      ],
    },
  ],
});

/** The diff stream of the bench: a balanced book that leans to the bid side in every second message. */
export class BenchFeed {
  #updateId = 1_000;
  #count = 0;
  #distance = 1;

  /** Book as REST gives it, at the last update sent. */
  snapshot(): string {
    const side = (sign: 1 | -1): Level[] => [
      level(midTicks + sign * this.#distance, 1_000_000),
      ...Array.from({ length: staticLevels }, (_, i) => level(midTicks + sign * (firstStaticTicks + i), 500_000)),
    ];
    return JSON.stringify({ lastUpdateId: this.#updateId, bids: side(-1), asks: side(1) });
  }

  /** Distance of the last message made. */
  get distance(): number {
    return this.#distance;
  }

  /** Next message; `trigger` ones lean and move the best prices, the ones between restore the balance. */
  next(trigger: boolean, timeMs: number): string {
    const first = ++this.#updateId;
    const bids: Level[] = [];
    const asks: Level[] = [];
    if (trigger) {
      bids.push(level(midTicks - this.#distance, 0));
      asks.push(level(midTicks + this.#distance, 0));
      this.#distance = (this.#distance % distances) + 1;
      bids.push(level(midTicks - this.#distance, 50_000_000));
      asks.push(level(midTicks + this.#distance, 1_000_000));
    } else {
      bids.push(level(midTicks - this.#distance, 1_000_000));
      asks.push(level(midTicks + this.#distance, 1_000_000));
    }
    for (let i = 0; i < changedDeepLevels; i++) {
      const ticks = firstStaticTicks + ((this.#count * changedDeepLevels + i) % staticLevels);
      bids.push(level(midTicks - ticks, 500_000 + (this.#count % 1000)));
      asks.push(level(midTicks + ticks, 500_000 + (this.#count % 1000)));
    }
    this.#count++;
    const data = { e: 'depthUpdate', E: timeMs, s: benchSymbol, U: first, u: first, b: bids, a: asks };
    return JSON.stringify({ stream: `${benchSymbol.toLowerCase()}@depth@100ms`, data });
  }

  /** Distance that an order's price speaks of, from its decimal string. */
  distanceOf(price: string): number {
    return Math.round(Number(price) / Number(tickSize)) - midTicks;
  }
}
