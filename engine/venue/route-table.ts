import { grownFloat64, grownUint8 } from '../core/grown-array.ts';
import type { StreamRoute } from './market-adapter.ts';

/** A sort of connection that each group of instruments has: USD-M futures have two, most venues one. */
export interface RouteKind {
  name: string;
  /** Path of a connection of that route about to be made, which is to carry these instruments. */
  path(route: number, instruments: readonly number[]): string;
}

export const NOT_SUBSCRIBED = 'not subscribed';

/**
 * Which connection carries which instruments, which of them are open, and when each spoke last. Instruments go in groups
 * of a fixed size onto connections of their own, in the order they came: a venue bounds what one connection may carry, and
 * adding an instrument must not move another.
 */
export class RouteTable {
  readonly routes: StreamRoute[] = [];
  readonly #kinds: readonly RouteKind[];
  readonly #instrumentsPerRoute: number;
  #instruments = 0;
  #subscribed: Uint8Array = new Uint8Array(16);
  #connected: Uint8Array = new Uint8Array(4);
  #lastMessageNs: Float64Array = new Float64Array(4);

  constructor(kinds: readonly RouteKind[], instrumentsPerRoute: number) {
    this.#kinds = kinds;
    this.#instrumentsPerRoute = instrumentsPerRoute;
  }

  /** Takes the next instrument, subscribed; opens a further group where the last is full. */
  add(): void {
    const instrument = this.#instruments++;
    this.#subscribed = grownUint8(this.#subscribed, this.#instruments);
    this.#subscribed[instrument] = 1;
    if (instrument % this.#instrumentsPerRoute !== 0) return;
    const group = instrument / this.#instrumentsPerRoute;
    for (const kind of this.#kinds) {
      const route = this.routes.length;
      const name = group === 0 ? kind.name : `${kind.name}-${group + 1}`;
      this.routes.push({ name, path: () => kind.path(route, this.subscribedOf(route)) });
    }
    this.#connected = grownUint8(this.#connected, this.routes.length);
    this.#lastMessageNs = grownFloat64(this.#lastMessageNs, this.routes.length);
  }

  setSubscribed(instrument: number, subscribed: boolean): void {
    this.#subscribed[instrument] = subscribed ? 1 : 0;
  }

  isSubscribed(instrument: number): boolean {
    return this.#subscribed[instrument] === 1;
  }

  /** Route that carries that kind of an instrument's streams. */
  routeOf(instrument: number, kind = 0): number {
    return Math.floor(instrument / this.#instrumentsPerRoute) * this.#kinds.length + kind;
  }

  kindOf(route: number): number {
    return route % this.#kinds.length;
  }

  /** Subscribed instruments that a route carries. */
  subscribedOf(route: number): number[] {
    const from = Math.floor(route / this.#kinds.length) * this.#instrumentsPerRoute;
    const to = Math.min(from + this.#instrumentsPerRoute, this.#instruments);
    const found: number[] = [];
    for (let i = from; i < to; i++) if (this.#subscribed[i] === 1) found.push(i);
    return found;
  }

  isConnected(route: number): boolean {
    return this.#connected[route] === 1;
  }

  onConnected(route: number, timeNs: number): void {
    this.#connected[route] = 1;
    this.#lastMessageNs[route] = timeNs;
  }

  onDisconnected(route: number): void {
    this.#connected[route] = 0;
  }

  onMessage(route: number, timeNs: number): void {
    this.#lastMessageNs[route] = timeNs;
  }

  /** True, once for each such time, when an open connection that carries something has been silent for longer. */
  hasFallenSilent(route: number, timeNs: number, silentAfterNs: number): boolean {
    if (this.#connected[route] !== 1 || timeNs - (this.#lastMessageNs[route] as number) <= silentAfterNs) return false;
    this.#lastMessageNs[route] = timeNs;
    return this.subscribedOf(route).length > 0;
  }
}
