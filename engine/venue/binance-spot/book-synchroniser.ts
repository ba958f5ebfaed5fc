import type { EventSlot } from '../../core/event-slot.ts';
import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import type { FeedCounters, MarketAdapterIo } from '../market-adapter.ts';
import type { ContinuityRule } from './continuity-rule.ts';
import { DiffBuffer } from './diff-buffer.ts';
import type { LevelList } from '../level-list.ts';
import { MarketMessage } from './market-message.ts';
import type { SnapshotBudget } from '../snapshot-budget.ts';
import { CROSSED_REASON } from '../../market/order-book.ts';

const MS = 1e6;
/** Without a single update this long after connecting, the snapshot is asked for anyway (a quiet market). */
const FIRST_UPDATE_PATIENCE_NS = 1000 * MS;
const SNAPSHOT_TIMEOUT_NS = 10_000 * MS;
const FIRST_RETRY_NS = 250 * MS;
const LAST_RETRY_NS = 10_000 * MS;
/** A book that stayed right this long starts its retries from the shortest delay again. */
const SETTLED_NS = 10_000 * MS;

export interface SynchroniserOptions {
  instrument: number;
  symbol: string;
  /** No depth update for this long makes a live book stale. */
  staleAfterNs: number;
  rule: ContinuityRule;
  counters: FeedCounters;
  io: MarketAdapterIo;
  budget: SnapshotBudget;
  /** The adapter's event slot, shared: events leave one at a time. */
  slot: EventSlot;
}

/**
 * Keeps one instrument's book provably right: joins a REST snapshot and the depth stream, checks that every update
 * follows the one before, and says in which state the book is.
 *
 * States as seen from outside: `connecting` (no stream) → `syncing` (waiting for snapshot and updates to meet) → `live`.
 * A book that was live leaves to `gap`, `crossed` or `stale` with the reason, and keeps that state until it is live
 * again, so that the screen can say why. `stale` heals by itself when the stream goes on without a gap.
 */
export class BookSynchroniser {
  readonly #o: SynchroniserOptions;
  readonly #buffer: DiffBuffer;
  readonly #namesPrevious: boolean;
  /** A snapshot that came before any update: it counts only once an update shows that the stream bridges it. */
  readonly #held = new MarketMessage();
  readonly #shifted = new MarketMessage();
  #hasHeld = false;
  /** The book follows the stream (state live or stale). */
  #following = false;
  /** Within {@link #join}, where a consumer may already find the book crossed. */
  #joining = false;
  #crossedWhileJoining = false;
  #connected = false;
  #lastUpdateId = 0;
  /** The book is still the bare snapshot: the next update must reach over its id rather than follow an update. */
  #isBare = false;
  #lastDepthNs = 0;
  /** Venue time of the newest applied update; infinite while the book is the bare snapshot, which tells none. */
  #appliedUs = Number.POSITIVE_INFINITY;
  #connectedNs = 0;
  #liveSinceNs = 0;

  #wantsSnapshot = false;
  #requestInFlight = false;
  #requestedNs = 0;
  #nextRequestNs = 0;
  #attempts = 0;

  constructor(options: SynchroniserOptions) {
    this.#o = options;
    this.#buffer = new DiffBuffer(undefined, options.rule);
    this.#namesPrevious = options.rule.namesPrevious;
  }

  get state(): number {
    return this.#o.counters.state;
  }
  /** Last update applied to the book; 0 before the first snapshot. */
  get lastUpdateId(): number {
    return this.#lastUpdateId;
  }
  /** Engine time of the newest depth update or connection. */
  get lastDepthNs(): number {
    return this.#lastDepthNs;
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#connectedNs = timeNs;
    this.#lastDepthNs = timeNs;
    this.#startSynchronising(timeNs, false);
    this.#setState(BookState.syncing, 'waiting for the snapshot', timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    this.#following = false;
    this.#wantsSnapshot = false;
    this.#discardBuffer();
    this.#setState(BookState.connecting, reason, timeNs);
  }

