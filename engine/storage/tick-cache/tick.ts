/** One trade, or one side of a best quote. Unique by all its fields. */
export interface Tick {
  /** us since the epoch; the score by which ticks are ordered. */
  timeUs: number;
  priceTicks: number;
  sizeLots: number;
  /** Trade or update id: the order among ticks of the same time. */
  id: number;
  side: number;
}

/** Order of ticks: time, then id, then side, price, size. Negative when `a` comes first, 0 when they are the same. */
export function compareTicks(a: Tick, b: Tick): number {
  return (
    a.timeUs - b.timeUs || a.id - b.id || a.side - b.side || a.priceTicks - b.priceTicks || a.sizeLots - b.sizeLots
  );
}
