import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { SnapshotBudget } from '../snapshot-budget.ts';
import { LevelList } from '../level-list.ts';
import type { FeedCounters, MarketAdapterIo } from '../market-adapter.ts';
import type { UpbitMessage } from './upbit-message.ts';
import { CROSSED_REASON } from '../../market/order-book.ts';

/** A book that is not right is asked for anew this often at most. */
const ASK_AGAIN_NS = 5e9;
/** Messages that stay older than the book for this long: the connection is given up. */
const BACKWARDS_PATIENCE_NS = 5e9;

export interface UpbitBookOptions {
  instrument: number;
  symbol: string;
  /** Connection that carries it. */
  route: number;
  /** No book for this long makes a live one stale. */
  staleAfterNs: number;
  counters: FeedCounters;
  io: MarketAdapterIo;
  budget: SnapshotBudget;
  /** The adapter's event slot, shared: events leave one at a time. */
  slot: EventSlot;
  /** Send the subscription once more: the venue answers with the books as they are. */
  resubscribe(): void;
}

/**
 * Keeps one instrument's book. Every message is the whole top of the book, without number or checksum, so that each
 * good one makes the book right by itself. Not right is: a time before the newest (`gap`), sizes that do not add up to
 * the totals (`checksum`), bid at or above ask (`crossed`), a damaged message (`gap`). None of these reaches the
 * consumer; the next good message heals. In quiet markets that may take long: so the subscription is sent again, which
 * the venue answers with the book as it is.
 *
 * The consumer gets the difference to the message before as a diff (a snapshot only after connecting): a tenth of the
 * records of a snapshot each time, and estimates of queue positions survive, which a snapshot would end. Levels that
 * fall off the end of the venue's list are removed: the book never says more than the newest message did. The diffs
 * count from 1 with every connection (`id` and `aux`), the venue having no numbers.
 */
export class UpbitBook {
  readonly #o: UpbitBookOptions;
  #asks = new LevelList();
  #bids = new LevelList();
  #connected = false;
  /** The consumer holds the levels in `#asks` and `#bids`. */
  #following = false;
  #update = 0;
  #newestMs = 0;
  #lastBookNs = 0;
  #askedNs = 0;
  #backwardsSinceNs = -1;

  constructor(options: UpbitBookOptions) {
    this.#o = options;
  }

  get state(): number {
    return this.#o.counters.state;
  }
  /** Engine time of the newest good book, or of the connection. */
  get lastBookNs(): number {
    return this.#lastBookNs;
  }

  onConnected(timeNs: number): void {
    this.#connected = true;
    this.#following = false;
    this.#update = 0;
    this.#newestMs = 0;
    this.#lastBookNs = timeNs;
    this.#askedNs = timeNs;
    this.#backwardsSinceNs = -1;
    this.#setState(BookState.syncing, 'waiting for the first book', timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#connected = false;
    this.#following = false;
    this.#setState(BookState.connecting, reason, timeNs);
  }

