import type { EventSlot } from '../core/event-slot.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import type { PostgresSession } from './postgres-session.ts';

/** One symbol of one source: what history and candles are kept by. */
export interface Series {
  key: number;
  source: string;
  /** Empty, or the journal and session of a replay. */
  run: string;
  symbol: string;
  venue: string;
  tickSize: string;
  lotSize: string;
}

export interface SessionEntry {
  journal: number;
  session: number;
  source: string;
  kind: string;
  originUs: number;
  /** By instrument index. */
  series: (Series | undefined)[];
}

/** What a batch adds to the store's catalog. */
export interface CatalogAdditions {
  sessions: SessionEntry[];
  series: Series[];
  instruments: { entry: SessionEntry; instrument: number; series: Series }[];
}

/**
 * Sessions and series as the store has them, plus what the batches on their way add. Keys are given out here and written
 * with the batch; when a batch fails, the catalog is loaded anew.
 */
export class SeriesCatalog {
  readonly #sessions = new Map<string, SessionEntry>();
  readonly #series = new Map<string, Series>();
  #nextKey = 1;
  readonly #newSessions = new Set<SessionEntry>();
  #newSeries: Series[] = [];
  #newInstruments: CatalogAdditions['instruments'] = [];
  /** Asked for by nearly every record. */
  #last: SessionEntry | undefined;
  /** Session records whose JSON could not be read; their rows are stored without source or symbol. */
  readonly problems: string[] = [];

