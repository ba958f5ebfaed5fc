import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setRate, startStormProcesses, type StormProcesses, waitUntilTrading } from './storm-processes.ts';
import type { ProbeSample } from './trading-probe.ts';

const samplePeriodMs = 5_000;
/** Share of the run that is not fitted: caches, rings and tables that are bounded fill up to their bounds. */
const warmUpShare = 0.4;
const allowedMbPerHour = 1;

export interface HeapRow {
  name: 'heap-slope';
  messagesPerSecond: number;
  minutes: number;
  /** Least-squares line through the heap after forced collections, behind the warm-up. */
  mbPerHour: number;
  /** Standard error of the slope: a short run cannot tell a small one from noise. */
  mbPerHourError: number;
  heapUsedMb: number[];
  samples: number;
  passed: boolean;
}

/** Moderate load with orders for so many minutes; what the heap holds after each forced collection, as a line. */
export async function runHeapSlope(
  messagesPerSecond: number,
  minutes: number,
  log: (line: string) => void,
): Promise<HeapRow> {
  const dataDir = await mkdtemp(join(tmpdir(), 'christmas-heap-'));
  let processes: StormProcesses | undefined;
  try {
    processes = await startStormProcesses(dataDir, { periodMs: samplePeriodMs, forced: true });
    const samples: ProbeSample[] = [];
    let ended = false;
    processes.trading.child.once('exit', () => {
      ended = true;
    });
    processes.trading.on((event) => {
      if (event.type !== 'stormProbe') return;
      samples.push(event);
      if (samples.length % 12 === 0) {
        log(`minute ${(event.uptimeSeconds / 60).toFixed(0)}: heap ${(event.heapUsedBytes / 1e6).toFixed(2)} MB`);
      }
    });
    await waitUntilTrading(processes.url);
    await setRate(processes.url, messagesPerSecond);
    const untilMs = Date.now() + minutes * 60_000;
    while (Date.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (ended) throw new Error('The trading process ended before its time');
    }
    const fitted = samples.slice(Math.floor(samples.length * warmUpShare));
    const { slope, error } = fitLine(
      fitted.map((sample) => sample.uptimeSeconds / 3600),
      fitted.map((sample) => sample.heapUsedBytes / 1e6),
    );
    return {
      name: 'heap-slope',
      messagesPerSecond,
      minutes,
      mbPerHour: slope,
      mbPerHourError: error,
      heapUsedMb: samples.map((sample) => Math.round(sample.heapUsedBytes / 1e4) / 100),
      samples: fitted.length,
      passed: slope <= allowedMbPerHour,
    };
  } finally {
    await processes?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Least squares; the standard error is that of the slope. @throws RangeError below three points */
export function fitLine(xs: readonly number[], ys: readonly number[]): { slope: number; error: number } {
  const n = xs.length;
  if (n < 3 || ys.length !== n) throw new RangeError(`Expected at least three points, was ${n}`);
  const meanX = xs.reduce((sum, x) => sum + x, 0) / n;
  const meanY = ys.reduce((sum, y) => sum + y, 0) / n;
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    const dx = (xs[i] as number) - meanX;
    sxx += dx * dx;
    sxy += dx * ((ys[i] as number) - meanY);
  }
  const slope = sxy / sxx;
  let residuals = 0;
  for (let i = 0; i < n; i++) {
    residuals += ((ys[i] as number) - meanY - slope * ((xs[i] as number) - meanX)) ** 2;
  }
  return { slope, error: Math.sqrt(residuals / (n - 2) / sxx) };
}
