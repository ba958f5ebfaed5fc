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
  'halfOpen',
  'trickledBytes',
  'rateLimit',
  'timeoutAnswer',
]);

/** Whether a fault takes a duration. */
export function lasts(fault: FaultName): boolean {
  return lasting.has(fault);
}

/** Every fault in the order of the groups. */
export function groupedFaults(): FaultName[] {
  return Object.values(faultGroups).flat();
}
