/** When a book was not provably right: its changes of state, folded into episodes from the first doubt to live again. */
import type { BookStateName, IntegrityView } from '../../engine/contract/trading-messages.ts';

/** Changes kept per instrument; older ones are in storage. */
export const MAX_CHANGES = 4_000;

/** One change of a book's state. */
export type IntegrityChange = Omit<IntegrityView, 'instrument'>;

export interface IntegrityEpisode {
  /** us since the epoch. */
  startUs: number;
  /** us since the epoch when the book was live again; NaN while it is not. */
  endUs: number;
  /** What was wrong: the first fault of the episode, or how it began where there was none. */
  state: BookStateName;
  reason: string;
  /** Changes within, the return to live not counted. */
  changes: number;
}

const faults: ReadonlySet<BookStateName> = new Set(['gap', 'stale', 'crossed', 'checksum']);

/** Whether a state says that something went wrong, rather than that it is being set up. */
export function isFault(state: BookStateName): boolean {
  return faults.has(state);
}

export class IntegrityLog {
  /** Oldest first. */
  readonly #changes: IntegrityChange[] = [];
  #episodes: IntegrityEpisode[] = [];
  #stale = false;

  clear(): void {
    this.#changes.length = 0;
    this.#stale = true;
  }

  /** Takes one change; one that is known already (a snapshot repeats what came live) is dropped. */
  add({ timeUs, state, reason }: IntegrityChange): void {
    let at = this.#changes.length;
    while (at > 0 && (this.#changes[at - 1] as IntegrityChange).timeUs > timeUs) at--;
    for (let i = at - 1; i >= 0 && this.#changes[i]?.timeUs === timeUs; i--) {
      if (this.#changes[i]?.state === state) return;
    }
    this.#changes.splice(at, 0, { timeUs, state, reason });
    if (this.#changes.length > MAX_CHANGES) this.#changes.splice(0, MAX_CHANGES >> 3);
    this.#stale = true;
  }

  /** Oldest first. */
  get changes(): readonly IntegrityChange[] {
    return this.#changes;
  }

  /** Newest change, undefined before the first. */
  get newest(): IntegrityChange | undefined {
    return this.#changes[this.#changes.length - 1];
  }

  /** Oldest first; the last one may be under way. */
  get episodes(): readonly IntegrityEpisode[] {
    if (this.#stale) {
      this.#episodes = foldEpisodes(this.#changes);
      this.#stale = false;
    }
    return this.#episodes;
  }
}

/** @param changes oldest first */
export function foldEpisodes(changes: readonly IntegrityChange[]): IntegrityEpisode[] {
  const episodes: IntegrityEpisode[] = [];
  let open: IntegrityEpisode | undefined;
  for (const { timeUs, state, reason } of changes) {
    if (state === 'live') {
      if (open) open.endUs = timeUs;
      open = undefined;
      continue;
    }
    if (!open) {
      open = { startUs: timeUs, endUs: Number.NaN, state, reason, changes: 0 };
      episodes.push(open);
    } else if (isFault(state) && !isFault(open.state)) {
      open.state = state;
      open.reason = reason;
    }
    open.changes++;
  }
  return episodes;
}
