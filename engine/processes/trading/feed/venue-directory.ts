import {
  isMarketProtocol,
  isSlowVenue,
  type MarketProtocol,
  type SlowVenue,
  type VenueId,
} from '../../../contract/market-protocol.ts';
import type { VenueAddress } from '../../../contract/settings.ts';
import type { SymbolMatch, SymbolSearchResult } from '../../../contract/trading-messages.ts';
import { discoveries } from '../../../venue/instrument-discovery.ts';
import type { InstrumentList, ListedInstrument } from '../../../venue/instrument-list.ts';
import { protocols } from '../../../venue/protocols.ts';
import { RequestBudget } from '../../../venue/request-budget.ts';
import { RefusedError, UnavailableError } from '../errors.ts';
import { listSlowInstruments, openSlowExchange, type SlowExchange } from './slow-library.ts';
import { rankSymbols } from './symbol-rank.ts';
import { requestOfVenue } from './venue-rest.ts';

/** Venues list and delist a few times a day. */
const LIST_AGE_MS = 3_600_000;
/** What could not be asked is asked again after this, not with every letter that is typed. */
const FAILURE_AGE_MS = 5_000;
/** A search does not wait longer for a venue's list; the next one finds it. */
const SEARCH_PATIENCE_MS = 3_000;
/** More pages than this are no list but a loop. */
const MAX_PAGES = 50;

export interface VenueDirectoryOptions {
  /** Venues that the session can reach, in the order of their results. */
  venues: readonly VenueId[];
  /** Other addresses than the venues' own. */
  addresses: Partial<Record<VenueId, VenueAddress>>;
  /** Exchanges of the generic library can be reached as well, by name. */
  slowVenues: boolean;
}

interface Cached {
  list: Promise<InstrumentList>;
  untilMs: number;
}

/** What the session's venues trade, by their own lists: asked for when first needed, kept for an hour. */
export class VenueDirectory {
  readonly venues: readonly VenueId[];
  readonly #addresses: Partial<Record<VenueId, VenueAddress>>;
  readonly #slowVenues: boolean;
  readonly #lists = new Map<VenueId, Cached>();
  readonly #exchanges = new Map<SlowVenue, SlowExchange>();
  readonly #budgets = new Map<MarketProtocol, RequestBudget>();

  constructor(options: VenueDirectoryOptions) {
    this.venues = options.venues;
    this.#addresses = options.addresses;
    this.#slowVenues = options.slowVenues;
  }

