import * as fs from 'node:fs';
import * as path from 'node:path';
import { errorCode, JournalLockedError } from './journal-format.ts';

const JOURNAL_LOCK_FILE = 'journal.lock';
/** Folders locked by this very process, where the platform gives no process start time to compare. */
const heldHere = new Set<string>();

interface LockOwner {
  pid: number;
  /** Start time of the process where the platform tells (Linux), else empty: a pid may have been given out again. */
  started: string;
}

/**
 * Takes the lock of a journal folder; a lock whose process is gone is taken over.
 * @returns the function that releases it.
 * @throws JournalLockedError when a live process holds it.
 */
export function lockJournal(dir: string): () => void {
  return lockFolder(dir, JOURNAL_LOCK_FILE);
}

/**
 * The same for any folder with one owner; `fileName` is the lock file in it.
 * @throws JournalLockedError when a live process holds it.
 */
export function lockFolder(dir: string, fileName: string): () => void {
  const key = path.join(fs.realpathSync(dir), fileName);
  const file = path.join(dir, fileName);
  if (heldHere.has(key)) throw new JournalLockedError(`${dir} is already in use by this process`);
  const mine = JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid) });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      fs.writeFileSync(file, mine, { flag: 'wx' });
      heldHere.add(key);
      return () => {
        heldHere.delete(key);
        if (readText(file) === mine) fs.rmSync(file, { force: true });
      };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const text = readText(file);
    const owner = parseOwner(text);
    if (owner !== undefined && isAlive(owner)) {
      throw new JournalLockedError(`${dir} is in use by process ${owner.pid}; stop it first`);
    }
    // Only what we judged stale is removed: another starter may have taken the lock over meanwhile.
    if (readText(file) === text) fs.rmSync(file, { force: true });
  }
  throw new JournalLockedError(`${dir}: several processes fight for ${fileName}`);
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockOwner>;
    if (typeof value.pid !== 'number' || !Number.isInteger(value.pid) || value.pid <= 0) return undefined;
    return { pid: value.pid, started: typeof value.started === 'string' ? value.started : '' };
  } catch {
    // Cut short by a crash while it was written: nobody holds it.
    return undefined;
  }
}

function isAlive(owner: LockOwner): boolean {
  // The set above knows what this process holds; the same pid in the file is a former life of it.
  if (owner.pid === process.pid) return false;
  const started = startTimeOf(owner.pid);
  if (started !== '' && owner.started !== '' && started !== owner.started) return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat; empty where there is no /proc. A zombie counts as gone. */
function startTimeOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? '');
  } catch {
    // Not Linux, or no such process.
    return '';
  }
}
