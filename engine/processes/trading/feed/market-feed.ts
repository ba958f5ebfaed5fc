import type { MarketProtocol } from '../../../contract/market-protocol.ts';
import type { VenueAddress } from '../../../contract/settings.ts';
import type { InstrumentSpec } from '../../../contract/units.ts';
import { grownInt32 } from '../../../core/grown-array.ts';
import { RateWindow } from '../../../core/rate-window.ts';
import type { FeedCounters, MarketAdapter } from '../../../venue/market-adapter.ts';
import { protocols } from '../../../venue/protocols.ts';
import type { RequestBudget } from '../../../venue/request-budget.ts';
import type { VenueLimits } from '../../../venue/venue-limits.ts';
import type { SessionClock } from '../session-clock.ts';
import { FeedConnection } from './feed-connection.ts';
import { requestOfVenue } from './venue-rest.ts';
import type { FeedPump, VenueFeed } from './venue-feed.ts';

export interface MarketFeedOptions {
  venue: MarketProtocol;
  address: VenueAddress;
  limits: VenueLimits;
  /** Shared with all others that ask this venue by REST. */
  budget: RequestBudget;
  /** At least one; `index` is the session's. */
  instruments: readonly InstrumentSpec[];
  clock: SessionClock;
  pump: FeedPump;
  /** A message came: for the wait strategy. */
  onMessage(): void;
}

/**
 * One venue's market data over real sockets: the sans-IO adapter and all it asks for. Its instrument numbers become the
 * session's on the way to the pump.
 */
export class MarketFeed implements VenueFeed {
  readonly venue: MarketProtocol;
  readonly #o: MarketFeedOptions;
  readonly #adapter: MarketAdapter;
  readonly #connections: FeedConnection[] = [];
  readonly #connects: RateWindow;
  /** Session's number by the adapter's. */
  #session: Int32Array = new Int32Array(8);
  /** Adapter's number by the session's; -1 none of this feed's. */
  #local: Int32Array = new Int32Array(8).fill(-1);
  #started = false;
  #disposed = false;

  /** @throws RangeError when an instrument cannot be counted in its steps. */
  constructor(options: MarketFeedOptions) {
    const { venue, limits, clock, pump, instruments } = options;
    this.#o = options;
    this.venue = venue;
    this.#connects = new RateWindow(limits.connects);
    this.#adapter = protocols[venue].createAdapter(
      {
        instruments: instruments.map((spec, index) => ({ ...spec, index })),
        tradeStream: protocols[venue].tradeStream,
        originUs: clock.originUs,
        depth: true,
      },
      {
        emit: (slot) => {
          slot.instrument = this.#session[slot.instrument] as number;
          pump.emit(slot);
        },
        requestSnapshot: (instrument) => this.#fetchSnapshot(instrument),
        send: (text, route = 0) => this.#connections[route]?.send(text),
        reconnect: (reason, route = 0) => this.#connections[route]?.reconnect(`${venue}, ${reason}`),
      },
    );
    instruments.forEach((spec, local) => {
      this.#map(local, spec.index);
    });
    this.#openConnections();
  }

  start(): void {
    this.#started = true;
    for (const connection of this.#connections) connection.connect();
  }

  counters(instrument: number): FeedCounters {
    return this.#adapter.counters(this.#localOf(instrument));
  }

  add(spec: InstrumentSpec): void {
    const { clock, pump } = this.#o;
    const known = this.#local[spec.index] ?? -1;
    // Numbered before it is added: its state is told from within the call.
    if (known < 0) this.#map(this.#adapter.instruments.length, spec.index);
    this.#adapter.addInstrument(spec, clock.nowNs());
    this.#openConnections();
    pump.flush();
  }

  remove(instrument: number): void {
    const { clock, pump } = this.#o;
    this.#adapter.removeInstrument(this.#localOf(instrument), clock.nowNs());
    pump.flush();
  }

  onCrossed(instrument: number, timeNs: number, reason?: string): void {
    this.#adapter.onCrossed(this.#localOf(instrument), timeNs, reason);
  }

  onTimer(timeNs: number): void {
    this.#adapter.onTimer(timeNs);
    for (const connection of this.#connections) connection.onTimer();
  }

  reconnect(reason: string): void {
    for (const connection of this.#connections) connection.reconnect(`${this.venue}, ${reason}`);
  }

  dispose(): void {
    this.#disposed = true;
    for (const connection of this.#connections) connection.dispose();
  }

  /** @throws RangeError for an instrument of another feed. */
  #localOf(instrument: number): number {
    const local = this.#local[instrument] ?? -1;
    if (local < 0) throw new RangeError(`Expected an instrument of ${this.venue}, was ${instrument}`);
    return local;
  }

  #map(local: number, session: number): void {
    const before = this.#local.length;
    this.#local = grownInt32(this.#local, session + 1);
    this.#local.fill(-1, before);
    this.#session = grownInt32(this.#session, local + 1);
    this.#local[session] = local;
    this.#session[local] = session;
  }

  /** One for each route that has none: there are more of them when instruments came. */
  #openConnections(): void {
    const { venue, address, limits, clock, pump } = this.#o;
    const adapter = this.#adapter;
    for (let route = this.#connections.length; route < adapter.routes.length; route++) {
      const stream = adapter.routes[route];
      if (stream === undefined) return;
      const connection = new FeedConnection({
        route,
        stream,
        streamUrl: address.streamUrl,
        limits,
        connects: this.#connects,
        adapter,
        onOpen: () => {
          adapter.onConnected(clock.nowNs(), route);
          pump.flush();
        },
        onMessage: (bytes, readNs) => {
          this.#o.onMessage();
          pump.beginMessage(readNs);
          adapter.onMessage(bytes, clock.nowNs(), route);
          pump.endMessage();
        },
        onReadEnd: () => pump.flush(),
        onClose: (reason) => {
          console.warn(`${venue} ${stream.name}: connection lost, ${reason}`);
          adapter.onDisconnected(clock.nowNs(), reason, route);
          pump.flush();
        },
      });
      this.#connections.push(connection);
      if (this.#started) connection.connect();
    }
  }

  #fetchSnapshot(instrument: number): void {
    const { address, budget, limits, clock, pump } = this.#o;
    const url = address.restUrl + this.#adapter.snapshotPath(instrument);
    requestOfVenue(url, limits.snapshotWeight, budget, limits).then((answer) => {
      if (this.#disposed) return;
      if (answer.ok) this.#adapter.onSnapshot(instrument, answer.body, clock.nowNs());
      else this.#adapter.onSnapshotFailed(instrument, clock.nowNs(), answer.reason, answer.retryAfterMs);
      pump.flush();
    });
  }
}
