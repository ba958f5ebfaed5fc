import type { FaultName } from '../../contract/fault-menu.ts';
import type { MarketProtocol } from '../../contract/market-protocol.ts';

/** What the sweep knows of a protocol: which symbols it plays, and what a right book is there. */
export interface SweepVenue {
  protocol: MarketProtocol;
  /** The first one is what one-symbol faults are planted on. */
  symbols: readonly [string, string];
  /** Levels a side that the subscribed book shows; the truth is compared that deep. */
  depth: number;
  /** Key of the subscribed book in the venue's memory. */
  bookKey(symbol: string): string;
  /**
   * What ties an applied message to the truth: the id of its record; its time, where that is the id of the venue's copy;
   * or neither (Kraken), so that any book not older than the last one may be it.
   */
  key: 'id' | 'time' | 'any';
  /** Levels from the touch that a checksum proves: what a content fault (a delete left out) must not get past. */
  provenLevels: number;
}

/** Faults that make a message say something else than the truth, which not every protocol can find out. */
const contentFaults: readonly FaultName[] = ['omittedDelete', 'bitFlip'];
/** Faults that lose or swap messages: found out at once where messages are numbered. */
const lossFaults: readonly FaultName[] = [
  'gap',
  'reorder',
  'silentStall',
  'lateSnapshot',
  'staleSnapshot',
  'failedSnapshot',
];

/** What a fault leaves wrong, the venue may have no way to show but near the touch ({@link SweepVenue.provenLevels}). */
export function canHide(fault: FaultName, venue: SweepVenue): boolean {
  return contentFaults.includes(fault) || (venue.key === 'any' && lossFaults.includes(fault));
}

const binance = {
  depth: Number.POSITIVE_INFINITY,
  bookKey: (symbol: string) => symbol,
  key: 'id',
  provenLevels: 0,
} as const;
const bybit = { ...binance, depth: 200, bookKey: (symbol: string) => `orderbook.200.${symbol}` } as const;

export const sweepVenues: readonly SweepVenue[] = [
  { protocol: 'binance-spot', symbols: ['BTCUSDT', 'ETHUSDT'], ...binance },
  { protocol: 'binance-usdm', symbols: ['BTCUSDT', 'ETHUSDT'], ...binance },
  { protocol: 'binance-coinm', symbols: ['BTCUSD_PERP', 'ETHUSD_PERP'], ...binance },
  { protocol: 'bybit', symbols: ['BTCUSDT', 'ETHUSDT'], ...bybit },
  { protocol: 'bybit-spot', symbols: ['BTCUSDT', 'ETHUSDT'], ...bybit },
  {
    protocol: 'upbit',
    symbols: ['KRW-BTC', 'KRW-ETH'],
    depth: 30,
    bookKey: (symbol) => `${symbol}.30`,
    key: 'time',
    provenLevels: 30,
  },
  {
    protocol: 'okx',
    symbols: ['BTC-USDT-SWAP', 'ETH-USDT'],
    depth: 400,
    bookKey: (symbol) => `books:${symbol}`,
    key: 'id',
    provenLevels: 25,
  },
  {
    protocol: 'kraken',
    symbols: ['XBT/USD', 'ETH/USD'],
    depth: 1000,
    bookKey: (symbol) => `book-1000:${symbol}`,
    key: 'any',
    provenLevels: 10,
  },
];
