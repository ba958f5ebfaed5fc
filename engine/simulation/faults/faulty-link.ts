import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { FaultMenu } from './fault-menu.ts';
import type { LinkClock } from './link-clock.ts';

const MAX_TRICKLE_BYTES = 64;
const MAX_TRICKLE_MS = 4;
const MAX_CHUNK_BYTES = 400;
/** Writes of this long leave as one segment. */
const MIN_MERGE_MS = 40;
const MAX_MERGE_MS = 250;

/**
 * The way of a connection's bytes from the venue to the client. Without a fault they pass straight through; with one they
 * trickle, come in chunks that end anywhere, or many frames at once, always in order. A half-open one carries nothing
 * any more, in either direction, and nobody is told.
 */
export class FaultyLink {
  readonly #menu: FaultMenu;
  readonly #protocol: MarketProtocol;
  readonly #clock: LinkClock;
  readonly #random: SeededRandom;
  readonly #deliver: (bytes: Uint8Array) => void;
  #queue: Uint8Array[] = [];
  #pumping = false;
  #halfOpen = false;

  constructor(
    menu: FaultMenu,
    protocol: MarketProtocol,
    clock: LinkClock,
    random: SeededRandom,
    deliver: (bytes: Uint8Array) => void,
  ) {
    this.#menu = menu;
    this.#protocol = protocol;
    this.#clock = clock;
    this.#random = random;
    this.#deliver = deliver;
  }

  get isHalfOpen(): boolean {
    return this.#halfOpen;
  }

  /** Nothing waits and no fault is armed: bytes may go past it. */
  get isStraight(): boolean {
    return !this.#halfOpen && !this.#pumping && this.#menu.isQuiet;
  }

  write(bytes: Uint8Array): void {
    if (this.#halfOpen) return;
    if (this.isStraight) {
      this.#deliver(bytes);
      return;
    }
    const menu = this.#menu;
    const waits =
      menu.holds('trickledBytes', this.#protocol) ||
      menu.holds('mergedFrames', this.#protocol) ||
      menu.holds('splitFrames', this.#protocol);
    if (!this.#pumping && !waits) {
      this.#deliver(bytes);
      return;
    }
    // Whoever wrote them may use the memory again.
    this.#queue.push(Uint8Array.from(bytes));
    if (this.#pumping) return;
    this.#pumping = true;
    this.#later();
  }

  goHalfOpen(): void {
    this.#halfOpen = true;
    this.#queue = [];
  }

  /** The connection is over: what still waits is lost. */
  end(): void {
    this.goHalfOpen();
  }

  #later(): void {
    const { trickledBytes, mergedFrames } = this.#modes();
    const delayMs = trickledBytes
      ? 1 + this.#random.integer(MAX_TRICKLE_MS)
      : mergedFrames
        ? MIN_MERGE_MS + this.#random.integer(MAX_MERGE_MS - MIN_MERGE_MS)
        : this.#random.integer(2);
    this.#clock.after(delayMs, () => this.#pump());
  }

  #pump(): void {
    if (this.#halfOpen) return;
    const { trickledBytes, splitFrames } = this.#modes();
    const all = this.#queue.length === 1 ? (this.#queue[0] as Uint8Array) : Buffer.concat(this.#queue);
    const most = trickledBytes ? MAX_TRICKLE_BYTES : splitFrames ? MAX_CHUNK_BYTES : all.length;
    const length = most >= all.length ? all.length : 1 + this.#random.integer(most);
    this.#queue = length === all.length ? [] : [all.subarray(length)];
    // The client may answer from inside, and the venue write again: in order, since `pumping` is still set.
    this.#deliver(all.subarray(0, length));
    if (this.#queue.length === 0) this.#pumping = false;
    else this.#later();
  }

  #modes(): { trickledBytes: boolean; mergedFrames: boolean; splitFrames: boolean } {
    const menu = this.#menu;
    return {
      trickledBytes: menu.has('trickledBytes', this.#protocol),
      mergedFrames: menu.has('mergedFrames', this.#protocol),
      splitFrames: menu.has('splitFrames', this.#protocol),
    };
  }
}
