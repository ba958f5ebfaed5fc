import type { MarketProtocol } from '../../engine/contract/market-protocol.ts';

/** A bug planted into the source of an adapter, in memory: the sweep must find it. */
export interface Mutant {
  name: string;
  protocol: MarketProtocol;
  file: string;
  /** Occurs once in the file. */
  right: string;
  wrong: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'spot-continuity-off-by-one',
    protocol: 'binance-spot',
    file: 'engine/venue/binance-spot/book-synchroniser.ts',
    right: ': m.firstUpdateId <= this.#lastUpdateId + 1;',
    wrong: ': m.firstUpdateId >= this.#lastUpdateId + 1;',
  },
  {
    name: 'spot-snapshot-bridge',
    protocol: 'binance-spot',
    file: 'engine/venue/binance-spot/book-synchroniser.ts',
    right: ': buffer.firstUpdateId > snapshot.lastUpdateId + 1;',
    wrong: ': buffer.firstUpdateId < snapshot.lastUpdateId + 1;',
  },
  {
    name: 'spot-buffer-gap',
    protocol: 'binance-spot',
    file: 'engine/venue/binance-spot/diff-buffer.ts',
    right: ': m.firstUpdateId <= this.#lastId + 1;',
    wrong: ': m.firstUpdateId >= this.#lastId + 1;',
  },
  {
    name: 'ticker-check-asks',
    protocol: 'binance-spot',
    file: 'engine/execution/ticker-check.ts',
    right: 'return book.bestAskTicks > 0 && book.bestAskTicks < ticks;',
    wrong: 'return book.bestAskTicks > 0 && book.bestAskTicks > ticks;',
  },
];
