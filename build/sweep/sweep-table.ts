import type { FaultOutcome, SessionResult } from '../../engine/verification/sweep/sweep-session.ts';

interface Row {
  planted: number;
  hit: number;
  /** ms of those that left `live`. */
  healMs: number[];
  requests: number;
}

/** What became of all faults of one venue, by their name. */
export class SweepTable {
  readonly #rows = new Map<string, Row>();
  sessions = 0;
  comparisons = 0;
  probes = 0;
  accepted = 0;

  add(result: SessionResult): void {
    this.sessions++;
    this.comparisons += result.comparisons;
    this.probes += result.probes;
    this.accepted += result.accepted;
    for (const outcome of result.outcomes) this.#count(outcome);
  }

  /** One line a fault, then the sums. */
  lines(venue: string): string[] {
    const widths = [13, 16, 8, 8, 8, 11, 11, 9];
    const line = (cells: (string | number)[]): string =>
      cells
        .map((cell, i) => (i < 2 ? String(cell).padEnd(widths[i] ?? 0) : String(cell).padStart(widths[i] ?? 0)))
        .join(' ');
    const head = line(['venue', 'fault', 'planted', 'hit', 'left', 'heal p50', 'heal max', 'requests']);
    const rows = [...this.#rows.entries()].sort(([a], [b]) => a.localeCompare(b));
    const body = rows.map(([fault, { planted, hit, healMs, requests }]) => {
      const sorted = healMs.toSorted((a, b) => a - b);
      const time = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(2)} s`);
      const median = sorted[Math.floor(sorted.length / 2)];
      return line([venue, fault, planted, hit, healMs.length, time(median), time(sorted.at(-1)), requests]);
    });
    const sums = `${venue}: ${this.sessions} seeds, ${this.comparisons} live books compared, ${this.probes} orders tried, ${this.accepted} passed`;
    return [head, ...body, sums];
  }

  #count({ fault, hit, healMs, requests }: FaultOutcome): void {
    const row = this.#rows.get(fault) ?? { planted: 0, hit: 0, healMs: [], requests: 0 };
    this.#rows.set(fault, row);
    row.planted++;
    if (hit) row.hit++;
    // NaN became null on its way through JSON.
    if (healMs !== null && !Number.isNaN(healMs)) row.healMs.push(healMs);
    row.requests = Math.max(row.requests, requests);
  }
}
