import { isVenueId, symbolPattern, type VenueId } from '../../contract/market-protocol.ts';
import type { FeedSetting } from '../../contract/settings.ts';
import type { SymbolSearchResult, TradingRequest } from '../../contract/trading-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { RefusedError, UnavailableError } from './errors.ts';
import type { SourceSymbols } from './event-source.ts';
import type { SessionState } from './session-state.ts';

const DEFAULT_MATCHES = 50;
const MAX_MATCHES = 500;
const MAX_SEARCH_TEXT = 40;
/** The journal numbers instruments in 16 bits; a process is done with far fewer. */
const MAX_INSTRUMENTS = 1_024;

type Request<K extends TradingRequest['kind']> = Extract<TradingRequest, { kind: K }>;

/** What a session watches now: by venue, removed ones left out. */
export interface Subscriptions {
  /** Those of the venue that takes orders; absent where none does. */
  symbols?: string[];
  feeds: FeedSetting[];
}

/**
 * Best matches over the lists of the venues that the session can reach. The request came from a page: every field is
 * checked. @throws (or rejects with) RefusedError with one line for the user.
 */
export async function searchSymbols(
  session: SessionState,
  request: Request<'searchSymbols'>,
): Promise<SymbolSearchResult> {
  const { text, venue, limit = DEFAULT_MATCHES } = request;
  if (typeof text !== 'string' || text.length > MAX_SEARCH_TEXT) {
    throw new RefusedError(`text: expected at most ${MAX_SEARCH_TEXT} characters, was ${shown(text)}`);
  }
  if (venue !== undefined && !isVenue(venue)) throw new RefusedError(`venue: expected a venue, was ${shown(venue)}`);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_MATCHES) {
    throw new RefusedError(`limit: expected 1 to ${MAX_MATCHES}, was ${shown(limit)}`);
  }
  const result = await symbolsOf(session).directory.search(text, venue, limit);
  for (const match of result.matches) match.instrument = subscribedIndex(session, match.venue, match.symbol);
  return result;
}

/**
 * Subscribes one more symbol; the others go on undisturbed. One that is subscribed already is no error.
 * @throws (or rejects with) RefusedError with one line for the user.
 */
export async function addSymbol(session: SessionState, request: Request<'addSymbol'>): Promise<{ instrument: number }> {
  const { venue, symbol } = request;
  const symbols = symbolsOf(session);
  if (!isVenue(venue)) throw new RefusedError(`venue: expected a venue, was ${shown(venue)}`);
  if (typeof symbol !== 'string' || !symbolPattern.test(symbol)) {
    throw new RefusedError(`symbol: expected an upper-case symbol such as BTCUSDT, was ${shown(symbol)}`);
  }
  const subscribed = subscribedIndex(session, venue, symbol);
  if (subscribed >= 0) return { instrument: subscribed };
  if (!symbols.directory.reaches(venue)) {
    throw new RefusedError(`venue: expected one that this session can reach, was ${venue}`);
  }
  const { spec, halted } = await symbols.directory.find(venue, symbol).catch((error: unknown) => {
    throw error instanceof UnavailableError ? new RefusedError(error.message) : error;
  });
  if (halted !== '') throw new RefusedError(`symbol: ${symbol} does not trade at ${venue} now (${halted})`);
  if (session.hasEnded) throw new RefusedError('The session has ended');
  return { instrument: session.addInstrument(spec) };
}

/** Unsubscribes a symbol; its number stays taken. @throws RefusedError while anything of it is still open. */
export function removeSymbol(session: SessionState, instrument: number): void {
  const symbols = symbolsOf(session);
  const { core, instruments } = session;
  const symbol = instruments[instrument]?.symbol ?? '';
  if (symbols.isRemoved(instrument)) return;
  const working = core.workingOrders.filter((order) => order.instrument === instrument).length;
  if (working > 0) {
    throw new RefusedError(`${symbol} has ${working} working order${working === 1 ? '' : 's'}: cancel first`);
  }
  if (core.positionView(instrument).positionLots !== 0) {
    throw new RefusedError(`${symbol} has an open position: close it first`);
  }
  const strategy = core.strategyView();
  if (strategy.state === 'running' && strategy.instrument === instrument) {
    throw new RefusedError(`${symbol} is traded by the running strategy: stop it first`);
  }
  if (instruments.every((_, i) => i === instrument || symbols.isRemoved(i))) {
    throw new RefusedError(`${symbol} is the only symbol of the session: add another first`);
  }
  symbols.remove(instrument);
  session.announceInstruments();
}

/** Puts an instrument into the session, or back into it. @throws RefusedError when it cannot be counted in its steps. */
export function joinInstrument(
  session: SessionState,
  wanted: InstrumentSpec,
  begin: (spec: InstrumentSpec) => void,
): number {
  const symbols = symbolsOf(session);
  const { instruments } = session;
  const known = instruments.find((spec) => spec.venue === wanted.venue && spec.symbol === wanted.symbol);
  if (known !== undefined && !symbols.isRemoved(known.index)) return known.index;
  if (known !== undefined) {
    if (known.tickSize !== wanted.tickSize || known.lotSize !== wanted.lotSize) {
      throw new RefusedError(
        `${known.symbol} has other steps now (${wanted.tickSize}, ${wanted.lotSize}): restart first`,
      );
    }
    symbols.add(known);
    session.announceInstruments();
    return known.index;
  }
  const index = instruments.length;
  if (index >= MAX_INSTRUMENTS) {
    throw new RefusedError(`instruments: expected at most ${MAX_INSTRUMENTS} a session, was one more`);
  }
  const spec = { ...wanted, index };
  symbols.checkUsable(spec);
  begin(spec);
  symbols.add(spec);
  session.announceInstruments();
  return index;
}

export function subscriptionsOf(session: SessionState): Subscriptions {
  const { source, instruments } = session;
  const symbols: string[] = [];
  const feeds: FeedSetting[] = [];
  const watched = instruments.filter(({ index }) => source.symbols?.isRemoved(index) !== true);
  const pending = (source.symbols?.pending ?? []).filter(
    (wanted) => !watched.some((spec) => spec.venue === wanted.venue && spec.symbol === wanted.symbol),
  );
  for (const { venue, symbol } of [...watched, ...pending]) {
    if (venue === source.tradesOnly) {
      symbols.push(symbol);
      continue;
    }
    const feed = feeds.find((one) => one.venue === venue);
    if (feed === undefined) feeds.push({ venue: venue as VenueId, symbols: [symbol] });
    else feed.symbols.push(symbol);
  }
  return source.tradesOnly === '' ? { feeds } : { symbols, feeds };
}

/** Index of a symbol that is subscribed; -1 where it is not, or was removed. */
function subscribedIndex(session: SessionState, venue: string, symbol: string): number {
  const found = session.instruments.find((spec) => spec.venue === venue && spec.symbol === symbol);
  return found === undefined || session.source.symbols?.isRemoved(found.index) === true ? -1 : found.index;
}

function symbolsOf(session: SessionState): SourceSymbols {
  const { symbols } = session.source;
  if (symbols === undefined) throw new RefusedError('A recording has the symbols that it has');
  return symbols;
}

function isVenue(venue: unknown): venue is VenueId {
  return typeof venue === 'string' && isVenueId(venue);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
