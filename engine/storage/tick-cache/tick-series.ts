import type { Series, SessionEntry } from '../series-catalog.ts';

/**
 * Name of a series of ticks, the same in every process: `<source>|<venue>|<symbol>|<tick size>|<lot size>`, so that a
 * reader can tell what a tick and a lot are. A replay has ticks of its own: `|<journal id>.<session>` behind it.
 */
export function tickSeriesName(series: Series, session: SessionEntry, journalId: string): string {
  const { source, venue, symbol, tickSize, lotSize } = series;
  const name = [source, venue, symbol, Number(tickSize), Number(lotSize)].join('|');
  return session.kind === 'replay' ? `${name}|${journalId}.${session.session}` : name;
}
