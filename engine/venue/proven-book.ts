import { BookState, RecordFlag, RecordKind } from '../contract/record.ts';
import { Side } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { BookMessage } from './book-message.ts';
import { DepthLadder } from './depth-ladder.ts';
import type { FeedCounters, MarketAdapterIo } from './market-adapter.ts';
import { SnapshotAge } from './snapshot-age.ts';
import type { SnapshotBudget } from './snapshot-budget.ts';
import { CROSSED_REASON } from '../market/order-book.ts';

const MS = 1e6;
const SNAPSHOT_TIMEOUT_NS = 10_000 * MS;
const FIRST_RETRY_NS = 250 * MS;
const LAST_RETRY_NS = 30_000 * MS;
/** A book that stayed right this long starts its retries from the shortest delay again. */
const SETTLED_NS = 10_000 * MS;

/** Checksum of the top of a book as the venue defines it, unsigned. */
export type BookChecksum = (bids: DepthLadder, asks: DepthLadder) => number;

export interface ProvenBookOptions {
  instrument: number;
  /** Levels a side; the venue does not tell of levels that fall out of it. */
  depth: number;
  staleAfterNs: number;
  counters: FeedCounters;
  io: MarketAdapterIo;
  budget: SnapshotBudget;
  slot: EventSlot;
  checksum: BookChecksum;
  /** The time of a snapshot is when it was sent, not that of the newest change in it. */
  datesSnapshots: boolean;
  /** Leave and enter this instrument's book stream: the venue answers with a snapshot. */
  resubscribe(): void;
}

/**
 * One instrument's book of a venue that sends the snapshot in the stream and proves updates by checksum, sequence or
 * both. Every message is applied to an own copy first and leaves as records only when that copy is proven, so the
 * consumer never holds a book that the venue contradicts. Anything else leads to `gap`, `checksum` or `crossed` and to
 * a new subscription of this instrument alone; the state stays until the book is proven again.
 */
export class ProvenBook {
  readonly bids = new DepthLadder();
  readonly asks = new DepthLadder();
  readonly #o: ProvenBookOptions;
  #connected = false;
  /** The copy follows the stream. */
  #following = false;
  /** The copy has been proven since its snapshot. */
  #proven = false;
  #hasSequence = false;
  #previousSequence = 0;
  #sequence = 0;
  #messageNumber = 0;
  #newestUs = 0;
  #lastBookNs = 0;
  #lastOtherNs = 0;
  #liveSinceNs = 0;
  #requestInFlight = false;
  #requestedNs = 0;
  #nextRequestNs = 0;
  #attempts = 0;
  readonly #age = new SnapshotAge();

  constructor(options: ProvenBookOptions) {
    this.#o = options;
  }

  /** The book follows the stream; false while it waits for a snapshot. */
  get isFollowing(): boolean {
    return this.#following;
  }

  /** A lost message would show by itself in the sequence of the next. */
  get showsLoss(): boolean {
    return this.#hasSequence;
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#reset();
    this.#lastBookNs = timeNs;
    this.#attempts = 0;
    this.#requestInFlight = true;
    this.#requestedNs = timeNs;
    this.#nextRequestNs = timeNs + FIRST_RETRY_NS;
    this.#setState(BookState.syncing, 'waiting for the snapshot', timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    this.#requestInFlight = false;
    this.#reset();
    this.#setState(BookState.connecting, reason, timeNs);
  }

