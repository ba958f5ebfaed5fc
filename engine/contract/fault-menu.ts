/** What the simulated venue can be told to do wrong, on any of its protocols: the menu of its control API. */
import type { MarketProtocol } from './market-protocol.ts';

/** In the order that a person looks for things. */
export const faultGroups = {
  /** Messages of one symbol's book. */
  book: ['gap', 'duplicate', 'reorder', 'omittedDelete', 'crossedBook', 'wrongChecksum', 'bitFlip', 'restartSequence'],
  /** REST ones, or those in the stream where the protocol has them there. */
  snapshot: ['lateSnapshot', 'staleSnapshot', 'failedSnapshot'],
  connection: [
    'silentStall',
    'unansweredPing',
    'connectionCut',
    'serverShutdown',
    'halfOpen',
    'trickledBytes',
    'splitFrames',
    'mergedFrames',
  ],
  load: ['tradeBurst', 'rateLimit'],
  /** Binance spot's WebSocket API. */
  orders: ['lostAnswer', 'timeoutAnswer'],
} as const;
export type FaultGroup = keyof typeof faultGroups;
export type FaultName = (typeof faultGroups)[FaultGroup][number];
export const faultNames: readonly FaultName[] = Object.values(faultGroups).flat();

export interface FaultCommand {
  fault: FaultName;
  /** Absent: every protocol that the venue speaks. */
  protocol?: MarketProtocol;
  /** Absent: every symbol. */
  symbol?: string;
  /** How many messages, requests or connections it hits; default 1. */
  count?: number;
  /** For faults that last (a stall, a trickle, a ban): how long, ms of the venue's clock; default 5000. */
  durationMs?: number;
}

/** A fault that is armed or under way, and what it has hit so far. */
export interface FaultStatus extends FaultCommand {
  /** Number of the command, from 1. */
  id: number;
  hits: number;
  active: boolean;
}

export function isFaultName(value: unknown): value is FaultName {
  return typeof value === 'string' && (faultNames as readonly string[]).includes(value);
}
