import * as fs from 'node:fs';

export interface DiskLimits {
  /** Below this many free bytes the page warns. */
  warnBytes: number;
  /** Below this many the store takes no more rows: what is left belongs to the journal, so to orders and fills. */
  stopBytes: number;
}

export const defaultDiskLimits: DiskLimits = { warnBytes: 4 * 1024 ** 3, stopBytes: 512 * 1024 ** 2 };

export type DiskLevel = 'enough' | 'low' | 'full';

const CHECK_EVERY_MS = 1_000;

/** Watches the room on the disks of some folders; asks the operating system once a second at most. */
export class DiskGuard {
  readonly #folders: readonly string[];
  readonly #limits: DiskLimits;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #freeBytes = Number.POSITIVE_INFINITY;

  constructor(folders: readonly string[], limits: DiskLimits = defaultDiskLimits) {
    this.#folders = folders;
    this.#limits = limits;
  }

  /** Of the fullest disk; infinite while no folder is there yet. */
  get freeBytes(): number {
    const nowMs = performance.now();
    if (nowMs - this.#checkedMs < CHECK_EVERY_MS) return this.#freeBytes;
    this.#checkedMs = nowMs;
    this.#freeBytes = Math.min(Number.POSITIVE_INFINITY, ...this.#folders.map(freeBytesOf));
    return this.#freeBytes;
  }

  get level(): DiskLevel {
    const free = this.freeBytes;
    return free < this.#limits.stopBytes ? 'full' : free < this.#limits.warnBytes ? 'low' : 'enough';
  }
}

function freeBytesOf(folder: string): number {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    // Not made yet; whoever makes it will say so when that fails.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw error;
  }
}