  /** A decoded snapshot or update. */
  onMessage(m: BookMessage, timeNs: number): void {
    const counters = this.#o.counters;
    counters.depth++;
    this.#lastBookNs = timeNs;
    if (!this.#connected || (!this.#following && !m.snapshot)) {
      counters.discarded++;
      return;
    }
    if (m.snapshot) {
      if (this.#isOfThePast(m, timeNs)) return;
      this.#reset();
      if (counters.state === BookState.live) this.#setState(BookState.syncing, 'the venue sent a new snapshot', timeNs);
    } else if (!this.#follows(m, timeNs)) return;
    this.#apply(m);
    const { depth, checksum } = this.#o;
    while (this.bids.count > depth) m.addPushedOut(true, this.bids.dropWorst());
    while (this.asks.count > depth) m.addPushedOut(false, -this.asks.dropWorst());
    if (this.bids.count > 0 && this.asks.count > 0 && this.bids.key(0) >= -this.asks.key(0)) {
      this.resynchronise(BookState.crossed, CROSSED_REASON, timeNs);
      return;
    }
    if (m.hasChecksum) {
      const own = checksum(this.bids, this.asks);
      if (own === m.checksum) counters.checksums++;
      else {
        counters.checksumFailures++;
        this.resynchronise(BookState.checksum, `expected checksum ${m.checksum}, was ${own}`, timeNs);
        return;
      }
    }
    this.#age.hear(m.timeUs, timeNs);
    this.#hasSequence = m.hasSequence;
    this.#previousSequence = m.previousSequence;
    this.#sequence = m.sequence;
    if (m.oldestUs !== 0 && m.timeUs > this.#newestUs) this.#newestUs = m.timeUs;
    if (m.hasChecksum || m.hasSequence) this.#proven = true;
    if (m.snapshot) this.#beginFollowing();
    this.#emit(m, timeNs);
    // The consumer may have found it crossed meanwhile.
    if (!this.#following) return;
    if (this.#proven) {
      if (counters.state === BookState.live) return;
      this.#liveSinceNs = timeNs;
      this.#setState(BookState.live, '', timeNs);
    } else if (counters.state === BookState.syncing) {
      this.#setState(BookState.syncing, 'waiting for an update that proves the snapshot', timeNs);
    }
  }

  /** A book message of this instrument was lost or cannot be read: what the book says is no longer known. */
  onLost(reason: string, timeNs: number): void {
    if (!this.#connected) return;
    if (this.#following) {
      this.#o.counters.gaps++;
      this.resynchronise(BookState.gap, reason, timeNs);
    } else {
      // It may have been the snapshot.
      this.#requestInFlight = false;
      this.#setState(this.#o.counters.state as BookState, reason, timeNs);
      this.#requestSoon(timeNs);
    }
  }

  /** A trade or ticker of this instrument came: the stream as a whole is alive. */
  onOtherMessage(timeNs: number): void {
    this.#lastOtherNs = timeNs;
  }

  /** May be called from within an emitted event. */
  onCrossed(timeNs: number, reason = CROSSED_REASON): void {
    if (this.#following) this.resynchronise(BookState.crossed, reason, timeNs);
  }

  onTimer(timeNs: number): void {
    if (!this.#connected) return;
    const { staleAfterNs, counters } = this.#o;
    if (!this.#following) {
      if (this.#requestInFlight && timeNs - this.#requestedNs > SNAPSHOT_TIMEOUT_NS) {
        this.#requestInFlight = false;
        const reason = `no snapshot for ${SNAPSHOT_TIMEOUT_NS / 1e9} s`;
        this.#setState(counters.state as BookState, reason, timeNs);
      }
      this.#requestSoon(timeNs);
      return;
    }
    const silentNs = timeNs - this.#lastBookNs;
    if (silentNs <= staleAfterNs) return;
    if (this.#lastOtherNs - this.#lastBookNs > staleAfterNs) {
      const seconds = Math.round(silentNs / 1e9);
      this.resynchronise(BookState.stale, `the book is silent for ${seconds} s while trades or tickers come`, timeNs);
    } else if (counters.state === BookState.live) {
      this.#setState(BookState.stale, `no book update for ${Math.round(silentNs / 1e9)} s`, timeNs);
    }
  }

  /** Throws the copy away and asks for a new subscription of this instrument. */
  resynchronise(state: BookState, reason: string, timeNs: number): void {
    this.#o.counters.resyncs++;
    if (this.#proven && timeNs - this.#liveSinceNs >= SETTLED_NS) {
      this.#attempts = 0;
      this.#nextRequestNs = timeNs;
    }
    this.#reset();
    this.#requestInFlight = false;
    this.#setState(state, reason, timeNs);
    this.#requestSoon(timeNs);
  }

  /** A snapshot that is older than what was told before would be traded on until the next update exposes it. */
  #isOfThePast(m: BookMessage, timeNs: number): boolean {
    const ageMs = this.#o.datesSnapshots ? this.#age.refuse(m.timeUs) : 0;
    if (ageMs === 0) return false;
    const { counters } = this.#o;
    counters.discarded++;
    const state = counters.state === BookState.live ? BookState.gap : (counters.state as BookState);
    this.resynchronise(state, `the snapshot is ${ageMs} ms older than what came before it`, timeNs);
    return true;
  }

  /** False when the update was a repeat, or does not follow the one before. */
  #follows(m: BookMessage, timeNs: number): boolean {
    const counters = this.#o.counters;
    if (this.#hasSequence !== m.hasSequence && (this.#hasSequence || this.#proven)) {
      counters.gaps++;
      const words = m.hasSequence ? 'no sequence, was one' : 'a sequence, was none';
      this.resynchronise(BookState.gap, `expected ${words}`, timeNs);
      return false;
    }
    if (m.hasSequence && m.previousSequence !== this.#sequence) {
      if (m.sequence === this.#sequence && m.previousSequence === this.#previousSequence) {
        counters.discarded++;
        return false;
      }
      counters.gaps++;
      const reason = `expected an update after ${this.#sequence}, was after ${m.previousSequence}`;
      this.resynchronise(BookState.gap, reason, timeNs);
      return false;
    }
    if (m.oldestUs !== 0 && m.oldestUs < this.#newestUs) {
      counters.gaps++;
      const reason = `expected no change older than ${this.#newestUs} us, was ${m.oldestUs}`;
      this.resynchronise(BookState.gap, reason, timeNs);
      return false;
    }
    return true;
  }

  #apply(m: BookMessage): void {
    for (let i = 0; i < m.count; i++) {
      const ticks = m.ticks[i] as number;
      const lots = m.lots[i] as number;
      const priceDecimals = m.priceDecimals[i] as number;
      const sizeDecimals = m.sizeDecimals[i] as number;
      if (m.bid[i] === 1) this.bids.set(ticks, lots, priceDecimals, sizeDecimals);
      else this.asks.set(-ticks, lots, priceDecimals, sizeDecimals);
    }
  }

  #reset(): void {
    this.#following = false;
    this.#proven = false;
    this.#hasSequence = false;
    this.#newestUs = 0;
    this.bids.clear();
    this.asks.clear();
  }

  #beginFollowing(): void {
    this.#following = true;
    this.#requestInFlight = false;
  }

  /** Asks when nothing is on its way, the delay is over and the shared budget allows. */
  #requestSoon(timeNs: number): void {
    if (this.#requestInFlight || timeNs < this.#nextRequestNs || !this.#o.budget.take(timeNs)) return;
    this.#requestInFlight = true;
    this.#requestedNs = timeNs;
    this.#attempts++;
    this.#nextRequestNs = timeNs + Math.min(LAST_RETRY_NS, FIRST_RETRY_NS * 2 ** (this.#attempts - 1));
    this.#o.resubscribe();
  }

  #emit(m: BookMessage, timeNs: number): void {
    const { slot, io, instrument, counters } = this.#o;
    this.#messageNumber++;
    const last = m.hasSequence ? m.sequence : this.#messageNumber;
    const first = m.hasSequence && !m.snapshot ? m.previousSequence : last;
    this.#emitFrame(m.snapshot ? RecordKind.snapshotBegin : RecordKind.diffBegin, m, first, last, timeNs);
    const flags = m.snapshot ? RecordFlag.snapshotOrMaker : 0;
    for (let i = 0; i < m.count; i++) {
      slot.begin(RecordKind.level, instrument, timeNs);
      slot.side = m.bid[i] === 1 ? Side.buy : Side.sell;
      slot.flags = flags;
      slot.exchangeTimeUs = m.timeUs;
      slot.priceTicks = m.ticks[i] as number;
      slot.sizeLots = m.lots[i] as number;
      io.emit(slot);
    }
    if (!m.snapshot) counters.applied++;
    this.#emitFrame(m.snapshot ? RecordKind.snapshotEnd : RecordKind.diffEnd, m, first, last, timeNs);
  }

  #emitFrame(kind: number, m: BookMessage, first: number, last: number, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    slot.begin(kind, instrument, timeNs);
    slot.exchangeTimeUs = m.timeUs;
    slot.id = first;
    if (!m.snapshot) slot.aux = last;
    io.emit(slot);
  }

  #setState(state: BookState, reason: string, timeNs: number): void {
    const { slot, io, instrument, counters } = this.#o;
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
