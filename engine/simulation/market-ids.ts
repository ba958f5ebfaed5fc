/** One symbol's counters. They never go back, not even over a crash. */
export interface MarketIds {
  orderId: number;
  tradeId: number;
  aggregateId: number;
  updateId: number;
}

/** Where a fresh venue begins. */
export const FIRST_IDS: Readonly<MarketIds> = {
  orderId: 1_000_000,
  tradeId: 500_000,
  aggregateId: 400_000,
  updateId: 10_000_000,
};

/** How many ids are set aside at a time: the store is written once for that many, and a crash skips at most as many. */
const AHEAD: Readonly<MarketIds> = { orderId: 100_000, tradeId: 20_000, aggregateId: 20_000, updateId: 200_000 };
const NAMES = ['orderId', 'tradeId', 'aggregateId', 'updateId'] as const;

/** Ids set aside in the store: all of `ids` are within them. */
export function covers(reserved: MarketIds, ids: MarketIds): boolean {
  return NAMES.every((name) => ids[name] <= reserved[name]);
}

/** The next stretch of ids to set aside. */
export function reserveAhead(ids: MarketIds): MarketIds {
  const reserved = { ...ids };
  for (const name of NAMES) reserved[name] += AHEAD[name];
  return reserved;
}
