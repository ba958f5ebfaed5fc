import type { InstrumentSpec } from '../../contract/units.ts';
import { BinanceSpotAdapter } from '../binance-spot/binance-spot-adapter.ts';
import { futuresRule } from '../binance-spot/continuity-rule.ts';
import type { MarketAdapterIo } from '../market-adapter.ts';
import { depthPathOf, type FuturesMarket, futuresEntries } from './stream-routes.ts';

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
 * (see {@link futuresEntries}), and that trades that never met the book (insurance fund, forced deleveraging) are left out.
 */
export class BinanceFuturesAdapter extends BinanceSpotAdapter {
  readonly #market: FuturesMarket;

  /** @throws RangeError when an instrument is unusable, or one of COIN-M is not counted in whole contracts. */
  constructor(config: BinanceFuturesAdapterConfig, io: MarketAdapterIo) {
    const { market, ...rest } = config;
    for (const spec of config.instruments) checkLot(market, spec);
    super({ ...rest, rule: futuresRule, entries: futuresEntries[market] }, io);
    this.#market = market;
  }

  override snapshotPath(instrument: number): string {
    return depthPathOf(this.#market, (this.instruments[instrument] as InstrumentSpec).symbol);
  }

  override addInstrument(spec: InstrumentSpec, timeNs: number): number {
    checkLot(this.#market, spec);
    return super.addInstrument(spec, timeNs);
  }
}

function checkLot(market: FuturesMarket, { symbol, lotSize }: InstrumentSpec): void {
  if (market === 'coinm' && lotSize !== '1') {
    throw new RangeError(`${symbol} lotSize: expected 1 (a contract), was "${lotSize}"`);
  }
}
