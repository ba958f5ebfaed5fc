export type TickKind = 'trade' | 'quote';

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

/**
 * Newest ticks by series and kind, with the semantics of a Redis sorted set: score = exchange time, members unique,
 * trimmed to the newest `capacity`. A cache: it may lose everything at any time, but never holds half a range, because
 * whoever fills it clears it whenever ticks may have passed it by.
 */
export interface TickCache {
  /** Adds ticks in any order; those already there change nothing. `seriesName` is `<source>|<symbol>` or alike. */
  add(seriesName: string, kind: TickKind, ticks: readonly Tick[]): Promise<void>;
  /** Newest `limit` ticks with timeUs < `beforeUs`, oldest first. */
  newest(seriesName: string, kind: TickKind, beforeUs: number, limit: number): Promise<Tick[]>;
  count(seriesName: string, kind: TickKind): Promise<number>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Order of ticks: time, then id, then side, price, size. Negative when `a` comes first, 0 when they are the same. */
export function compareTicks(a: Tick, b: Tick): number {
  return (
    a.timeUs - b.timeUs || a.id - b.id || a.side - b.side || a.priceTicks - b.priceTicks || a.sizeLots - b.sizeLots
  );
}
