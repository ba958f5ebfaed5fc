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
  {
    name: 'futures-previous-id',
    protocol: 'binance-usdm',
    file: 'engine/venue/binance-spot/book-synchroniser.ts',
    right: '? m.previousUpdateId === this.#lastUpdateId ||',
    wrong: '? m.previousUpdateId >= this.#lastUpdateId ||',
  },
  {
    name: 'coinm-bare-snapshot',
    protocol: 'binance-coinm',
    file: 'engine/venue/binance-spot/book-synchroniser.ts',
    right: '? buffer.firstPreviousId > snapshot.lastUpdateId',
    wrong: '? buffer.firstPreviousId < snapshot.lastUpdateId',
  },
  {
    name: 'bybit-continuity',
    protocol: 'bybit',
    file: 'engine/venue/bybit/bybit-book.ts',
    right: 'if (m.updateId !== this.#updateId + 1) {',
    wrong: 'if (m.updateId < this.#updateId + 1) {',
  },
  {
    name: 'bybit-spot-continuity',
    protocol: 'bybit-spot',
    file: 'engine/venue/bybit/bybit-book.ts',
    right: 'if (m.updateId !== this.#updateId + 1) {',
    wrong: 'if (m.updateId > this.#updateId + 3) {',
  },
  {
    name: 'upbit-crossed',
    protocol: 'upbit',
    file: 'engine/venue/upbit/upbit-book.ts',
    right: 'm.bids.priceTicks(0) >= m.asks.priceTicks(0)',
    wrong: 'm.bids.priceTicks(0) <= m.asks.priceTicks(0)',
  },
  {
    name: 'upbit-totals',
    protocol: 'upbit',
    file: 'engine/venue/upbit/upbit-book.ts',
    right: 'if (m.totalsDiffer) {',
    wrong: 'if (!m.totalsDiffer) {',
  },
  {
    name: 'okx-sequence',
    protocol: 'okx',
    file: 'engine/venue/proven-book.ts',
    right: 'if (m.hasSequence && m.previousSequence !== this.#sequence) {',
    wrong: 'if (m.hasSequence && m.previousSequence < this.#sequence) {',
  },
  {
    name: 'kraken-checksum',
    protocol: 'kraken',
    file: 'engine/venue/proven-book.ts',
    right: 'if (own === m.checksum) counters.checksums++;',
    wrong: 'if (own >= m.checksum) counters.checksums++;',
  },
];
