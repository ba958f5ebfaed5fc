import type { InstrumentSpec } from '../../contract/units.ts';
import { BinanceSpotAdapter } from '../binance-spot/binance-spot-adapter.ts';
import { futuresRule } from '../binance-spot/continuity-rule.ts';
import type { FeedCounters, MarketAdapter, MarketAdapterIo } from '../market-adapter.ts';
import { type FuturesMarket, routeStreams, type StreamRoute } from './stream-routes.ts';

export interface BinanceFuturesAdapterConfig {
  market: FuturesMarket;
  /** `index` of each must equal its position. COIN-M sizes are whole contracts: `lotSize` is `1`. */
  instruments: readonly InstrumentSpec[];
  /** `aggTrade` is the documented one; recordings also hold single trades. */
  tradeStream: 'trade' | 'aggTrade';
  /** Wall clock of engine time 0, us since the epoch: makes `feedLagNs`. 0 leaves it at 0. */
  originUs: number;
  /** False for sources without a book (trade files). Default true. */
  depth?: boolean;
  staleAfterNs?: number;
  silentAfterNs?: number;
}

/**
 * Binance USD-M and COIN-M futures market data. Messages are those of spot with a few fields more, and so is the machine
 * that reads them; what differs is how updates follow each other (`pu`, see {@link futuresRule}), where the streams are
 * (see {@link routes}), and that trades that never met the book (insurance fund, forced deleveraging) are left out.
 */
export class BinanceFuturesAdapter implements MarketAdapter {
  readonly instruments: readonly InstrumentSpec[];
  readonly #config: BinanceFuturesAdapterConfig;
  readonly #machine: BinanceSpotAdapter;

  /** @throws RangeError when an instrument is unusable, or one of COIN-M is not counted in whole contracts. */
  constructor(config: BinanceFuturesAdapterConfig, io: MarketAdapterIo) {
    const { market, instruments, ...rest } = config;
    if (market === 'coinm') {
      for (const { symbol, lotSize } of instruments) {
        if (lotSize !== '1') throw new RangeError(`${symbol} lotSize: expected 1 (a contract), was "${lotSize}"`);
      }
    }
    this.instruments = instruments;
    this.#config = config;
    this.#machine = new BinanceSpotAdapter({ instruments, ...rest, rule: futuresRule }, io);
  }

  counters(instrument: number): FeedCounters {
    return this.#machine.counters(instrument);
  }

  /** Payloads that took the slow path through JSON.parse. */
  get slowMessages(): number {
    return this.#machine.slowMessages;
  }

  /** Sizes that lay between two lots and were rounded. */
  get inexactSizes(): number {
    return this.#machine.inexactSizes;
  }

  streams(): string[] {
    return this.#machine.streams();
  }

  /** {@link streams}, sorted onto the connections that carry them. */
  routes(): StreamRoute[] {
    return routeStreams(this.#config.market, this.streams());
  }

  onConnected(timeNs: number): void {
    this.#machine.onConnected(timeNs);
  }

  onDisconnected(timeNs: number, reason: string): void {
    this.#machine.onDisconnected(timeNs, reason);
  }

  onMessage(bytes: Uint8Array, timeNs: number): void {
    this.#machine.onMessage(bytes, timeNs);
  }

  onSnapshot(instrument: number, bytes: Uint8Array, timeNs: number): void {
    this.#machine.onSnapshot(instrument, bytes, timeNs);
  }

  onSnapshotFailed(instrument: number, timeNs: number, reason: string): void {
    this.#machine.onSnapshotFailed(instrument, timeNs, reason);
  }

  onTimer(timeNs: number): void {
    this.#machine.onTimer(timeNs);
  }

  onCrossed(instrument: number, timeNs: number): void {
    this.#machine.onCrossed(instrument, timeNs);
  }
}
