import type { InstrumentSpec } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { FaultMenu } from '../../simulation/faults/fault-menu.ts';
import type { VenueConnections } from '../../simulation/faults/venue-connections.ts';
import type { FeedVenue } from '../../simulation/feed-venue.ts';
import type { SeededRandom } from '../../simulation/seeded-random.ts';
import type { MarketAdapter } from '../../venue/market-adapter.ts';
import { protocols } from '../../venue/protocols.ts';
import { VirtualConnection } from './virtual-connection.ts';
import type { VirtualClock } from './virtual-clock.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const SETTLED_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 5_000;
const REST_TIMEOUT_MS = 5_000;
const TIMER_MS = 50;
const NS_PER_MS = 1e6;

/** What the feed tells of itself. */
export interface FeedObserver {
  onEvent(slot: EventSlot): void;
  /** A call into the adapter is over: what it changed can be looked at. */
  onSettled(): void;
  /** A snapshot was asked for, by REST or a new subscription. */
  onSnapshotRequest(instrument: number): void;
}

interface Route {
  connection: VirtualConnection | undefined;
  isOpen: boolean;
  retryMs: number;
  openedMs: number;
}

/** The trading process's feed shell in virtual time: real adapter, connections with back-off, REST with a time limit. */
export class VirtualFeed {
  readonly adapter: MarketAdapter;
  readonly #venue: FeedVenue;
  readonly #menu: FaultMenu;
  readonly #connections: VenueConnections;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #observer: FeedObserver;
  readonly #startMs: number;
  readonly #routes: Route[] = [];
  #subscribing = false;

  constructor(
    venue: FeedVenue,
    instruments: readonly InstrumentSpec[],
    menu: FaultMenu,
    connections: VenueConnections,
    clock: VirtualClock,
    random: SeededRandom,
    observer: FeedObserver,
  ) {
    this.#venue = venue;
    this.#menu = menu;
    this.#connections = connections;
    this.#clock = clock;
    this.#random = random;
    this.#observer = observer;
    this.#startMs = clock.nowMs();
    const { createAdapter, tradeStream } = protocols[venue.protocol];
    this.adapter = createAdapter(
      { instruments, tradeStream, originUs: this.#startMs * 1000, depth: true },
      {
        emit: (slot) => observer.onEvent(slot),
        requestSnapshot: (instrument) => this.#fetchSnapshot(instrument),
        send: (text, route = 0) => {
          this.#noteResubscription(text);
          const state = this.#routes[route];
          if (state?.isOpen === true) state.connection?.sendText(text);
        },
        reconnect: (_reason, route = 0) => {
          // Not from inside the adapter's call, as a socket does not either.
          this.#clock.after(0, () => this.#routes[route]?.connection?.terminate());
        },
      },
    );
  }

  /** Engine time, ns. */
  get nowNs(): number {
    return Math.round((this.#clock.nowMs() - this.#startMs) * NS_PER_MS);
  }

  start(): void {
    this.adapter.routes.forEach((_, route) => {
      this.#routes.push({ connection: undefined, isOpen: false, retryMs: FIRST_RETRY_MS, openedMs: 0 });
      this.#connect(route);
    });
    this.#repeat(TIMER_MS, () => this.#settle(() => this.adapter.onTimer(this.nowNs)));
    const { pingIntervalMs } = this.adapter;
    if (pingIntervalMs > 0) {
      this.#repeat(pingIntervalMs, () => {
        for (const { connection, isOpen } of this.#routes) if (isOpen) connection?.sendText(this.adapter.pingMessage());
      });
    }
  }

  #connect(route: number): void {
    const path = this.adapter.routes[route]?.path() ?? '';
    const state = this.#routes[route] as Route;
    const connection = new VirtualConnection(this.#venue, this.#menu, this.#clock, this.#random, {
      onOpen: () => this.#onOpen(route),
      onMessage: (bytes) => this.#settle(() => this.adapter.onMessage(bytes, this.nowNs, route)),
      onClose: (reason) => this.#onClose(route, connection, reason),
    });
    state.connection = connection;
    state.isOpen = false;
    connection.onVenueEnd = () => this.#connections.delete(connection);
    connection.open(this.#venue, path, () => this.#connections.add(connection));
    this.#clock.after(HANDSHAKE_TIMEOUT_MS, () => {
      if (state.connection === connection && !state.isOpen) connection.terminate();
    });
  }

  #onOpen(route: number): void {
    const state = this.#routes[route] as Route;
    state.isOpen = true;
    state.openedMs = this.#clock.nowMs();
    this.#subscribing = true;
    this.#settle(() => this.adapter.onConnected(this.nowNs, route));
    for (const text of this.adapter.subscriptionMessages(route)) state.connection?.sendText(text);
    this.#subscribing = false;
  }

  #onClose(route: number, connection: VirtualConnection, reason: string): void {
    const state = this.#routes[route] as Route;
    if (state.connection !== connection) return;
    state.connection = undefined;
    const wasOpen = state.isOpen;
    state.isOpen = false;
    if (wasOpen && this.#clock.nowMs() - state.openedMs > SETTLED_MS) state.retryMs = FIRST_RETRY_MS;
    if (wasOpen) this.#settle(() => this.adapter.onDisconnected(this.nowNs, reason, route));
    this.#retryLater(route);
  }

  #retryLater(route: number): void {
    const state = this.#routes[route] as Route;
    const jitteredMs = state.retryMs * (0.5 + this.#random.next());
    state.retryMs = Math.min(state.retryMs * 2, LAST_RETRY_MS);
    this.#clock.after(jitteredMs, () => this.#connect(route));
  }

  #fetchSnapshot(instrument: number): void {
    this.#observer.onSnapshotRequest(instrument);
    const whole = this.adapter.snapshotPath(instrument);
    const [path = '', query = ''] = whole.split('?', 2);
    let answered = false;
    const fail = (reason: string, retryAfterMs?: number): void => {
      if (answered) return;
      answered = true;
      this.#settle(() => this.adapter.onSnapshotFailed(instrument, this.nowNs, reason, retryAfterMs));
    };
    this.#clock.after(REST_TIMEOUT_MS, () => fail(`no answer within ${REST_TIMEOUT_MS} ms`));
    this.#clock.after(1 + this.#random.exponential(20), () => {
      const answer = this.#venue.rest({ method: 'GET', path, query, header: () => undefined });
      const bytes = Buffer.from(answer.body);
      this.#clock.after(answer.delayMs + 1 + this.#random.exponential(20), () => {
        if (answered) return;
        if (answer.status !== 200) {
          const seconds = Number(answer.headers['retry-after']);
          fail(`status ${answer.status}`, Number.isFinite(seconds) ? seconds * 1000 : undefined);
          return;
        }
        answered = true;
        this.#settle(() => this.adapter.onSnapshot(instrument, bytes, this.nowNs));
      });
    });
  }

  /** Texts that subscribe a book anew, outside the opening of a connection, ask for a snapshot. */
  #noteResubscription(text: string): void {
    if (this.#subscribing || !/"subscribe"|"ticket"/.test(text)) return;
    this.adapter.instruments.forEach(({ symbol }, instrument) => {
      if (text.includes(symbol)) this.#observer.onSnapshotRequest(instrument);
    });
  }

  #settle(call: () => void): void {
    call();
    this.#observer.onSettled();
  }

  #repeat(everyMs: number, run: () => void): void {
    const again = (): void => {
      run();
      this.#clock.after(everyMs, again);
    };
    this.#clock.after(everyMs * this.#random.next(), again);
  }
}
