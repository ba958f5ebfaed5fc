import type { DialectClient, DialectSession, Payload } from '../../simulation/dialect/dialect.ts';
import type { FaultMenu } from '../../simulation/faults/fault-menu.ts';
import { FaultyLink } from '../../simulation/faults/faulty-link.ts';
import { splitMessage } from '../../simulation/faults/split-message.ts';
import type { VenueConnection } from '../../simulation/faults/venue-connections.ts';
import type { FeedVenue } from '../../simulation/feed-venue.ts';
import type { SeededRandom } from '../../simulation/seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { encodeMessage, MessageParser } from './websocket-codec.ts';

const MIN_LATENCY_MS = 0.5;
const MEAN_LATENCY_MS = 8;
const JITTER_MS = 3;

export interface ConnectionListener {
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  onClose(reason: string): void;
}

/**
 * One WebSocket connection without sockets: real frames, real parser, in between a link that has a latency, keeps the
 * order, and does what the fault menu says. Both ends of it.
 */
export class VirtualConnection implements VenueConnection {
  readonly protocol: FeedVenue['protocol'];
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #menu: FaultMenu;
  readonly #listener: ConnectionListener;
  readonly #link: FaultyLink;
  readonly #parser: MessageParser;
  readonly #latencyMs: number;
  #session: DialectSession | undefined;
  #lastDownMs = 0;
  #lastUpMs = 0;
  #clientEnded = false;
  #venueEnded = false;
  /** Set by whoever keeps the list of open connections. */
  onVenueEnd: () => void = () => undefined;

  constructor(
    venue: FeedVenue,
    menu: FaultMenu,
    clock: VirtualClock,
    random: SeededRandom,
    listener: ConnectionListener,
  ) {
    this.protocol = venue.protocol;
    this.#menu = menu;
    this.#clock = clock;
    this.#random = random;
    this.#listener = listener;
    this.#latencyMs = MIN_LATENCY_MS + random.exponential(MEAN_LATENCY_MS);
    this.#link = new FaultyLink(menu, venue.protocol, clock, random, (bytes) => this.#carry(bytes));
    this.#parser = new MessageParser(
      (bytes) => {
        if (!this.#clientEnded) listener.onMessage(bytes);
      },
      (reason) => this.#clientLost(reason),
    );
  }

  /** The request reaches the venue, which takes it or refuses it; the answer travels back. */
  open(venue: FeedVenue, path: string, onTaken: () => void): void {
    this.#clock.at(this.#afterLatency(0), () => {
      const client: DialectClient = {
        send: (payload) => this.send(payload),
        close: (code, reason) => this.#venueCloses(`closed by the venue: ${code} ${reason}`),
      };
      const session = venue.connect(client, path);
      const atMs = this.#afterLatency(this.#lastDownMs);
      this.#lastDownMs = atMs;
      if (typeof session === 'number') {
        this.#venueEnded = true;
        this.#clock.at(atMs, () => this.#clientLost(`Unexpected server response: ${session}`));
        return;
      }
      this.#session = session;
      onTaken();
      this.#clock.at(atMs, () => {
        if (!this.#clientEnded && !this.#link.isHalfOpen) this.#listener.onOpen();
      });
    });
  }

  // The venue's end.

  send(payload: Payload): void {
    if (this.#venueEnded) return;
    const split = this.#menu.holds('splitFrames', this.protocol);
    const whole = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const fragments = split ? splitMessage(payload, this.#random) : [whole];
    this.#link.write(encodeMessage(fragments, typeof payload !== 'string'));
  }

  cut(): void {
    this.#venueCloses('socket hang up');
  }

  goHalfOpen(): void {
    this.#link.goHalfOpen();
  }

  // The client's end.

  sendText(text: string): void {
    const atMs = this.#afterLatency(this.#lastUpMs);
    this.#lastUpMs = atMs;
    this.#clock.at(atMs, () => {
      if (!this.#venueEnded && !this.#link.isHalfOpen) this.#session?.onMessage(text);
    });
  }

  /** The client gives the connection up; the venue hears of it a little later, unless nothing reaches it any more. */
  terminate(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    this.#clock.at(this.#afterLatency(this.#lastUpMs), () => this.#endVenue());
    this.#listener.onClose('given up');
  }

  #carry(bytes: Uint8Array): void {
    const atMs = this.#afterLatency(this.#lastDownMs);
    this.#lastDownMs = atMs;
    this.#clock.at(atMs, () => {
      // Half-open: what is on the way is lost too.
      if (!this.#clientEnded && !this.#link.isHalfOpen) this.#parser.write(bytes);
    });
  }

  #venueCloses(reason: string): void {
    if (this.#venueEnded) return;
    const atMs = this.#afterLatency(this.#lastDownMs);
    const isLost = this.#link.isHalfOpen;
    this.#endVenue();
    // The last bytes come before the end; of a half-open connection nobody is told until its end.
    this.#clock.at(isLost ? this.#clock.nowMs() : atMs, () => this.#clientLost(reason));
  }

  #endVenue(): void {
    if (this.#venueEnded) return;
    this.#venueEnded = true;
    this.#session?.onClosed();
    this.onVenueEnd();
  }

  #clientLost(reason: string): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    this.#listener.onClose(reason);
    this.#endVenue();
  }

  /** TCP keeps the order: nothing arrives before what left earlier. */
  #afterLatency(lastMs: number): number {
    return Math.max(lastMs, this.#clock.nowMs() + this.#latencyMs + this.#random.next() * JITTER_MS);
  }
}
