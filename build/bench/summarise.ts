import type { Bench, BenchImplementation, BenchRow, BenchSample } from '../../engine/bench/bench-result.ts';

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Expected at least one value, was none');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * Rows of a bench from the samples of its implementations. The ratio is taken run by run, then its median: runs next to
 * each other share the machine's mood.
 * @throws Error when implementations that did the same work disagree about the result.
 */
export function summarise(bench: Bench, samples: ReadonlyMap<BenchImplementation, BenchSample[]>): BenchRow[] {
  checkAgreement(bench, samples);
  const of = (implementation: BenchImplementation): BenchSample[] => samples.get(implementation) ?? [];
  const ours = of(bench.ours);
  const rows: BenchRow[] = [];
  for (const peer of bench.peers) {
    const peers = of(peer);
    for (const { figure, unit, better, added } of bench.rows) {
      const read = (sample: BenchSample): number => {
        const value = sample.figures[figure];
        if (value === undefined || !Number.isFinite(value))
          throw new Error(`Expected a figure "${figure}", was ${value}`);
        return value;
      };
      const ratios = ours.map((sample, run) => read(sample) / read(peers[run] as BenchSample));
      const row: BenchRow = {
        name: bench.rows.length > 1 ? `${bench.name} ${figure}` : bench.name,
        ours: median(ours.map(read)),
        peer: median(peers.map(read)),
        peerName: peer.label,
        ratio: median(ratios),
        unit,
        better,
        spread: [Math.min(...ratios), Math.max(...ratios)],
        runs: ours.length,
      };
      if (added === true) {
        const differences = ours.map((sample, run) => read(sample) - read(peers[run] as BenchSample));
        row.added = { median: median(differences), spread: [Math.min(...differences), Math.max(...differences)] };
      }
      const bytes = (all: BenchSample[]): number[] => all.flatMap((sample) => sample.bytesPerEvent ?? []);
      if (bytes(ours).length > 0) row.bytesPerEvent = median(bytes(ours));
      if (bytes(peers).length > 0) row.peerBytesPerEvent = median(bytes(peers));
      rows.push(row);
    }
  }
  if (bench.geometricMean === true) rows.push(overallRow(bench, samples));
  return rows;
}

/** Geometric mean over the figures, of ours and, figure by figure, of the best peer. */
function overallRow(bench: Bench, samples: ReadonlyMap<BenchImplementation, BenchSample[]>): BenchRow {
  const ours = samples.get(bench.ours) ?? [];
  const mean = (values: readonly number[]): number =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  const oursOf = (run: number): number =>
    mean(bench.rows.map(({ figure }) => ours[run]?.figures[figure] ?? Number.NaN));
  const bestOf = (run: number): number =>
    mean(
      bench.rows.map(({ figure, better }) => {
        const peers = bench.peers.map((peer) => samples.get(peer)?.[run]?.figures[figure] ?? Number.NaN);
        return better === 'higher' ? Math.max(...peers) : Math.min(...peers);
      }),
    );
  const runs = ours.map((_, run) => run);
  const ratios = runs.map((run) => oursOf(run) / bestOf(run));
  const { unit, better } = bench.rows[0] as Bench['rows'][0];
  return {
    name: bench.name,
    ours: median(runs.map(oursOf)),
    peer: median(runs.map(bestOf)),
    peerName: 'the best of them figure by figure, geometric mean',
    ratio: median(ratios),
    unit,
    better,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    runs: runs.length,
  };
}

function checkAgreement(bench: Bench, samples: ReadonlyMap<BenchImplementation, BenchSample[]>): void {
  const expected = new Map<string, { value: string; label: string }>();
  for (const [implementation, all] of samples) {
    for (const sample of all) {
      for (const [key, value] of Object.entries(sample.checksums)) {
        const known = expected.get(key);
        if (known === undefined) expected.set(key, { value, label: implementation.label });
        else if (known.value !== value) {
          throw new Error(
            `${bench.name}: expected the same ${key}, was ${known.value} (${known.label}) and ${value} (${implementation.label})`,
          );
        }
      }
    }
  }
}
