/** The fault menu in the order that a person looks for things, and which fields of a command a fault takes. */
import type { FaultName } from '../../engine/contract/fault-menu.ts';

export const faultGroups = {
  book: ['gap', 'duplicate', 'reorder', 'omittedDelete', 'crossedBook', 'wrongChecksum', 'bitFlip', 'restartSequence'],
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
  orders: ['lostAnswer', 'timeoutAnswer'],
} as const satisfies Record<string, readonly FaultName[]>;

export type FaultGroup = keyof typeof faultGroups;

const lasting: ReadonlySet<FaultName> = new Set([
  'lateSnapshot',
  'silentStall',
  'unansweredPing',
  'serverShutdown',
  'trickledBytes',
  'splitFrames',
  'mergedFrames',
  'rateLimit',
]);
/** Faults that hit so many messages, requests or connections; the others hit once, or all while they last. */
const counted: ReadonlySet<FaultName> = new Set([
  'gap',
  'duplicate',
  'reorder',
  'omittedDelete',
  'crossedBook',
  'wrongChecksum',
  'bitFlip',
  'lateSnapshot',
  'staleSnapshot',
  'failedSnapshot',
  'lostAnswer',
  'timeoutAnswer',
]);

/** Whether a fault takes a duration: how long it lasts, or how late what it delays is. */
export function lasts(fault: FaultName): boolean {
  return lasting.has(fault);
}

/** Whether a fault takes a number of hits. */
export function counts(fault: FaultName): boolean {
  return counted.has(fault);
}

/** Every fault in the order of the groups. */
export function groupedFaults(): FaultName[] {
  return Object.values(faultGroups).flat();
}
