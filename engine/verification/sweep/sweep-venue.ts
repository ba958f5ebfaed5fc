import type { FaultName } from '../../contract/fault-menu.ts';
import type { MarketProtocol } from '../../contract/market-protocol.ts';

/** What the sweep knows of a protocol: which symbols it plays, and what a right book is there. */
export interface SweepVenue {
  protocol: MarketProtocol;
  /** The first one is what one-symbol faults are planted on. */
  symbols: readonly [string, string];
  /** Levels a side that the subscribed book shows; the truth is compared that deep. */
  depth: number;
  /** What ties an applied message to the truth: the id of its record, or its time where the wire has no ids. */
  key: 'id' | 'time';
  /** Levels from the touch that a checksum proves: what a content fault (a delete left out) must not get past. */
  provenLevels: number;
}

/** Faults that make a message say something else than the truth, which not every protocol can find out. */
export const contentFaults: readonly FaultName[] = ['omittedDelete', 'bitFlip'];

export const sweepVenues: readonly SweepVenue[] = [
  {
    protocol: 'binance-spot',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    depth: Number.POSITIVE_INFINITY,
    key: 'id',
    provenLevels: 0,
  },
];
