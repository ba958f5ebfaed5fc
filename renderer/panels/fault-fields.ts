/** Which fields of a command a fault of the menu takes. */
import type { FaultName } from '../../engine/contract/fault-menu.ts';

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
