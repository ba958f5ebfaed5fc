import type { InstrumentSpec } from '../contract/units.ts';
import type { EventSlot } from '../core/event-slot.ts';
import type { InstrumentKey } from './checkpoint-format.ts';
import type { TradingState } from './trading-state.ts';

/**
 * Which instrument of today a record of an earlier session speaks of. Every session writes its instruments after its
 * start; a session that wrote none is taken to have numbered them as today. Instruments that are not traded now get an
 * index behind those that are (see TradingState.extraInstruments): a later session may trade them again.
 */
export class RestoredInstruments {
  readonly #state: TradingState;
  /** By the earlier session's index; undefined until it has named any. */
  #map: number[] | undefined;

  constructor(state: TradingState) {
    this.#state = state;
  }

  onSessionStart(): void {
    this.#map = undefined;
  }

  /** @param slot an `instrument` record. @throws SyntaxError when its text is not JSON. */
  add(slot: EventSlot): void {
    const { venue, symbol, tickSize, lotSize } = JSON.parse(slot.text) as InstrumentSpec;
    this.name(slot.instrument, this.adopt({ venue, symbol, tickSize, lotSize }));
  }

  /** The session that is under way now: its indexes are those of today. */
  nameAll(): void {
    this.#map = this.#state.instruments.map((_, index) => index);
  }

  /** The earlier session's index `then` is `now`. */
  name(then: number, now: number): void {
    this.#map ??= [];
    this.#map[then] = now;
  }

  /** Index of an instrument here, given one when it has none. */
  adopt(key: InstrumentKey): number {
    const { instruments, extraInstruments } = this.#state;
    const now = instruments.findIndex((spec) => isSameInstrument(spec, key));
    if (now >= 0) return now;
    const extra = extraInstruments.findIndex((other) => isSameInstrument(other, key));
    return extra >= 0 ? instruments.length + extra : this.#state.addExtraInstrument(key);
  }

  /** Index here of the earlier session's index; -1 when that session named no such instrument. */
  indexNow(then: number): number {
    if (this.#map === undefined) return then < this.#state.instruments.length ? then : -1;
    return this.#map[then] ?? -1;
  }

  /** The other way round; -1 when the earlier session did not trade it, or has named none. */
  indexThen(now: number): number {
    return this.#map === undefined ? -1 : this.#map.indexOf(now);
  }
}

/** Steps of another size would be other prices: such an instrument is another one. */
export function isSameInstrument(a: InstrumentKey, b: InstrumentKey): boolean {
  return (
    a.venue === b.venue &&
    a.symbol === b.symbol &&
    Number(a.tickSize) === Number(b.tickSize) &&
    Number(a.lotSize) === Number(b.lotSize)
  );
}
