import * as path from 'node:path';
import { latestSegmentHeader, type SegmentHeader } from '../journal/journal-format.ts';
import type { Series, SessionEntry } from './series-catalog.ts';

export interface CurrentSeries {
  series: Series;
  session: SessionEntry;
  /** Journal folder it is written in. */
  dir: string;
}

/**
 * The series of a symbol in the newest session of all journals: history is that of what the screen shows. Where symbols
 * are sharded, the sessions of the same source in the journals beside it belong to it. Undefined while `sessionOf`, the
 * latest session of a journal that the asker has processed, is not that session, even if older ones know the symbol.
 */
export function currentSeries(
  dirs: readonly string[],
  sessionOf: (dir: string) => SessionEntry | undefined,
  symbol: string,
  venue?: string,
): CurrentSeries | undefined {
  let newest: { dir: string; header: SegmentHeader } | undefined;
  for (const dir of dirs) {
    const header = latestSegmentHeader(dir);
    if (header === undefined || header.createdUs < (newest?.header.createdUs ?? 0)) continue;
    newest = { dir, header };
  }
  if (newest === undefined) return undefined;
  const session = sessionOf(newest.dir);
  if (session?.session !== newest.header.session) return undefined;
  const found = seriesIn(session, symbol, venue);
  if (found !== undefined) return { series: found, session, dir: newest.dir };
  for (const dir of dirs) {
    if (path.dirname(dir) !== path.dirname(newest.dir)) continue;
    const beside = sessionOf(dir);
    const series = beside?.source === session.source ? seriesIn(beside, symbol, venue) : undefined;
    if (beside !== undefined && series !== undefined) return { series, session: beside, dir };
  }
  return undefined;
}

function seriesIn(session: SessionEntry, symbol: string, venue?: string): Series | undefined {
  return session.series.find((series) => series?.symbol === symbol && (venue ?? series.venue) === series.venue);
}
