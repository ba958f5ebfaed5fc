import type { FaultStatus } from '../../contract/fault-menu.ts';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { Payload } from '../dialect/dialect.ts';
import type { FeedVenue } from '../feed-venue.ts';
import type { SimulatedMarket } from '../simulated-market.ts';
import { DEFAULT_DURATION_MS } from './fault-menu.ts';
import type { LinkClock } from './link-clock.ts';
import { burstOfTrades } from './trade-burst.ts';

/** An open market data connection, as faults get at it. */
export interface VenueConnection {
  readonly protocol: MarketProtocol;
  /** Past everything that faults do to payloads. */
  send(payload: Payload): void;
  /** The connection is gone without a word, as when a network fails. */
  cut(): void;
  /** From now on nothing arrives and nothing is read. */
  goHalfOpen(): void;
}

/** All open market data connections, and what the instant faults do to them and to the books behind. */
export class VenueConnections {
  readonly #open = new Set<VenueConnection>();
  readonly #clock: LinkClock;
  readonly #feeds: () => Iterable<FeedVenue>;

  /** @param feeds those that are open. */
  constructor(clock: LinkClock, feeds: () => Iterable<FeedVenue>) {
    this.#clock = clock;
    this.#feeds = feeds;
  }

  get open(): Iterable<VenueConnection> {
    return this.#open;
  }

  add(connection: VenueConnection): void {
    this.#open.add(connection);
  }
  delete(connection: VenueConnection): void {
    this.#open.delete(connection);
  }
  cutAll(): void {
    for (const connection of [...this.#open]) connection.cut();
  }

  /** What {@link FaultMenu.onInstant} is for. */
  act(status: FaultStatus): number {
    switch (status.fault) {
      case 'connectionCut':
        return this.#each(status, (connection) => connection.cut());
      case 'serverShutdown':
        return this.#each(status, (connection) => {
          const notice = this.#noticeOf(connection.protocol);
          if (notice !== undefined) connection.send(notice);
          this.#cutLater(connection, status);
        });
      case 'halfOpen':
        return this.#each(status, (connection) => {
          connection.goHalfOpen();
          this.#cutLater(connection, status);
        });
      case 'restartSequence':
        return this.#eachMarket(status, ({ dialect }, { spec }) => Number(dialect.restartSequence(spec.symbol)));
      case 'tradeBurst':
        return this.#eachMarket(status, (_, market) => burstOfTrades(market));
      default:
        return 0;
    }
  }

  #each(status: FaultStatus, action: (connection: VenueConnection) => void): number {
    const hit = [...this.#open]
      .filter(({ protocol }) => status.protocol === undefined || status.protocol === protocol)
      .slice(0, status.count ?? 1);
    for (const connection of hit) action(connection);
    return hit.length;
  }

  #cutLater(connection: VenueConnection, status: FaultStatus): void {
    this.#clock.after(status.durationMs ?? DEFAULT_DURATION_MS, () => {
      if (this.#open.has(connection)) connection.cut();
    });
  }

  #noticeOf(protocol: MarketProtocol): Payload | undefined {
    for (const { dialect } of this.#feeds()) {
      if (dialect.protocol === protocol) return dialect.shutdownNotice(this.#clock.nowMs());
    }
    return undefined;
  }

  #eachMarket(status: FaultStatus, action: (feed: FeedVenue, market: SimulatedMarket) => number): number {
    let hits = 0;
    for (const feed of this.#feeds()) {
      if (status.protocol !== undefined && status.protocol !== feed.protocol) continue;
      for (const market of feed.markets.markets.values()) {
        if (status.symbol === undefined || status.symbol === market.spec.symbol) hits += action(feed, market);
      }
    }
    return hits;
  }
}