  /** A decoded book, its sides in order. */
  onBook(m: UpbitMessage, timeNs: number): void {
    const { counters } = this.#o;
    counters.depth++;
    if (!this.#connected) {
      counters.discarded++;
      return;
    }
    if (m.totalsDiffer) {
      this.#refuse(BookState.checksum, 'level sizes do not add up to the totals', timeNs);
      return;
    }
    if (m.timeMs < this.#newestMs) {
      this.#onBackwards(m.timeMs, timeNs);
      return;
    }
    if (m.asks.count > 0 && m.bids.count > 0 && m.bids.priceTicks(0) >= m.asks.priceTicks(0)) {
      this.#refuse(BookState.crossed, CROSSED_REASON, timeNs);
      return;
    }
    this.#newestMs = m.timeMs;
    this.#backwardsSinceNs = -1;
    this.#lastBookNs = timeNs;
    this.#update++;
    const wasFollowing = this.#following;
    this.#following = true;
    if (wasFollowing) this.#emitDiff(m, timeNs);
    else this.#emitSnapshot(m, timeNs);
    this.#keep(m.asks, this.#asks);
    this.#keep(m.bids, this.#bids);
    // The consumer may have found it crossed meanwhile.
    if (this.#following) this.#setState(BookState.live, '', timeNs);
  }

  /** A book was lost to damage. */
  onBadBook(reason: string, timeNs: number): void {
    this.#o.counters.depth++;
    if (this.#connected) this.#refuse(BookState.gap, `bad book message: ${reason}`, timeNs);
  }

  /** May be called from within an emitted event. */
  onCrossed(timeNs: number, reason = CROSSED_REASON): void {
    if (!this.#following) return;
    this.#following = false;
    this.#o.counters.resyncs++;
    this.#setState(BookState.crossed, reason, timeNs);
    this.#ask(timeNs);
  }

  onTimer(timeNs: number): void {
    if (!this.#connected) return;
    const silentNs = timeNs - this.#lastBookNs;
    if (this.state === BookState.live && silentNs > this.#o.staleAfterNs) {
      this.#setState(BookState.stale, `no book for ${Math.round(silentNs / 1e9)} s`, timeNs);
    }
    if (this.state !== BookState.live) this.#ask(timeNs);
  }

  #onBackwards(timeMs: number, timeNs: number): void {
    this.#refuse(BookState.gap, `book of ${timeMs} is older than ${this.#newestMs}`, timeNs);
    if (this.#backwardsSinceNs < 0) this.#backwardsSinceNs = timeNs;
    if (timeNs - this.#backwardsSinceNs <= BACKWARDS_PATIENCE_NS) return;
    this.#backwardsSinceNs = timeNs;
    this.#o.io.reconnect(`books of ${this.#o.symbol} stay older than the newest`, this.#o.route);
  }

  /** The message goes no further and the book is not trusted until the next good one. */
  #refuse(state: BookState, reason: string, timeNs: number): void {
    const { counters } = this.#o;
    counters.discarded++;
    if (state === BookState.gap) counters.gaps++;
    if (counters.state === BookState.live || counters.state === BookState.stale) counters.resyncs++;
    this.#setState(this.#following ? state : counters.state, reason, timeNs);
    this.#ask(timeNs);
  }

  #ask(timeNs: number): void {
    if (timeNs - this.#askedNs < ASK_AGAIN_NS || !this.#o.budget.take(timeNs)) return;
    this.#askedNs = timeNs;
    this.#o.resubscribe();
  }

  #keep(from: LevelList, to: LevelList): void {
    to.count = 0;
    for (let i = 0; i < from.count; i++) to.push(from.priceTicks(i), from.sizeLots(i));
  }

  #emitSnapshot(m: UpbitMessage, timeNs: number): void {
    this.#emitBound(RecordKind.snapshotBegin, 0, m, timeNs);
    for (let i = 0; i < m.bids.count; i++) {
      this.#emitLevel(Side.buy, m.bids.priceTicks(i), m.bids.sizeLots(i), RecordFlag.snapshotOrMaker, m, timeNs);
    }
    for (let i = 0; i < m.asks.count; i++) {
      this.#emitLevel(Side.sell, m.asks.priceTicks(i), m.asks.sizeLots(i), RecordFlag.snapshotOrMaker, m, timeNs);
    }
    this.#emitBound(RecordKind.snapshotEnd, 0, m, timeNs);
  }

  #emitDiff(m: UpbitMessage, timeNs: number): void {
    this.#o.counters.applied++;
    this.#emitBound(RecordKind.diffBegin, this.#update, m, timeNs);
    this.#emitChanges(Side.buy, -1, this.#bids, m.bids, m, timeNs);
    this.#emitChanges(Side.sell, 1, this.#asks, m.asks, m, timeNs);
    this.#emitBound(RecordKind.diffEnd, this.#update, m, timeNs);
  }

  /** Both lists are in order, best first: walks them side by side. */
  #emitChanges(
    side: Side,
    direction: 1 | -1,
    before: LevelList,
    after: LevelList,
    m: UpbitMessage,
    timeNs: number,
  ): void {
    let i = 0;
    let j = 0;
    while (i < before.count || j < after.count) {
      const order =
        i === before.count ? 1 : j === after.count ? -1 : (before.priceTicks(i) - after.priceTicks(j)) * direction;
      if (order < 0) {
        this.#emitLevel(side, before.priceTicks(i++), 0, 0, m, timeNs);
      } else if (order > 0) {
        this.#emitLevel(side, after.priceTicks(j), after.sizeLots(j), 0, m, timeNs);
        j++;
      } else {
        if (before.sizeLots(i) !== after.sizeLots(j)) {
          this.#emitLevel(side, after.priceTicks(j), after.sizeLots(j), 0, m, timeNs);
        }
        i++;
        j++;
      }
    }
  }

  #emitBound(kind: number, aux: number, m: UpbitMessage, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    slot.begin(kind, instrument, timeNs);
    slot.exchangeTimeUs = m.timeMs * 1000;
    slot.id = this.#update;
    slot.aux = aux;
    io.emit(slot);
  }

  #emitLevel(side: Side, ticks: number, lots: number, flags: number, m: UpbitMessage, timeNs: number): void {
    const { slot, io, instrument } = this.#o;
    slot.begin(RecordKind.level, instrument, timeNs);
    slot.side = side;
    slot.flags = flags;
    slot.exchangeTimeUs = m.timeMs * 1000;
    slot.priceTicks = ticks;
    slot.sizeLots = lots;
    io.emit(slot);
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