  /** A depth update, decoded. */
  onDiff(m: MarketMessage, timeNs: number): void {
    const counters = this.#o.counters;
    if (this.#namesPrevious && m.previousUpdateId < 0) {
      counters.badMessages++;
      counters.badReason = 'pu: expected the last id of the update before, was absent';
      this.onBadDiff(counters.badReason, timeNs);
      return;
    }
    counters.depth++;
    if (!this.#connected) {
      counters.discarded++;
      return;
    }
    if (!this.#following) {
      this.#lastDepthNs = timeNs;
      counters.discarded += this.#buffer.append(m);
      if (this.#hasHeld) this.#join(this.#held, timeNs);
      else this.#requestSoon(timeNs);
      return;
    }
    if (this.#isBehind(m.lastUpdateId)) {
      counters.discarded++;
      // An old id of a later time is no repeat, and a book that only repeats come for has lost its stream.
      if (m.eventTimeUs > this.#appliedUs || counters.state === BookState.stale) {
        counters.gaps++;
        this.#resync(
          BookState.gap,
          `expected update ${this.#lastUpdateId + 1}, was ${m.firstUpdateId} anew`,
          timeNs,
          m,
        );
      }
      return;
    }
    this.#lastDepthNs = timeNs;
    const follows = this.#namesPrevious
      ? m.previousUpdateId === this.#lastUpdateId || (this.#isBare && m.previousUpdateId < this.#lastUpdateId)
      : m.firstUpdateId <= this.#lastUpdateId + 1;
    if (!follows) {
      counters.gaps++;
      const reason = this.#namesPrevious
        ? `expected the update after ${this.#lastUpdateId}, was the one after ${m.previousUpdateId}`
        : `expected update ${this.#lastUpdateId + 1}, was ${m.firstUpdateId}`;
      this.#resync(BookState.gap, reason, timeNs, m);
      return;
    }
    this.#emitDiff(m, timeNs);
    // The consumer may have found it crossed meanwhile: then the state is no longer stale.
    if (counters.state === BookState.stale) this.#setState(BookState.live, '', timeNs);
  }

