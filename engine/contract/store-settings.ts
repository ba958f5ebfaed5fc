/** What the user may choose about the store of ticks. */
export interface StoreSettings {
  /**
   * Ticks (trades, quotes, book updates) whose market time is older than this many days are dropped, a whole day or
   * chunk at a time; 0 keeps all. Candles, orders, fills and the session log are always kept.
   */
  keepTicksDays: number;
  /** TimescaleDB compresses chunks older than this many days; 0 never. Plain Postgres cannot. */
  compressAfterDays: number;
}

export const defaultStoreSettings: StoreSettings = { keepTicksDays: 0, compressAfterDays: 7 };
