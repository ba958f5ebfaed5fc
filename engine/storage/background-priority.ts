/**
 * Puts processes whose work can wait behind those of the trading screen. Linux with autogroups (the default of most
 * desktops) weighs whole sessions against each other: a nice value then counts only within its own session, and every
 * Postgres backend is a session of its own, as heavy as the browser's. So the session's value is set too.
 */
import * as fs from 'node:fs';
import { constants, setPriority } from 'node:os';

const BACKGROUND_NICE = constants.priority.PRIORITY_BELOW_NORMAL;
const LOOK_EVERY_MS = 500;

/**
 * @returns what could not be had, empty when nothing: the caller may say so, nothing depends on it. `EAGAIN` goes away:
 * without rights the kernel takes one value in 100 ms.
 */
export function putInBackground(pid: number): string {
  try {
    setPriority(pid, BACKGROUND_NICE);
  } catch (error) {
    return codeOf(error);
  }
  // Not of a session that is shared: in Electron that would be the window's.
  if (process.platform !== 'linux' || !leadsSession(pid)) return '';
  try {
    fs.writeFileSync(`/proc/${pid}/autogroup`, String(BACKGROUND_NICE));
  } catch (error) {
    // A kernel without them (ENOENT): there the nice value counts.
    return codeOf(error) === 'ENOENT' ? '' : codeOf(error);
  }
  return '';
}

/**
 * Keeps a server and the processes it starts, one for each connection, in the background. Linux only; elsewhere they
 * inherit the priority. @returns how to stop
 */
export function keepInBackground(serverPid: number): () => void {
  if (process.platform !== 'linux') return () => undefined;
  let done = new Set<number>();
  const look = (): void => {
    const now = new Set<number>();
    for (const pid of [serverPid, ...childrenOf(serverPid)]) {
      if (!done.has(pid)) {
        if (putInBackground(pid) === 'EAGAIN') break;
        // A moment after its start it is still in its parent's session: once more then.
        if (!leadsSession(pid)) continue;
      }
      now.add(pid);
    }
    done = now;
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function leadsSession(pid: number): boolean {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; after it come state, parent, group and session.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === pid;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return false;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch (error) {
    // It has ended, or the kernel was built without this list.
    if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return [];
    throw error;
  }
}

function codeOf(error: unknown): string {
  const { info, code, message } = error as { info?: { code?: string }; code?: string; message?: string };
  // A SystemError of node:os has the system's own word in `info`.
  return info?.code ?? code ?? message ?? String(error);
}
