/** What the simulated venue can be told to do wrong, on any of its protocols: the menu of its control API. */
import type { MarketProtocol } from './market-protocol.ts';

export const faultNames = [
  /** Feed: messages of one symbol's book. */
  'gap',
  'duplicate',
  'reorder',
  'omittedDelete',
  'crossedBook',
  'wrongChecksum',
  'bitFlip',
  'restartSequence',
  /** Snapshots: REST ones, or those in the stream where the protocol has them there. */
  'lateSnapshot',
  'staleSnapshot',
  'failedSnapshot',
  /** Connection. */
  'silentStall',
  'unansweredPing',
  'connectionCut',
  'serverShutdown',
  'halfOpen',
  'trickledBytes',
  'splitFrames',
  'mergedFrames',
  /** Load and limits. */
  'tradeBurst',
  'rateLimit',
  /** Order entry (Binance spot's WebSocket API). */
  'lostAnswer',
  'timeoutAnswer',
] as const;
export type FaultName = (typeof faultNames)[number];

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
