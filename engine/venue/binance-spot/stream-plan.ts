import type { InstrumentSpec } from '../../contract/units.ts';
import { grownUint8 } from '../../core/grown-array.ts';
import { type RouteKind, RouteTable } from '../route-table.ts';

/** What follows the `@` in a stream's name. */
export type StreamSuffix = 'depth@100ms' | 'trade' | 'aggTrade' | 'bookTicker';

/** One entry point of a Binance market and the streams that it sends. */
export interface StreamEntry {
  name: string;
  /** Of combined streams. */
  path: string;
  carries(suffix: StreamSuffix): boolean;
}

export const spotEntries: readonly StreamEntry[] = [{ name: 'streams', path: '/stream', carries: () => true }];

/** Three streams each: below the 200 that a connection is trusted with (1,024 allowed), and an address of some 4 KB. */
const INSTRUMENTS_PER_CONNECTION = 64;

/**
 * Which streams Binance is asked for, on which connection, by address or by message. The address of a connection names
 * what was wanted when it was made; what changed until it opened, and later, goes by SUBSCRIBE and UNSUBSCRIBE.
 */
export class StreamPlan {
  readonly table: RouteTable;
  /** Kinds of route that carry depth and trades; the same where one carries both, -1 without. */
  readonly depthKind: number;
  readonly tradeKind: number;
  readonly #instruments: readonly InstrumentSpec[];
  /** Suffixes by kind of route. */
  readonly #suffixes: StreamSuffix[][];
  /** By route: instruments that the newest address named. */
  readonly #named: Uint8Array[] = [];
  #messageId = 0;

  /** @param instruments the adapter's list, which grows. */
  constructor(
    entries: readonly StreamEntry[],
    suffixes: readonly StreamSuffix[],
    instruments: readonly InstrumentSpec[],
  ) {
    this.#instruments = instruments;
    const used = entries
      .map((entry) => ({ ...entry, suffixes: suffixes.filter((suffix) => entry.carries(suffix)) }))
      .filter((entry) => entry.suffixes.length > 0);
    this.#suffixes = used.map((entry) => entry.suffixes);
    const kindOf = (sent: (suffix: StreamSuffix) => boolean) => used.findIndex((entry) => entry.suffixes.some(sent));
    this.depthKind = kindOf((suffix) => suffix === 'depth@100ms');
    this.tradeKind = kindOf((suffix) => suffix === 'trade' || suffix === 'aggTrade');
    const kinds = used.map(
      (entry): RouteKind => ({
        name: entry.name,
        path: (route, carried) => this.#path(entry.path, route, carried),
      }),
    );
    this.table = new RouteTable(kinds, INSTRUMENTS_PER_CONNECTION);
  }

  /** Names of one instrument's streams on the routes of a kind. */
  streamsOf(instrument: number, kind: number): string[] {
    const name = (this.#instruments[instrument] as InstrumentSpec).symbol.toLowerCase();
    return (this.#suffixes[kind] as StreamSuffix[]).map((suffix) => `${name}@${suffix}`);
  }

  /** Streams of all subscribed instruments, over all routes. */
  streams(): string[] {
    return this.#instruments.flatMap((_, i) =>
      this.table.isSubscribed(i) ? this.#suffixes.flatMap((_suffixes, kind) => this.streamsOf(i, kind)) : [],
    );
  }

  /** What a connection that has just opened must still be told. */
  subscriptionMessages(route: number): string[] {
    const kind = this.table.kindOf(route);
    const named = this.#named[route] ?? new Uint8Array(0);
    const wanted = this.table.subscribedOf(route);
    const missing = wanted.filter((instrument) => named[instrument] !== 1);
    const unwanted = [...named.keys()].filter((i) => named[i] === 1 && !this.table.isSubscribed(i));
    return [...this.#messages('UNSUBSCRIBE', unwanted, kind), ...this.#messages('SUBSCRIBE', missing, kind)];
  }

  subscribe(instrument: number, kind: number): string[] {
    return this.#messages('SUBSCRIBE', [instrument], kind);
  }

  unsubscribe(instrument: number, kind: number): string[] {
    return this.#messages('UNSUBSCRIBE', [instrument], kind);
  }

  #path(path: string, route: number, carried: readonly number[]): string {
    const named = grownUint8(this.#named[route] ?? new Uint8Array(1), this.#instruments.length).fill(0);
    for (const instrument of carried) named[instrument] = 1;
    this.#named[route] = named;
    if (carried.length === 0) return path;
    const kind = this.table.kindOf(route);
    return `${path}?streams=${carried.flatMap((instrument) => this.streamsOf(instrument, kind)).join('/')}`;
  }

  #messages(method: string, instruments: readonly number[], kind: number): string[] {
    if (instruments.length === 0) return [];
    const params = instruments.flatMap((instrument) => this.streamsOf(instrument, kind));
    return [JSON.stringify({ method, params, id: ++this.#messageId })];
  }
}
