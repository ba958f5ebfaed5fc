/** What is typed into the session dialog, and the source that it makes: a pure function, so that errors show while typing. */
import { isSlowVenue, isVenueId, symbolPattern } from '../../engine/contract/market-protocol.ts';
import type { MarketProtocol, VenueId } from '../../engine/contract/market-protocol.ts';
import type { FeedSetting, SourceSetting } from '../../engine/contract/settings.ts';

/** One venue and its symbols as text. */
export interface FeedDraft {
  /** For React: rows come and go. */
  key: number;
  /** A protocol, or `ccxt`. */
  venue: MarketProtocol | 'ccxt';
  /** Of `ccxt`: its id of the exchange. */
  exchange: string;
  symbols: string;
}

export interface SessionDraft {
  kind: SourceSetting['kind'];
  seed: string;
  symbols: string;
  /** Further protocols of the simulated venue. */
  simFeeds: FeedDraft[];
  liveFeeds: FeedDraft[];
  files: string;
  /** Empty: found out from the recording. */
  protocol: MarketProtocol | '';
  symbol: string;
  speed: number | 'max';
}

/** What is wrong with a draft, as a key of `session` in the texts. */
export interface DraftError {
  key: 'seedError' | 'symbolsError' | 'simError' | 'liveError' | 'filesError' | 'symbolError' | 'exchangeError';
  value: string;
}

/** A symbol that each venue has, in its own spelling. */
export const exampleSymbols: Record<MarketProtocol | 'ccxt', string> = {
  'binance-spot': 'BTCUSDT',
  'binance-usdm': 'BTCUSDT',
  'binance-coinm': 'BTCUSD_PERP',
  bybit: 'BTCUSDT',
  'bybit-spot': 'BTCUSDT',
  upbit: 'KRW-BTC',
  okx: 'BTC-USDT-SWAP',
  kraken: 'XBT/USD',
  ccxt: 'BTC/USDT',
};

let nextKey = 1;

export function newFeed(venue: FeedDraft['venue'], symbols = exampleSymbols[venue], exchange = ''): FeedDraft {
  return { key: nextKey++, venue, exchange, symbols };
}

/** A draft that says what the source is now, with examples where it says nothing. */
export function draftOf(source: SourceSetting): SessionDraft {
  const feeds = source.kind === 'replay' ? [] : (source.feeds ?? []);
  const drafts = feeds.map(({ venue, symbols }) =>
    isSlowVenue(venue)
      ? newFeed('ccxt', symbols.join(', '), venue.slice('ccxt:'.length))
      : newFeed(venue as MarketProtocol, symbols.join(', ')),
  );
  return {
    kind: source.kind,
    seed: source.kind === 'sim' ? String(source.seed) : '1',
    symbols: source.kind === 'sim' ? source.symbols.join(', ') : 'BTCUSDT, ETHUSDT, SOLUSDT',
    simFeeds: source.kind === 'sim' ? drafts : [],
    liveFeeds: source.kind === 'live' ? drafts : [newFeed('binance-spot')],
    files: source.kind === 'replay' ? source.files.join('\n') : '',
    protocol: source.kind === 'replay' ? (source.protocol ?? '') : '',
    symbol: source.kind === 'replay' ? (source.symbol ?? '') : '',
    speed: source.kind === 'replay' ? source.speed : 1,
  };
}

function listOf(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);
}

/** Symbols as venues spell them, split at spaces and commas. */
function symbolsOf(text: string): string[] {
  return [...new Set(listOf(text.toUpperCase(), /[\s,]+/))];
}

/** The source that a draft makes, or the first thing that is wrong with it. */
export function sourceOf(draft: SessionDraft): { source: SourceSetting } | { error: DraftError } {
  if (draft.kind === 'replay') {
    const files = listOf(draft.files, /\n+/);
    if (files.length === 0) return failure('filesError', '');
    const [symbol, ...more] = symbolsOf(draft.symbol);
    if (more.length > 0 || (symbol && !symbolPattern.test(symbol))) return failure('symbolError', draft.symbol);
    const { protocol, speed } = draft;
    const source: SourceSetting = { kind: 'replay', files, speed };
    if (protocol) source.protocol = protocol;
    if (symbol) source.symbol = symbol;
    return { source };
  }
  const feeds: FeedSetting[] = [];
  for (const feed of draft.kind === 'sim' ? draft.simFeeds : draft.liveFeeds) {
    const venue: string = feed.venue === 'ccxt' ? `ccxt:${feed.exchange.trim().toLowerCase()}` : feed.venue;
    if (!isVenueId(venue)) return failure('exchangeError', feed.exchange);
    const symbols = symbolsOf(feed.symbols);
    const bad = symbols.find((symbol) => !symbolPattern.test(symbol));
    if (bad !== undefined) return failure('symbolError', bad);
    if (symbols.length === 0) return failure('symbolsError', '');
    addTo(feeds, venue, symbols);
  }
  if (draft.kind === 'live') {
    return feeds.length > 0 ? { source: { kind: 'live', feeds } } : failure('liveError', '');
  }
  const seed = Number(draft.seed);
  if (!Number.isSafeInteger(seed) || seed < 0 || draft.seed.trim() === '') return failure('seedError', draft.seed);
  const symbols = symbolsOf(draft.symbols);
  const bad = symbols.find((symbol) => !symbolPattern.test(symbol));
  if (bad !== undefined) return failure('symbolError', bad);
  if (symbols.length === 0 && feeds.length === 0) return failure('simError', '');
  return { source: { kind: 'sim', seed, symbols, ...(feeds.length > 0 ? { feeds } : {}) } };
}

/** A venue named twice is one feed. */
function addTo(feeds: FeedSetting[], venue: VenueId, symbols: string[]): void {
  const known = feeds.find((feed) => feed.venue === venue);
  if (known) known.symbols = [...new Set([...known.symbols, ...symbols])];
  else feeds.push({ venue, symbols });
}

function failure(key: DraftError['key'], value: string): { error: DraftError } {
  return { error: { key, value } };
}
