import { isMarketProtocol, isSlowVenue, type MarketProtocol, type VenueId } from '../../../contract/market-protocol.ts';
import type { InstrumentSpec } from '../../../contract/units.ts';
import type { FeedCounters } from '../../../venue/market-adapter.ts';
import { protocols } from '../../../venue/protocols.ts';
import { BadMessageLog } from '../bad-message-log.ts';
import { RefusedError } from '../errors.ts';
import type { SessionClock } from '../session-clock.ts';
import { MarketFeed } from './market-feed.ts';
import { SlowFeed } from './slow-feed.ts';
import type { VenueDirectory } from './venue-directory.ts';
import type { FeedPump, VenueFeed } from './venue-feed.ts';

export interface FeedSetOptions {
  directory: VenueDirectory;
  /** `index` is the session's. */
  instruments: readonly InstrumentSpec[];
  clock: SessionClock;
  pump: FeedPump;
  /** A message came: for the wait strategy. */
  onMessage(): void;
}

/** The feeds of a session, one a venue, and which of them has which instrument. */
export class FeedSet {
  readonly #o: FeedSetOptions;
  readonly #feeds: VenueFeed[] = [];
  /** By session number. */
  readonly #feedOf: VenueFeed[] = [];
  readonly #removed: boolean[] = [];
  /** Venue and symbol, by session number: for the log. */
  readonly #names: string[] = [];
  readonly #badMessages = new BadMessageLog();
  #started = false;

  /** @throws RangeError when an instrument cannot be counted in its steps. */
  constructor(options: FeedSetOptions) {
    this.#o = options;
    const { instruments } = options;
    for (const venue of new Set(instruments.map((spec) => spec.venue as VenueId))) {
      this.#create(
        venue,
        instruments.filter((spec) => spec.venue === venue),
      );
    }
  }

  start(): void {
    this.#started = true;
    for (const feed of this.#feeds) feed.start();
  }

  counters(instrument: number): FeedCounters {
    return (this.#feedOf[instrument] as VenueFeed).counters(instrument);
  }

  isRemoved(instrument: number): boolean {
    return this.#removed[instrument] === true;
  }

  /** @throws RefusedError when the venue's adapter cannot work with the instrument. */
  checkUsable(spec: InstrumentSpec): void {
    const venue = spec.venue as VenueId;
    // Whole books as floating-point numbers can be counted in any steps.
    if (!isMarketProtocol(venue)) return;
    const options = { instruments: [{ ...spec, index: 0 }], tradeStream: 'trade', originUs: 0, depth: true } as const;
    const deaf = { emit: ignore, requestSnapshot: ignore, send: ignore, reconnect: ignore };
    try {
      protocols[venue].createAdapter(options, deaf);
    } catch (error) {
      if (error instanceof RangeError) throw new RefusedError(error.message);
      throw error;
    }
  }

  /** Subscribes an instrument, new or removed before; the others are left alone. */
  add(spec: InstrumentSpec): void {
    const venue = spec.venue as VenueId;
    this.#removed[spec.index] = false;
    this.#names[spec.index] = nameOf(spec);
    const feed = this.#feeds.find((one) => one.venue === venue);
    if (feed === undefined) {
      this.#create(venue, [spec]);
      return;
    }
    this.#feedOf[spec.index] = feed;
    feed.add(spec);
  }

  remove(instrument: number): void {
    this.#removed[instrument] = true;
    (this.#feedOf[instrument] as VenueFeed).remove(instrument);
  }

  /** Native venues that have a feed now. */
  get venues(): MarketProtocol[] {
    return this.#feeds.map((feed) => feed.venue).filter(isMarketProtocol);
  }

  reconnect(reason: string): void {
    for (const feed of this.#feeds) feed.reconnect(reason);
  }

  onCrossed(instrument: number, timeNs: number, reason?: string): void {
    (this.#feedOf[instrument] as VenueFeed).onCrossed(instrument, timeNs, reason);
  }

  onTimer(timeNs: number): void {
    for (const feed of this.#feeds) feed.onTimer(timeNs);
    this.#feedOf.forEach((feed, index) => {
      this.#badMessages.look(this.#names[index] as string, feed.counters(index), timeNs);
    });
    this.#badMessages.onTimer(timeNs);
  }

  dispose(): void {
    for (const feed of this.#feeds) feed.dispose();
  }

  #create(venue: VenueId, instruments: readonly InstrumentSpec[]): void {
    const feed = this.#open(venue, instruments);
    this.#feeds.push(feed);
    for (const spec of instruments) {
      this.#feedOf[spec.index] = feed;
      this.#names[spec.index] = nameOf(spec);
    }
    if (this.#started) feed.start();
  }

  #open(venue: VenueId, instruments: readonly InstrumentSpec[]): VenueFeed {
    const { directory, clock, pump, onMessage } = this.#o;
    if (isSlowVenue(venue)) {
      return new SlowFeed({ venue, exchange: directory.exchangeOf(venue), instruments, clock, pump });
    }
    return new MarketFeed({
      venue,
      address: directory.addressOf(venue),
      limits: protocols[venue].limits,
      budget: directory.budgetOf(venue),
      instruments,
      clock,
      pump,
      onMessage,
    });
  }
}

function nameOf({ venue, symbol }: InstrumentSpec): string {
  return `${venue} ${symbol}`;
}

function ignore(): void {
  // Only asked whether it can be made.
}
