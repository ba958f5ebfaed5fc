import type { InstrumentSpec } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';

/**
 * Which instrument of today a record of an earlier session speaks of. Every session writes its instruments after its
 * start; a session that wrote none is taken to have numbered them as today.
 */
export class RestoredInstruments {
  readonly #now: readonly InstrumentSpec[];
  /** By the earlier session's index; undefined until it has named any. */
  #map: number[] | undefined;

  constructor(now: readonly InstrumentSpec[]) {
    this.#now = now;
  }

  onSessionStart(): void {
    this.#map = undefined;
  }

  /** @param slot an `instrument` record. @throws SyntaxError when its text is not JSON. */
  add(slot: EventSlot): void {
    const then = JSON.parse(slot.text) as InstrumentSpec;
    this.#map ??= [];
    // Steps of another size would be other prices: such an instrument is another one.
    this.#map[slot.instrument] = this.#now.findIndex(
      (now) =>
        now.venue === then.venue &&
        now.symbol === then.symbol &&
        Number(now.tickSize) === Number(then.tickSize) &&
        Number(now.lotSize) === Number(then.lotSize),
    );
  }

  /** Index today; -1 when the instrument is not traded now. */
  indexNow(instrument: number): number {
    if (this.#map === undefined) return instrument < this.#now.length ? instrument : -1;
    return this.#map[instrument] ?? -1;
  }
}
