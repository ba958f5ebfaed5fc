import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { decimalsOf, type InstrumentSpec } from '../../contract/units.ts';
import {
  instrumentOfScan,
  type RecordedAnswer,
  type RecordingScan,
} from '../../simulation/player/scanned-recording.ts';
import { parseExchangeInfo } from '../../venue/binance-spot/exchange-info.ts';
import { parseAssetPairs } from '../../venue/kraken/asset-pairs.ts';
import { parseOkxInstruments } from '../../venue/okx/okx-instruments.ts';
import { upbitInstrument } from '../../venue/upbit/upbit-instrument.ts';

interface Fees {
  makerFee: number;
  takerFee: number;
}

/**
 * The instruments of a recording: as the venue's own list within it has them, else from what was seen. Steps are never
 * coarser than what was seen: orders from before the venue made its tick coarser still stand in books of today.
 * @param warn told of lists that cannot be read, one line each.
 */
export function recordedInstruments(scan: RecordingScan, fees: Fees, warn: (line: string) => void): InstrumentSpec[] {
  const listed = new Map<string, InstrumentSpec>();
  for (const answer of scan.answers) {
    try {
      for (const spec of parseList(scan.protocol, answer, fees)) listed.set(spec.symbol, spec);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      warn(`${answer.where}: ${error.message}`);
    }
  }
  return scan.instruments.map(({ symbol, firstPrice }, index) => {
    const seen = instrumentOfScan(scan, fees, index);
    if (scan.protocol === 'upbit') {
      const spec = upbitInstrument(index, symbol, firstPrice === '' ? '1' : firstPrice);
      // Upbit's lots are chosen so that large levels still count exactly: finer ones would not.
      return withSteps(spec, finer(spec.tickSize, seen.tickSize), spec.lotSize);
    }
    const spec = listed.get(symbol);
    if (spec === undefined) return seen;
    return { ...withSteps(spec, finer(spec.tickSize, seen.tickSize), finer(spec.lotSize, seen.lotSize)), index };
  });
}

function parseList(protocol: MarketProtocol, { url, bytes }: RecordedAnswer, fees: Fees): InstrumentSpec[] {
  switch (protocol) {
    case 'binance-spot':
    case 'binance-usdm':
    case 'binance-coinm':
      return url.includes('/exchangeInfo') ? parseExchangeInfo(bytes, fees, protocol) : [];
    case 'kraken':
      return url.includes('/AssetPairs') ? parseAssetPairs(bytes) : [];
    case 'okx':
      return url.includes('/instruments') ? parseOkxInstruments(bytes, fees) : [];
    default:
      return [];
  }
}

function finer(listed: string, seen: string): string {
  return decimalsOf(seen) > decimalsOf(listed) ? seen : listed;
}

function withSteps(spec: InstrumentSpec, tickSize: string, lotSize: string): InstrumentSpec {
  return { ...spec, tickSize, lotSize, priceDecimals: decimalsOf(tickSize), sizeDecimals: decimalsOf(lotSize) };
}
