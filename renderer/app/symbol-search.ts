/** Asks for symbols while somebody types: waits for a pause, and answers to what was typed before are dropped. */
import type { VenueId } from '../../engine/contract/market-protocol.ts';
import type { SymbolSearchResult } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';

/** A pause in typing after which the venues are asked. */
export const SEARCH_DELAY_MS = 120;

export interface SearchState {
  /** The text that `result` or `error` answers. */
  text: string;
  searching: boolean;
  result: SymbolSearchResult | null;
  error: string;
}

export interface SearchTerms {
  text: string;
  /** Only this venue's symbols. */
  venue: VenueId | undefined;
}

/**
 * Splits `okx btc` into a venue and the rest. A word is a venue when it is the whole of its id or name, case ignored;
 * names of several words are matched as a whole.
 */
export function searchTerms(typed: string, venues: readonly { id: VenueId; name: string }[]): SearchTerms {
  const text = typed.trim().replace(/\s+/g, ' ');
  const lower = text.toLowerCase();
  let best: { venue: VenueId; length: number } | undefined;
  for (const { id, name } of venues) {
    for (const word of [id, name.toLowerCase()]) {
      const whole = lower === word || lower.startsWith(`${word} `);
      if (whole && word.length > (best?.length ?? 0)) best = { venue: id, length: word.length };
    }
  }
  return best ? { text: text.slice(best.length).trim(), venue: best.venue } : { text, venue: undefined };
}

/** Subscribed instruments that match every word typed, by symbol, assets or venue. */
export function matchInstruments(
  instruments: readonly InstrumentSpec[],
  typed: string,
  nameOf: (venue: string) => string,
): InstrumentSpec[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return instruments.filter((spec) => {
    const haystack = `${spec.symbol} ${spec.baseAsset} ${spec.quoteAsset} ${spec.venue} ${nameOf(spec.venue)}`;
    return words.every((word) => haystack.toLowerCase().includes(word));
  });
}

export class SymbolSearch {
  readonly #ask: (terms: SearchTerms) => Promise<SymbolSearchResult>;
  readonly #onState: (state: SearchState) => void;
  #state: SearchState = { text: '', searching: false, result: null, error: '' };
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (terms: SearchTerms) => Promise<SymbolSearchResult>, onState: (state: SearchState) => void) {
    this.#ask = ask;
    this.#onState = onState;
  }

  /** Looks for what is typed now, after a pause; everything asked before is forgotten. */
  query(typed: string, terms: SearchTerms, delayMs = SEARCH_DELAY_MS): void {
    const generation = ++this.#generation;
    clearTimeout(this.#timer);
    this.#set({ ...this.#state, searching: true });
    this.#timer = setTimeout(() => {
      this.#ask(terms).then(
        (result) => this.#settle(generation, { text: typed, searching: false, result, error: '' }),
        (error: unknown) =>
          this.#settle(generation, {
            text: typed,
            searching: false,
            result: null,
            error: error instanceof Error ? error.message : String(error),
          }),
      );
    }, delayMs);
  }

  dispose(): void {
    this.#generation++;
    clearTimeout(this.#timer);
  }

  #settle(generation: number, state: SearchState): void {
    if (generation === this.#generation) this.#set(state);
  }

  #set(state: SearchState): void {
    this.#state = state;
    this.#onState(state);
  }
}
