import type { SlowVenue } from '../../../contract/market-protocol.ts';
import type { VenueAddress } from '../../../contract/settings.ts';
import type { InstrumentSpec } from '../../../contract/units.ts';
import type { SlowOrderBook, SlowTrade } from '../../../venue/slow/slow-adapter.ts';
import { slowInstrument, type SlowMarket } from '../../../venue/slow/slow-instruments.ts';

/** What is used of an exchange of the generic library. */
export interface SlowExchange {
  readonly has: Record<string, unknown>;
  /** ms between two requests that the exchange asks for. */
  readonly rateLimit: number;
  readonly precisionMode: number;
  readonly markets: Record<string, SlowMarket> | undefined;
  urls: Record<string, unknown>;
  loadMarkets(): Promise<unknown>;
  watchOrderBook(symbol: string, limit?: number): Promise<SlowOrderBook>;
  watchTrades(symbol: string): Promise<SlowTrade[]>;
  fetchOrderBook(symbol: string, limit?: number): Promise<SlowOrderBook>;
  fetchTrades(symbol: string): Promise<SlowTrade[]>;
  loadHttpProxyAgent?(): Promise<unknown>;
  close?(): Promise<unknown>;
}

type ExchangeClass = new (options: object) => SlowExchange;

/**
 * Loads the generic library, which takes seconds and tens of megabytes: only once somebody asks for one of its exchanges,
 * and never with what the native venues import.
 * @throws RangeError for an exchange that it does not know.
 */
export async function openSlowExchange(venue: SlowVenue, address?: VenueAddress): Promise<SlowExchange> {
  const library = (await import('ccxt')) as unknown as {
    default: Record<string, unknown> & { pro: Record<string, ExchangeClass> };
  };
  const name = venue.slice('ccxt:'.length);
  const known = library.default['exchanges'] as readonly string[];
  if (!known.includes(name)) {
    throw new RangeError(`venue: expected ccxt: and one of its ${known.length} exchanges, was "${venue}"`);
  }
  const Exchange = library.default.pro[name] ?? (library.default[name] as ExchangeClass);
  const exchange = new Exchange({ enableRateLimit: true, newUpdates: true });
  if (address !== undefined) {
    exchange.urls = redirected(exchange.urls, address) as Record<string, unknown>;
    // Streams in the clear (a gateway on this machine) need another agent of the library.
    if (address.streamUrl.startsWith('ws:')) await exchange.loadHttpProxyAgent?.();
  }
  return exchange;
}

/** Instruments that the exchange lists; asks it for them the first time. */
export async function listSlowInstruments(venue: SlowVenue, exchange: SlowExchange): Promise<InstrumentSpec[]> {
  await exchange.loadMarkets();
  // 4: the library's TICK_SIZE, 2: decimal places. Significant digits (3) are no step.
  const mode = exchange.precisionMode === 4 ? 'step' : exchange.precisionMode === 2 ? 'decimals' : undefined;
  if (mode === undefined) return [];
  return Object.values(exchange.markets ?? {}).flatMap((market) => slowInstrument(venue, market, mode) ?? []);
}

/** All addresses in a tree of them, at another origin. */
function redirected(urls: unknown, address: VenueAddress): unknown {
  if (typeof urls === 'string') {
    const base = /^wss?:/.test(urls) ? address.streamUrl : /^https?:/.test(urls) ? address.restUrl : undefined;
    return base === undefined ? urls : urls.replace(/^\w+:\/\/[^/]*/, base.replace(/\/+$/, ''));
  }
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([key, value]) => [key, redirected(value, address)]));
}
