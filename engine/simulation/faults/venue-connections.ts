import type { FaultStatus } from '../../contract/fault-menu.ts';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { Dialect, Payload } from '../dialect/dialect.ts';
import { DEFAULT_DURATION_MS } from './fault-menu.ts';
import type { LinkClock } from './link-clock.ts';

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

/** The markets behind the dialects. */
export interface FaultyMarkets {
  /** Symbols with an open market. */
  symbols(protocol: MarketProtocol): readonly string[];
  /** Makes the trades of a burst, told at once; returns how many. */
  burst(protocol: MarketProtocol, symbol: string): number;
}

/** All open market data connections, and what the instant faults do to them and to the books behind. */
export class VenueConnections {
  readonly #open = new Set<VenueConnection>();
  readonly #clock: LinkClock;
  readonly #dialects: ReadonlyMap<MarketProtocol, Dialect>;
  readonly #markets: FaultyMarkets;

  constructor(clock: LinkClock, dialects: ReadonlyMap<MarketProtocol, Dialect>, markets: FaultyMarkets) {
    this.#clock = clock;
    this.#dialects = dialects;
    this.#markets = markets;
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
          const notice = this.#dialects.get(connection.protocol)?.shutdownNotice(this.#clock.nowMs());
          if (notice !== undefined) connection.send(notice);
          this.#cutLater(connection, status);
        });
      case 'halfOpen':
        return this.#each(status, (connection) => {
          connection.goHalfOpen();
          this.#cutLater(connection, status);
        });
      case 'restartSequence':
        return this.#eachMarket(status, (dialect, symbol) => (dialect.restartSequence(symbol) ? 1 : 0));
      case 'tradeBurst':
        return this.#eachMarket(status, ({ protocol }, symbol) => this.#markets.burst(protocol, symbol));
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

  #eachMarket(status: FaultStatus, action: (dialect: Dialect, symbol: string) => number): number {
    let hits = 0;
    for (const dialect of this.#dialects.values()) {
      if (status.protocol !== undefined && status.protocol !== dialect.protocol) continue;
      for (const symbol of this.#markets.symbols(dialect.protocol)) {
        if (status.symbol === undefined || status.symbol === symbol) hits += action(dialect, symbol);
      }
    }
    return hits;
  }
}
