import { BookState, nameOf } from '../contract/record.ts';
import type { BookStateName, IntegrityView } from '../contract/trading-messages.ts';
import { ViewRing } from './view-ring.ts';

/** Kept for the screen; older ones are in the store. */
export const MAX_INTEGRITY_VIEWS = 500;
const STATES = Object.keys(BookState).length;

/** Every change of a book's state in this session: the newest for markers on the chart, all of them counted. */
export class IntegrityLog {
  readonly #views = new ViewRing<IntegrityView>(MAX_INTEGRITY_VIEWS);
  /** Changes into each state, one array of {@link STATES} an instrument. */
  readonly #changes: Uint32Array[] = [];

  /** @param timeUs us since the epoch. */
  add(instrument: number, before: BookState, after: BookState, reason: string, timeUs: number): void {
    // The same state for another reason is worth a line, but is no change.
    if (before !== after) this.#changesOf(instrument)[after]!++;
    this.#views.push({ instrument, timeUs, state: nameOf(BookState, after), reason });
  }

  /** Oldest first, at most {@link MAX_INTEGRITY_VIEWS}. */
  views(): IntegrityView[] {
    return this.#views.toArray();
  }

  /** How often the book came into each state; states that it never came into are absent. */
  changesInto(instrument: number): Partial<Record<BookStateName, number>> {
    const counts: Partial<Record<BookStateName, number>> = {};
    const changes = this.#changes[instrument];
    if (changes === undefined) return counts;
    for (let state = 0; state < STATES; state++) {
      const count = changes[state] as number;
      if (count > 0) counts[nameOf(BookState, state)] = count;
    }
    return counts;
  }

  #changesOf(instrument: number): Uint32Array {
    let changes = this.#changes[instrument];
    if (changes === undefined) {
      changes = new Uint32Array(STATES);
      this.#changes[instrument] = changes;
    }
    return changes;
  }
}