  reaches(venue: VenueId): boolean {
    return this.venues.includes(venue) || (this.#slowVenues && isSlowVenue(venue));
  }

  /** The exchange of a slow venue whose list was read. @throws RangeError when it was not. */
  exchangeOf(venue: SlowVenue): SlowExchange {
    const exchange = this.#exchanges.get(venue);
    if (exchange === undefined) throw new RangeError(`venue: expected one whose list was read, was ${venue}`);
    return exchange;
  }

  addressOf(venue: MarketProtocol): VenueAddress {
    return this.#addresses[venue] ?? protocols[venue].limits.address;
  }

  /** The venue's request budget, shared by all that ask it. */
  budgetOf(venue: MarketProtocol): RequestBudget {
    let budget = this.#budgets.get(venue);
    if (budget === undefined) {
      budget = new RequestBudget(protocols[venue].limits.requests);
      this.#budgets.set(venue, budget);
    }
    return budget;
  }

  /**
   * @throws (rejects with) UnavailableError with one line when the venue could not be asked or understood; RefusedError for
   * one that the generic library does not know.
   */
  list(venue: VenueId): Promise<InstrumentList> {
    const nowMs = Date.now();
    const known = this.#lists.get(venue);
    if (known !== undefined && nowMs < known.untilMs) return known.list;
    const cached: Cached = {
      list: isMarketProtocol(venue) ? this.#fetch(venue) : this.#fetchSlow(venue),
      untilMs: nowMs + LIST_AGE_MS,
    };
    this.#lists.set(venue, cached);
    cached.list.catch(() => {
      cached.untilMs = Date.now() + FAILURE_AGE_MS;
    });
    return cached.list;
  }

  /** The next question asks the venue again. */
  forget(venue: VenueId): void {
    this.#lists.delete(venue);
  }

  /** @throws RefusedError when the venue does not list the symbol; UnavailableError when it could not be asked. */
  async find(venue: VenueId, symbol: string): Promise<ListedInstrument> {
    const { listed } = await this.list(venue);
    const found = listed.find(({ spec }) => spec.symbol === symbol);
    if (found === undefined) throw new RefusedError(`symbol: expected one that ${venue} trades, was ${symbol}`);
    return found;
  }

  /** Best matches first over the venue's list, or over all. `instrument` of each is -1: the caller knows what it has. */
  async search(text: string, venue: VenueId | undefined, limit: number): Promise<SymbolSearchResult> {
    const wanted = venue === undefined ? this.#searched() : [venue];
    const unavailable: SymbolSearchResult['unavailable'] = [];
    const found = await Promise.all(
      wanted.map(async (id) => {
        try {
          return { venue: id, listed: await this.#listSoon(id) };
        } catch (error) {
          if (!(error instanceof UnavailableError || error instanceof RefusedError)) throw error;
          unavailable.push({ venue: id, reason: error.message });
          return { venue: id, listed: [] };
        }
      }),
    );
    const candidates = found.flatMap(({ venue: id, listed }) => listed.map((entry) => matchOf(id, entry)));
    const matches = rankSymbols(text, candidates);
    return { matches: matches.slice(0, limit), total: matches.length, unavailable };
  }

  async #listSoon(venue: VenueId): Promise<readonly ListedInstrument[]> {
    if (!this.reaches(venue)) {
      throw new UnavailableError(`${venue} cannot be reached by this session`);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new UnavailableError('its list is still being read')), SEARCH_PATIENCE_MS);
    });
    try {
      return (await Promise.race([this.list(venue), late])).listed;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The native ones, and those of the generic library that are open already: loading it takes seconds. */
  #searched(): VenueId[] {
    return [...new Set([...this.venues, ...this.#exchanges.keys()])];
  }

  async #fetchSlow(venue: SlowVenue): Promise<InstrumentList> {
    let exchange: SlowExchange;
    try {
      exchange = this.#exchanges.get(venue) ?? (await openSlowExchange(venue, this.#addresses[venue]));
    } catch (error) {
      if (error instanceof RangeError) throw new RefusedError(error.message);
      throw error;
    }
    try {
      const specs = await listSlowInstruments(venue, exchange);
      this.#exchanges.set(venue, exchange);
      return { listed: specs.map((spec) => ({ spec, halted: '' })), skipped: 0, skipReason: '' };
    } catch (error) {
      throw new UnavailableError(`${venue}: ${String(error).slice(0, 200)}`);
    }
  }

  async #fetch(venue: MarketProtocol): Promise<InstrumentList> {
    const { documents, nextPath, read } = discoveries[venue];
    const { makerFee, takerFee, limits } = protocols[venue];
    const { restUrl } = this.addressOf(venue);
    const bodies: Uint8Array[] = [];
    for (const { path, weight } of documents) {
      let next = path;
      while (next !== '') {
        const answer = await requestOfVenue(restUrl + next, weight, this.budgetOf(venue), limits);
        if (!answer.ok) throw new UnavailableError(answer.reason);
        bodies.push(answer.body);
        if (bodies.length > MAX_PAGES)
          throw new UnavailableError(`${restUrl}${path}: expected at most ${MAX_PAGES} pages, was more`);
        next = nextPath === undefined ? '' : understood(venue, () => nextPath(next, answer.body));
      }
    }
    const list = understood(venue, () => read(bodies, { makerFee, takerFee }));
    if (list.skipped > 0) {
      console.warn(`${venue}: ${list.skipped} entries of its instrument list were skipped, ${list.skipReason}`);
    }
    return list;
  }
}

/** @throws UnavailableError where the answer is not what was asked for. */
function understood<T>(venue: MarketProtocol, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new UnavailableError(`${venue}: ${error.message}`);
    throw error;
  }
}

function matchOf(venue: VenueId, { spec, halted }: ListedInstrument): SymbolMatch {
  const { symbol, baseAsset, quoteAsset, tickSize, lotSize } = spec;
  const match: SymbolMatch = { venue, symbol, baseAsset, quoteAsset, tickSize, lotSize, instrument: -1 };
  return halted === '' ? match : { ...match, halted };
}
