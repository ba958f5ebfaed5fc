import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { SnapshotBudget } from '../snapshot-budget.ts';
import type { FeedCounters, MarketAdapterIo } from '../market-adapter.ts';
import { type BybitMessage, BybitMessageKind } from './bybit-message.ts';
import type { LevelList } from '../level-list.ts';
import { CROSSED_REASON } from '../../market/order-book.ts';

/** Without a snapshot this long after it was asked for, it is asked for again. */
const SNAPSHOT_PATIENCE_NS = 5e9;
/** Requests in vain before the connection is given up. */
const MAX_REQUESTS = 3;
/** `u` of the snapshot that follows a restart of the venue's service. */
const RESTART_UPDATE_ID = 1;

export interface BybitBookOptions {
  instrument: number;
  symbol: string;
  /** Connection that carries it. */
  route: number;
  /** No update for this long makes a live book stale. */
  staleAfterNs: number;
  counters: FeedCounters;
  io: MarketAdapterIo;
  budget: SnapshotBudget;
  /** The adapter's event slot, shared: events leave one at a time. */
  slot: EventSlot;
  /** Leave and enter this instrument's book topic: the venue answers with a snapshot. */
  resubscribe(): void;
}

/**
 * Keeps one instrument's book provably right. The stream brings its own snapshot; every delta must have the `u` after
 * the one before, and `seq` must never fall. What breaks the rule makes the book a `gap` until the next snapshot, which
 * is asked for by leaving and entering that one topic (Bybit's REST book counts its own updates and cannot be joined to a
 * stream).
 *
 * `seq` tells a repeat from a service that counts anew without having said so: an old `u` with an old `seq` is a repeat
 * and harmless, an old `u` with a new `seq` is a gap. A snapshot with an older `seq` is no truth to go back to either.
 */
export class BybitBook {
  readonly #o: BybitBookOptions;
  #connected = false;
  /** The book follows the stream (live or stale). */
  #following = false;
  #updateId = 0;
  #sequence = 0;
  #lastBookNs = 0;
  #requestedNs = 0;
  #requests = 0;

  constructor(options: BybitBookOptions) {
    this.#o = options;
  }

  get state(): number {
    return this.#o.counters.state;
  }
  /** Engine time of the newest update applied, or of the connection. */
  get lastBookNs(): number {
    return this.#lastBookNs;
  }

