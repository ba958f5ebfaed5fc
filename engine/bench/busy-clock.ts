import { readFileSync } from 'node:fs';

const SCHEDSTAT = '/proc/thread-self/schedstat';
const hasSchedstat = readable();

/**
 * Time that this thread has spent on a core, ns: what other programs take away from it does not count, so that a busy
 * machine spreads the ratios less. Work of helper threads (a peer's garbage) does not count either. Linux updates it a few
 * hundred times a second: measure stretches of tens of milliseconds. Where it is not told, the wall clock.
 */
export function busyNs(): number {
  if (hasSchedstat) return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]);
  return Number(process.hrtime.bigint());
}

function readable(): boolean {
  try {
    return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