  static async load(db: PostgresSession, journals: readonly number[]): Promise<SeriesCatalog> {
    const catalog = new SeriesCatalog();
    for (const row of await db.query(
      'SELECT series, source, run, symbol, venue, tick_size::text, lot_size::text FROM series',
    )) {
      const series = makeSeries(
        Number(row['series']),
        String(row['source']),
        String(row['run']),
        String(row['symbol']),
        String(row['venue']),
        String(row['tick_size']),
        String(row['lot_size']),
      );
      catalog.#series.set(identityOf(series), series);
      catalog.#nextKey = Math.max(catalog.#nextKey, series.key + 1);
    }
    const byKey = new Map([...catalog.#series.values()].map((series) => [series.key, series]));
    // Only the last session of each journal can still grow.
    for (const row of await db.query(
      `SELECT DISTINCT ON (journal) journal, session, source, kind, origin_us::float8 AS origin_us
        FROM sessions WHERE journal = ANY($1) ORDER BY journal, session DESC`,
      [journals],
    )) {
      const entry: SessionEntry = {
        journal: Number(row['journal']),
        session: Number(row['session']),
        source: String(row['source']),
        kind: String(row['kind']),
        originUs: Number(row['origin_us']),
        series: [],
      };
      catalog.#sessions.set(`${entry.journal}:${entry.session}`, entry);
      for (const mapped of await db.query(
        'SELECT instrument, series FROM session_instruments WHERE journal = $1 AND session = $2',
        [entry.journal, entry.session],
      )) {
        entry.series[Number(mapped['instrument'])] = byKey.get(Number(mapped['series']));
      }
    }
    return catalog;
  }

  /** The session; one without a sessionStart record gets source `unknown`. */
  sessionOf(journal: number, session: number): SessionEntry {
    if (this.#last?.session === session && this.#last.journal === journal) return this.#last;
    const key = `${journal}:${session}`;
    let entry = this.#sessions.get(key);
    if (entry === undefined) {
      entry = { journal, session, source: 'unknown', kind: 'unknown', originUs: 0, series: [] };
      this.#sessions.set(key, entry);
      this.#newSessions.add(entry);
    }
    this.#last = entry;
    return entry;
  }

  /** Newest session of a journal; undefined when it has none. */
  latestSession(journal: number): SessionEntry | undefined {
    let latest: SessionEntry | undefined;
    for (const entry of this.#sessions.values()) {
      if (entry.journal === journal && entry.session >= (latest?.session ?? 0)) latest = entry;
    }
    return latest;
  }

  onSessionStart(journal: number, session: number, slot: EventSlot): void {
    const entry = this.sessionOf(journal, session);
    this.#newSessions.add(entry);
    entry.originUs = Number.isSafeInteger(Math.floor(slot.value)) ? Math.floor(slot.value) : 0;
    const json = this.#parse(slot);
    if (typeof json?.['source'] === 'string') entry.source = json['source'];
    if (typeof json?.['kind'] === 'string') entry.kind = json['kind'];
    else entry.kind = entry.source.startsWith('replay') ? 'replay' : 'sim';
  }

  onInstrument(journal: number, session: number, slot: EventSlot): void {
    const spec = this.#parse(slot) as Partial<InstrumentSpec> | undefined;
    const decimal = /^\d+(\.\d+)?$/;
    if (
      typeof spec?.symbol !== 'string' ||
      !decimal.test(String(spec.tickSize)) ||
      !decimal.test(String(spec.lotSize))
    ) {
      this.#problem(slot, 'expected symbol, tickSize and lotSize');
      return;
    }
    const entry = this.sessionOf(journal, session);
    // Each replay has a history of its own: a second run must neither show its future nor count its trades twice.
    const run = entry.kind === 'replay' ? `${journal}.${session}` : '';
    const wanted = makeSeries(
      0,
      entry.source,
      run,
      spec.symbol,
      spec.venue ?? '',
      String(spec.tickSize),
      String(spec.lotSize),
    );
    let series = this.#series.get(identityOf(wanted));
    if (series === undefined) {
      const key = this.#nextKey++;
      series = makeSeries(key, wanted.source, run, wanted.symbol, wanted.venue, wanted.tickSize, wanted.lotSize);
      this.#series.set(identityOf(series), series);
      this.#newSeries.push(series);
    }
    entry.series[slot.instrument] = series;
    this.#newInstruments.push({ entry, instrument: slot.instrument, series });
  }

  /** What was added since the last call: the batch that was filled meanwhile writes it. */
  takeAdditions(): CatalogAdditions {
    const additions = {
      sessions: [...this.#newSessions],
      series: this.#newSeries,
      instruments: this.#newInstruments,
    };
    this.#newSessions.clear();
    this.#newSeries = [];
    this.#newInstruments = [];
    return additions;
  }

  /** Inside the transaction of the batch. */
  async write(db: PostgresSession, additions: CatalogAdditions): Promise<void> {
    for (const entry of additions.sessions) {
      await db.query(
        `INSERT INTO sessions (journal, session, source, kind, origin_us) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (journal, session) DO UPDATE SET source = excluded.source, kind = excluded.kind,
            origin_us = excluded.origin_us`,
        [entry.journal, entry.session, clean(entry.source), clean(entry.kind), entry.originUs],
      );
    }
    for (const s of additions.series) {
      await db.query(
        `INSERT INTO series (series, source, run, symbol, venue, tick_size, lot_size) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [s.key, clean(s.source), s.run, clean(s.symbol), clean(s.venue), s.tickSize, s.lotSize],
      );
    }
    for (const { entry, instrument, series } of additions.instruments) {
      await db.query(
        `INSERT INTO session_instruments (journal, session, instrument, series) VALUES ($1, $2, $3, $4)
          ON CONFLICT (journal, session, instrument) DO UPDATE SET series = excluded.series`,
        [entry.journal, entry.session, instrument, series.key],
      );
    }
  }

  #parse(slot: EventSlot): Record<string, unknown> | undefined {
    try {
      const value: unknown = JSON.parse(slot.text);
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
      this.#problem(slot, 'expected a JSON object');
    } catch (error) {
      this.#problem(slot, (error as Error).message);
    }
    return undefined;
  }

  #problem(slot: EventSlot, reason: string): void {
    if (this.problems.length < 20) this.problems.push(`record ${slot.sequence} (kind ${slot.kind}): ${reason}`);
  }
}

function makeSeries(
  key: number,
  source: string,
  run: string,
  symbol: string,
  venue: string,
  tickSize: string,
  lotSize: string,
): Series {
  return { key, source, run, symbol, venue, tickSize, lotSize };
}

/** As in the table's unique constraint. Equal numbers written differently (`0.10`, `0.1`) are one series. */
function identityOf(series: Series): string {
  const { source, run, venue, symbol, tickSize, lotSize } = series;
  return JSON.stringify([source, run, venue, symbol, Number(tickSize), Number(lotSize)]);
}

function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