  /** The subscription, sent with every connection, brings a snapshot. */
  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#following = false;
    this.#lastBookNs = timeNs;
    this.#requestedNs = timeNs;
    this.#requests = 0;
    this.#sequence = 0;
    this.#updateId = 0;
    this.#setState(BookState.syncing, 'waiting for the snapshot', timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    this.#following = false;
    this.#setState(BookState.connecting, reason, timeNs);
  }

  /** A decoded snapshot or delta. */
  onBook(m: BybitMessage, timeNs: number): void {
    const { counters } = this.#o;
    counters.depth++;
    if (!this.#connected) {
      counters.discarded++;
    } else if (m.kind === BybitMessageKind.snapshot || m.updateId === RESTART_UPDATE_ID) {
      this.#onSnapshot(m, timeNs);
    } else if (!this.#following) {
      counters.discarded++;
    } else {
      this.#onDelta(m, timeNs);
    }
  }

  /** A book message was lost to damage: what the book says is no longer known. */
  onBadBook(reason: string, timeNs: number): void {
    this.#o.counters.depth++;
    if (this.#following) this.#gap(`bad book message: ${reason}`, timeNs);
    else if (this.#connected) this.#setState(this.#o.counters.state, `bad book message: ${reason}`, timeNs);
  }

  /** May be called from within an emitted event. */
  onCrossed(timeNs: number, reason = CROSSED_REASON): void {
    if (this.#following) this.#resync(BookState.crossed, reason, timeNs);
  }

  onTimer(timeNs: number): void {
    if (!this.#connected) return;
    if (this.#following) {
      const silentNs = timeNs - this.#lastBookNs;
      if (silentNs > this.#o.staleAfterNs && this.#o.counters.state === BookState.live) {
        this.#setState(BookState.stale, `no book update for ${Math.round(silentNs / 1e9)} s`, timeNs);
      }
      return;
    }
    if (timeNs - this.#requestedNs < SNAPSHOT_PATIENCE_NS) return;
    if (this.#requests < MAX_REQUESTS) {
      this.#request(timeNs);
      return;
    }
    this.#requests = 0;
    this.#requestedNs = timeNs;
    this.#o.io.reconnect(`no snapshot of ${this.#o.symbol} after ${MAX_REQUESTS} requests`, this.#o.route);
  }

  #onSnapshot(m: BybitMessage, timeNs: number): void {
    const { counters } = this.#o;
    if (this.#following && m.updateId === this.#updateId && m.sequence === this.#sequence) {
      // Level 1 is sent again every 3 s when nothing has changed: a sign of life.
      counters.discarded++;
      this.#isAlive(timeNs);
      return;
    }
    if (m.sequence < this.#sequence) {
      counters.discarded++;
      const reason = `snapshot of sequence ${m.sequence} is older than ${this.#sequence}`;
      if (this.#following) this.#gap(reason, timeNs);
      else this.#setState(counters.state, reason, timeNs);
      return;
    }
    this.#requests = 0;
    this.#following = true;
    this.#emit(m, true, timeNs);
    // The consumer may have found it crossed meanwhile.
    if (this.#following) this.#setState(BookState.live, '', timeNs);
  }

  #onDelta(m: BybitMessage, timeNs: number): void {
    if (m.updateId <= this.#updateId && m.sequence <= this.#sequence) {
      this.#o.counters.discarded++;
      return;
    }
    if (m.updateId !== this.#updateId + 1) {
      this.#gap(`expected update ${this.#updateId + 1}, was ${m.updateId}`, timeNs);
      return;
    }
    if (m.sequence < this.#sequence) {
      this.#gap(`expected sequence ${this.#sequence} or later, was ${m.sequence}`, timeNs);
      return;
    }
    this.#emit(m, false, timeNs);
    if (this.#following) this.#isAlive(timeNs);
  }

  #isAlive(timeNs: number): void {
    this.#lastBookNs = timeNs;
    if (this.#o.counters.state === BookState.stale) this.#setState(BookState.live, '', timeNs);
  }

  #gap(reason: string, timeNs: number): void {
    this.#o.counters.gaps++;
    this.#resync(BookState.gap, reason, timeNs);
  }

  #resync(state: BookState, reason: string, timeNs: number): void {
    this.#o.counters.resyncs++;
    this.#following = false;
    this.#setState(state, reason, timeNs);
    this.#request(timeNs);
  }

  /** Asks when the budget that all instruments share allows; if not, {@link onTimer} tries again. */
  #request(timeNs: number): void {
    if (!this.#o.budget.take(timeNs)) return;
    this.#requests++;
    this.#requestedNs = timeNs;
    this.#o.resubscribe();
  }

  #emit(m: BybitMessage, snapshot: boolean, timeNs: number): void {
    this.#updateId = m.updateId;
    this.#sequence = m.sequence;
    this.#lastBookNs = timeNs;
    if (!snapshot) this.#o.counters.applied++;
    this.#emitBound(m, snapshot ? RecordKind.snapshotBegin : RecordKind.diffBegin, snapshot, timeNs);
    const flags = snapshot ? RecordFlag.snapshotOrMaker : 0;
    this.#emitLevels(m.bids, Side.buy, flags, m.timeUs, timeNs);
    this.#emitLevels(m.asks, Side.sell, flags, m.timeUs, timeNs);
    this.#emitBound(m, snapshot ? RecordKind.snapshotEnd : RecordKind.diffEnd, snapshot, timeNs);
  }

  #emitBound(m: BybitMessage, kind: number, snapshot: boolean, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    slot.begin(kind, instrument, timeNs);
    slot.exchangeTimeUs = m.timeUs;
    slot.id = m.updateId;
    slot.aux = snapshot ? 0 : m.updateId;
    slot.value = m.sequence;
    io.emit(slot);
  }

  #emitLevels(levels: LevelList, side: Side, flags: number, exchangeTimeUs: number, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    for (let i = 0; i < levels.count; i++) {
      slot.begin(RecordKind.level, instrument, timeNs);
      slot.side = side;
      slot.flags = flags;
      slot.exchangeTimeUs = exchangeTimeUs;
      slot.priceTicks = levels.priceTicks(i);
      slot.sizeLots = levels.sizeLots(i);
      io.emit(slot);
    }
  }

  #setState(state: number, reason: string, timeNs: number): void {
    const { counters, slot, io, instrument } = this.#o;
    const before = counters.state;
    if (before === state && counters.stateReason === reason) return;
    counters.state = state;
    counters.stateReason = reason;
    slot.begin(RecordKind.bookState, instrument, timeNs);
    slot.id = state;
    slot.aux = before;
    slot.setText(reason);
    io.emit(slot);
  }
}