  /** A depth update was lost to a bad message: what the book says is no longer known. */
  onBadDiff(reason: string, timeNs: number): void {
    this.#o.counters.depth++;
    if (!this.#connected) return;
    if (this.#following) {
      this.#o.counters.gaps++;
      this.#resync(BookState.gap, `bad depth message: ${reason}`, timeNs, undefined);
      return;
    }
    this.#discardBuffer();
  }

  /** A decoded snapshot. One that comes late or twice does no harm: it must meet the buffered updates. */
  onSnapshot(m: MarketMessage, timeNs: number): void {
    this.#requestInFlight = false;
    if (!this.#connected || this.#following) return;
    this.#join(m, timeNs);
  }

  onSnapshotFailed(timeNs: number, reason: string, retryAfterMs = 0): void {
    this.#requestInFlight = false;
    if (!this.#connected || this.#following) return;
    this.#retryLater(timeNs);
    this.#nextRequestNs = Math.max(this.#nextRequestNs, timeNs + retryAfterMs * MS);
    this.#setState(this.#o.counters.state, `snapshot failed: ${reason}`, timeNs);
  }

  /** May be called from within an emitted event. */
  onCrossed(timeNs: number, reason = CROSSED_REASON): void {
    if (this.#joining) this.#crossedWhileJoining = true;
    if (!this.#following) return;
    this.#resync(BookState.crossed, reason, timeNs, undefined);
  }

  onTimer(timeNs: number): void {
    if (!this.#connected) return;
    if (this.#following) {
      const silentNs = timeNs - this.#lastDepthNs;
      if (silentNs > this.#o.staleAfterNs && this.#o.counters.state === BookState.live) {
        this.#setState(BookState.stale, `no depth update for ${Math.round(silentNs / 1e9)} s`, timeNs);
      }
      return;
    }
    if (this.#requestInFlight && timeNs - this.#requestedNs > SNAPSHOT_TIMEOUT_NS) {
      this.onSnapshotFailed(timeNs, `no answer for ${SNAPSHOT_TIMEOUT_NS / 1e9} s`);
    }
    if (this.#hasHeld) return;
    if (this.#attempts > 0 || timeNs - this.#connectedNs >= FIRST_UPDATE_PATIENCE_NS) this.#requestSoon(timeNs);
  }

  /** Joins a snapshot with the buffered updates, or keeps it until the first of them, or asks for a newer one. */
  #join(snapshot: MarketMessage, timeNs: number): void {
    const buffer = this.#buffer;
    if (buffer.count === 0) {
      if (snapshot !== this.#held) this.#hold(snapshot);
      return;
    }
    this.#hasHeld = false;
    const isTooOld = this.#namesPrevious
      ? buffer.firstPreviousId > snapshot.lastUpdateId
      : buffer.firstUpdateId > snapshot.lastUpdateId + 1;
    if (isTooOld) {
      this.#retryLater(timeNs);
      const reason = `snapshot ${snapshot.lastUpdateId} is older than update ${buffer.firstUpdateId}`;
      this.#setState(this.#o.counters.state, reason, timeNs);
      return;
    }
    this.#wantsSnapshot = false;
    this.#joining = true;
    this.#crossedWhileJoining = false;
    this.#emitSnapshot(snapshot, timeNs);
    while (buffer.count > 0) {
      if (this.#isBehind(buffer.firstLastUpdateId)) {
        buffer.drop();
        this.#o.counters.discarded++;
      } else {
        buffer.shiftInto(this.#shifted);
        this.#emitDiff(this.#shifted, timeNs);
      }
    }
    this.#joining = false;
    this.#following = true;
    this.#liveSinceNs = timeNs;
    if (this.#crossedWhileJoining) this.onCrossed(timeNs);
    else this.#setState(BookState.live, '', timeNs);
  }

  /** The book already holds all of an update that ends there; one that ends at the snapshot counts by the rule. */
  #isBehind(lastUpdateId: number): boolean {
    if (this.#namesPrevious && this.#isBare) return lastUpdateId < this.#lastUpdateId;
    return lastUpdateId <= this.#lastUpdateId;
  }

  #hold(snapshot: MarketMessage): void {
    const held = this.#held;
    held.lastUpdateId = snapshot.lastUpdateId;
    held.bids.copy(snapshot.bids);
    held.asks.copy(snapshot.asks);
    this.#hasHeld = true;
  }

  #resync(state: BookState, reason: string, timeNs: number, first: MarketMessage | undefined): void {
    this.#o.counters.resyncs++;
    if (timeNs - this.#liveSinceNs >= SETTLED_NS) {
      this.#attempts = 0;
      this.#nextRequestNs = timeNs;
    }
    this.#setState(state, reason, timeNs);
    this.#startSynchronising(timeNs, true);
    if (first !== undefined) this.#buffer.append(first);
    this.#requestSoon(timeNs);
  }

  #startSynchronising(timeNs: number, keepAttempts: boolean): void {
    this.#following = false;
    this.#discardBuffer();
    this.#wantsSnapshot = true;
    if (!keepAttempts) {
      this.#attempts = 0;
      this.#nextRequestNs = timeNs;
    }
  }

  #discardBuffer(): void {
    this.#o.counters.discarded += this.#buffer.count;
    this.#buffer.clear();
    this.#hasHeld = false;
  }

  /** Asks for a snapshot when one is wanted, none is on its way, the delay is over and the shared budget allows. */
  #requestSoon(timeNs: number): void {
    if (!this.#wantsSnapshot || this.#requestInFlight || timeNs < this.#nextRequestNs) return;
    if (!this.#o.budget.take(timeNs)) return;
    this.#requestInFlight = true;
    this.#requestedNs = timeNs;
    this.#attempts++;
    this.#nextRequestNs = timeNs + Math.min(LAST_RETRY_NS, FIRST_RETRY_NS * 2 ** (this.#attempts - 1));
    this.#o.io.requestSnapshot(this.#o.instrument, this.#o.symbol);
  }

  #retryLater(timeNs: number): void {
    this.#wantsSnapshot = true;
    if (this.#nextRequestNs < timeNs + FIRST_RETRY_NS) this.#nextRequestNs = timeNs + FIRST_RETRY_NS;
  }

  #emitSnapshot(m: MarketMessage, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    slot.begin(RecordKind.snapshotBegin, instrument, timeNs);
    slot.id = m.lastUpdateId;
    io.emit(slot);
    this.#emitLevels(m, timeNs, RecordFlag.snapshotOrMaker);
    slot.begin(RecordKind.snapshotEnd, instrument, timeNs);
    slot.id = m.lastUpdateId;
    io.emit(slot);
    this.#lastUpdateId = m.lastUpdateId;
    this.#appliedUs = Number.POSITIVE_INFINITY;
    this.#isBare = true;
  }

  #emitDiff(m: MarketMessage, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    slot.begin(RecordKind.diffBegin, instrument, timeNs);
    slot.exchangeTimeUs = m.eventTimeUs;
    slot.id = m.firstUpdateId;
    slot.aux = m.lastUpdateId;
    io.emit(slot);
    this.#emitLevels(m, timeNs, 0);
    slot.begin(RecordKind.diffEnd, instrument, timeNs);
    slot.exchangeTimeUs = m.eventTimeUs;
    slot.id = m.firstUpdateId;
    slot.aux = m.lastUpdateId;
    io.emit(slot);
    this.#lastUpdateId = m.lastUpdateId;
    this.#appliedUs = m.eventTimeUs === 0 ? Number.POSITIVE_INFINITY : m.eventTimeUs;
    this.#isBare = false;
    this.#o.counters.applied++;
  }

  #emitLevels(m: MarketMessage, timeNs: number, flags: number): void {
    this.#emitSide(m, m.bids, Side.buy, timeNs, flags);
    this.#emitSide(m, m.asks, Side.sell, timeNs, flags);
  }

  #emitSide(m: MarketMessage, { pairs, count }: LevelList, side: Side, timeNs: number, flags: number): void {
    const { slot, io, instrument } = this.#o;
    // A snapshot's is 0.
    const exchangeTimeUs = m.eventTimeUs;
    for (let i = 0; i < 2 * count; i += 2) {
      const priceTicks = pairs[i] as number;
      const sizeLots = pairs[i + 1] as number;
      slot.fillLevel(RecordKind.level, instrument, side, flags, timeNs, exchangeTimeUs, priceTicks, sizeLots);
      io.emit(slot);
    }
  }

  #setState(state: number, reason: string, timeNs: number): void {
    const counters = this.#o.counters;
    const before = counters.state;
    if (before === state && counters.stateReason === reason) return;
    counters.state = state;
    counters.stateReason = reason;
    const { slot, io, instrument } = this.#o;
    slot.begin(RecordKind.bookState, instrument, timeNs);
    slot.id = state;
    slot.aux = before;
    slot.setText(reason);
    io.emit(slot);
  }
}
