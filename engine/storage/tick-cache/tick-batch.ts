import { SortedTicks } from './sorted-ticks.ts';
import type { LiveOrigin, TickKind } from './tick-cache.ts';
import { TickColumns } from './tick-columns.ts';

/** What is collected of one series and kind. */
export class CollectedTicks {
  readonly name: string;
  readonly kind: TickKind;
  /** Ticks at or before it are left out: some of that time may never have been read. us since the epoch. */
  floorUs = 0;
  readonly ticks = new TickColumns();
  /** Journal sequence of each. */
  readonly sequences: number[] = [];

  constructor(name: string, kind: TickKind) {
    this.name = name;
    this.kind = kind;
  }

  keepLaterThan(floorUs: number): void {
    const { ticks, sequences } = this;
    let kept = 0;
    for (let i = 0; i < ticks.length; i++) {
      if ((ticks.timeUs[i] as number) <= floorUs) continue;
      if (kept !== i) {
        ticks.copy(i, kept);
        sequences[kept] = sequences[i] as number;
      }
      kept++;
    }
    ticks.length = kept;
    sequences.length = kept;
  }
}

/** Ticks of one journal by series and kind, with where they are in it: what one round adds to the cache. */
export class TickBatch {
  readonly #sets = new Map<string, CollectedTicks>();

  at(name: string, kind: TickKind): CollectedTicks {
    const key = `${kind}:${name}`;
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new CollectedTicks(name, kind);
      this.#sets.set(key, set);
    }
    return set;
  }

  /** Those with ticks. */
  sets(): CollectedTicks[] {
    return [...this.#sets.values()].filter((set) => set.ticks.length > 0);
  }

  clear(): void {
    for (const set of this.#sets.values()) {
      set.ticks.clear();
      set.sequences.length = 0;
    }
  }
}

/** The newest ticks of everything that was read: what a cache is filled with. */
export class TickFilling {
  readonly #capacity: number;
  readonly #sets = new Map<string, { name: string; kind: TickKind; floorUs: number; ticks: SortedTicks }>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(batch: TickBatch): void {
    for (const { name, kind, floorUs, ticks } of batch.sets()) {
      const key = `${kind}:${name}`;
      let set = this.#sets.get(key);
      if (set === undefined) {
        set = { name, kind, floorUs, ticks: new SortedTicks(this.#capacity) };
        this.#sets.set(key, set);
      }
      // Several journals may hold a series: complete is what all of them have completely.
      set.floorUs = Math.max(set.floorUs, floorUs);
      set.ticks.add(ticks);
    }
  }

  /** By series and kind; each oldest first. */
  *sets(): Generator<{ name: string; kind: TickKind; floorUs: number; ticks: TickColumns }> {
    for (const { name, kind, floorUs, ticks } of this.#sets.values()) {
      const newest = ticks.newest(Number.POSITIVE_INFINITY, this.#capacity);
      let from = 0;
      while (from < newest.length && (newest.timeUs[from] as number) <= floorUs) from++;
      yield { name, kind, floorUs, ticks: from === 0 ? newest : newest.slice(from, newest.length) };
    }
  }
}

/** Where the ticks of a batch are, for live readers. Remembers the newest sequence by series and kind. */
export class LiveOrigins {
  readonly #journalId: string;
  readonly #previous = new Map<string, number>();

  constructor(journalId: string) {
    this.#journalId = journalId;
  }

  of(set: CollectedTicks): LiveOrigin {
    return {
      journalId: this.#journalId,
      sequences: set.sequences.slice(),
      previousSequence: this.#previous.get(`${set.kind}:${set.name}`) ?? 0,
    };
  }

  /** The batch was added, or passed by unpublished: the next one comes behind it. */
  passed(set: CollectedTicks): void {
    this.#previous.set(`${set.kind}:${set.name}`, set.sequences.at(-1) ?? 0);
  }
}
