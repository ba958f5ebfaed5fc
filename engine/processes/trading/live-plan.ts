import { type MarketProtocol, marketProtocols, type VenueId } from '../../contract/market-protocol.ts';
import type { TradingSource } from '../../contract/process.ts';
import type { VenueAddress } from '../../contract/settings.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import type { WantedSymbol } from './event-source.ts';
import { RefusedError, UnavailableError, UnusableInputError } from './errors.ts';
import { VenueDirectory } from './feed/venue-directory.ts';

export type LiveConfig = Extract<TradingSource, { kind: 'sim' | 'live' }>;

/** The venue may still be starting: it is asked a few times. */
const DISCOVERY_TRIES = 20;
const DISCOVERY_PAUSE_MS = 250;

/** Where orders go. */
export interface OrderEntryPlan {
  venue: MarketProtocol;
  apiUrl: string;
  apiKey: string;
  apiSecret: string;
}

/** What a session over sockets consists of. */
export interface LivePlan {
  /** `sim`, `live`: keeps the history of different sources apart in the store. */
  description: string;
  directory: VenueDirectory;
  instruments: InstrumentSpec[];
  /** Symbols of venues that could not be asked yet. */
  late: WantedSymbol[];
  /** Undefined: filled on paper. */
  orders: OrderEntryPlan | undefined;
}

/** @throws UnusableInputError on a symbol that its venue does not trade; UnavailableError when no venue at all could be asked. */
export async function planLiveSource(config: LiveConfig): Promise<LivePlan> {
  const wanted = wantedSymbols(config);
  const directory = new VenueDirectory({
    venues: reachableVenues(config),
    addresses: addressesOf(config),
    slowVenues: config.kind === 'live',
  });
  const instruments: InstrumentSpec[] = [];
  const late: WantedSymbol[] = [];
  let failure = 'no symbol was asked for';
  const answered = new Map<VenueId, string>();
  for (const venue of new Set(wanted.map((symbol) => symbol.venue))) {
    answered.set(venue, await listWithPatience(directory, venue, config.kind === 'sim' ? DISCOVERY_TRIES : 1));
  }
  for (const symbol of wanted) {
    const reason = answered.get(symbol.venue) ?? '';
    if (reason !== '') {
      failure = reason;
      late.push(symbol);
      continue;
    }
    try {
      const { spec, halted } = await directory.find(symbol.venue, symbol.symbol);
      if (halted !== '') console.warn(`${symbol.venue} ${symbol.symbol} does not trade now: ${halted}`);
      instruments.push({ ...spec, index: instruments.length });
    } catch (error) {
      if (error instanceof RefusedError) throw new UnusableInputError(error.message);
      throw error;
    }
  }
  if (instruments.length === 0) throw new UnavailableError(failure);
  for (const { venue, symbol } of late) console.warn(`${venue} ${symbol} joins later: ${answered.get(venue)}`);
  return {
    description: config.kind,
    directory,
    instruments,
    late,
    orders: orderEntryOf(config),
  };
}

/** Empty once the venue's list is there, else why it is not. */
async function listWithPatience(directory: VenueDirectory, venue: VenueId, tries: number): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      await directory.list(venue);
      return '';
    } catch (error) {
      if (error instanceof RefusedError) throw new UnusableInputError(error.message);
      if (!(error instanceof UnavailableError)) throw error;
      if (attempt >= tries) return error.message;
      await new Promise((resolve) => setTimeout(resolve, DISCOVERY_PAUSE_MS));
      directory.forget(venue);
    }
  }
}

/** @throws UnusableInputError naming a venue that this kind of session cannot reach. */
function wantedSymbols(config: LiveConfig): WantedSymbol[] {
  const traded =
    config.kind === 'sim' ? config.symbols.map((symbol) => ({ venue: 'binance-spot' as const, symbol })) : [];
  const watched = (config.feeds ?? []).flatMap(({ venue, symbols }) => {
    if (config.kind === 'sim' && !reachableVenues(config).includes(venue)) {
      const names = reachableVenues(config).join(', ');
      throw new UnusableInputError(`venue: expected one that the simulated venue speaks (${names}), was ${venue}`);
    }
    return symbols.map((symbol) => ({ venue, symbol }));
  });
  const all = [...traded, ...watched];
  return all.filter(
    (one, i) => all.findIndex((other) => other.venue === one.venue && other.symbol === one.symbol) === i,
  );
}

function reachableVenues(config: LiveConfig): readonly VenueId[] {
  if (config.kind === 'live') return marketProtocols;
  return marketProtocols.filter((venue) => addressesOf(config)[venue] !== undefined);
}

function addressesOf(config: LiveConfig): Partial<Record<VenueId, VenueAddress>> {
  const addresses: Partial<Record<VenueId, VenueAddress>> = { ...config.addresses };
  for (const { venue, address } of config.feeds ?? []) if (address !== undefined) addresses[venue] = address;
  if (config.kind === 'sim' && config.symbols.length > 0) {
    // What is traded is seen where it is traded.
    addresses['binance-spot'] = { restUrl: config.restUrl, streamUrl: config.streamUrl.replace(/\/stream$/, '') };
  }
  return addresses;
}

function orderEntryOf(config: LiveConfig): OrderEntryPlan | undefined {
  if (config.kind !== 'sim' || config.symbols.length === 0) return undefined;
  const { apiUrl, apiKey, apiSecret } = config;
  return { venue: 'binance-spot', apiUrl, apiKey, apiSecret };
}
