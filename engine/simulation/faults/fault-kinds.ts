import type { FaultName } from '../../contract/fault-menu.ts';
import { type MarketProtocol, marketProtocols } from '../../contract/market-protocol.ts';

/**
 * How a fault is used up.
 * - `counted`: each message, request or connection that it hits takes one of `count`.
 * - `lasting`: hits everything in its way for `durationMs` from being armed, `count` is not looked at.
 * - `instant`: happens once, when it is armed.
 */
export type FaultUse = 'counted' | 'lasting' | 'instant';

interface FaultKind {
  use: FaultUse;
  /** Protocols that can show it; absent: all. */
  protocols?: readonly MarketProtocol[];
  /** Why the others cannot, in words. */
  because?: string;
}

const wholeBooks: readonly MarketProtocol[] = ['upbit'];
const withDeletes = marketProtocols.filter((protocol) => !wholeBooks.includes(protocol));

const kinds: Readonly<Record<FaultName, FaultKind>> = {
  gap: { use: 'counted' },
  duplicate: { use: 'counted' },
  reorder: { use: 'counted' },
  omittedDelete: { use: 'counted', protocols: withDeletes, because: 'it sends whole books, without deletes' },
  crossedBook: { use: 'counted' },
  wrongChecksum: { use: 'counted', protocols: ['upbit', 'okx', 'kraken'], because: 'its books carry no checksum' },
  bitFlip: { use: 'counted' },
  restartSequence: { use: 'instant' },
  lateSnapshot: { use: 'counted' },
  staleSnapshot: { use: 'counted' },
  failedSnapshot: { use: 'counted' },
  silentStall: { use: 'lasting' },
  unansweredPing: { use: 'lasting' },
  connectionCut: { use: 'instant' },
  serverShutdown: { use: 'instant' },
  halfOpen: { use: 'instant' },
  trickledBytes: { use: 'lasting' },
  splitFrames: { use: 'lasting' },
  mergedFrames: { use: 'lasting' },
  tradeBurst: { use: 'instant' },
  rateLimit: { use: 'lasting' },
  lostAnswer: { use: 'counted', protocols: ['binance-spot'], because: 'only binance-spot has order entry' },
  timeoutAnswer: { use: 'counted', protocols: ['binance-spot'], because: 'only binance-spot has order entry' },
};

export function faultUse(fault: FaultName): FaultUse {
  return kinds[fault].use;
}

/** Empty when the protocol can show the fault, else why not. */
export function whyNot(fault: FaultName, protocol: MarketProtocol): string {
  const { protocols, because } = kinds[fault];
  return protocols === undefined || protocols.includes(protocol) ? '' : (because as string);
}
