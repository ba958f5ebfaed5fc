import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { SessionState } from './session-state.ts';
import { summarize } from './stage-histograms.ts';

/** Levels a side of a book top. */
export const TOP_LEVELS = 10;
const TOP_EVERY_MS = 1_000;
/** The books take turns within that second, so that the step never waits for all of them at once. */
const TURN_MS = 50;
const LATENCY_EVERY_TURNS = 60_000 / TURN_MS;

/**
 * What is worth keeping and is in no single event: the top of every live book once a second, and the latencies of the
 * stages once a minute and at the end. Journalled as derived records: a replay of the journal passes them by.
 */
export class SessionSummaries {
  readonly #session: SessionState;
  readonly #slot = new EventSlot();
  readonly #prices = new Float64Array(TOP_LEVELS);
  readonly #sizes = new Float64Array(TOP_LEVELS);
  #turn = 0;
  #next = 0;
  /** Books whose turn it is, times the ms between two tops of one; what is less than a book waits for the next turn. */
  #due = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: SessionState) {
    this.#session = session;
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (!this.#session.hasEnded) this.onTurn();
    }, TURN_MS);
    this.#timer.unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** One turn: the books that are due. @throws JournalFailedError */
  onTurn(): void {
    const count = this.#session.instruments.length;
    this.#turn++;
    for (this.#due += count * TURN_MS; this.#due >= TOP_EVERY_MS; this.#due -= TOP_EVERY_MS) {
      this.#writeTop(this.#next++ % count);
    }
    if (this.#turn % LATENCY_EVERY_TURNS === 0) this.writeLatency();
  }

  /** @throws JournalFailedError */
  writeLatency(): void {
    const slot = this.#begin(RecordKind.latencySummary, 0);
    this.#session.journal.append(slot.setText(JSON.stringify(summarize(this.#session.stages))));
  }

  #writeTop(instrument: number): void {
    const { books, bookStates } = this.#session.core;
    const book = books[instrument];
    if (book === undefined || bookStates[instrument] !== BookState.live) return;
    const slot = this.#begin(RecordKind.bookTop, instrument);
    const side = (which: Side): [number, number][] => {
      const levels = book.copyTop(which, TOP_LEVELS, this.#prices, this.#sizes);
      return Array.from({ length: levels }, (_, i) => [this.#prices[i] as number, this.#sizes[i] as number]);
    };
    slot.setText(JSON.stringify({ bids: side(Side.buy), asks: side(Side.sell) }));
    this.#session.journal.append(slot);
  }

  #begin(kind: RecordKind, instrument: number): EventSlot {
    const slot = this.#slot.begin(kind, instrument, this.#session.clock.nowNs());
    slot.flags = RecordFlag.derived;
    return slot;
  }
}
