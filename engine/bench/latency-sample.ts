import type { BenchSample } from './bench-result.ts';

/** Microseconds, rising. @throws RangeError when empty. */
export function percentile(sortedUs: readonly number[], fraction: number): number {
  if (sortedUs.length === 0) throw new RangeError('Expected at least one latency, was none');
  return sortedUs[Math.min(sortedUs.length - 1, Math.floor(fraction * sortedUs.length))] as number;
}

export function latencySample(latenciesUs: readonly number[]): BenchSample {
  const sorted = [...latenciesUs].sort((a, b) => a - b);
  return {
    figures: {
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      'p99.9': percentile(sorted, 0.999),
      count: sorted.length,
    },
    checksums: {},
  };
}
