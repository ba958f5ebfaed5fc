import { busyNs } from './busy-clock.ts';
import type { BenchSample } from './bench-result.ts';
import type { ReplaySession } from './replay-session.ts';

const WARM_UP_PASSES = 2;
const TIMED_PASSES = 3;

/** Passes over one session: `run` plays it once and returns how many events there were. */
export interface ReplayPass {
  session: ReplaySession;
  run(): number;
}

/**
 * Rate of all sessions together, and of each, in M/s of thread time; heap bytes an event over one more pass of each.
 * @param figure name of the figure, `messages` or `events`.
 */
export function measurePasses(
  figure: string,
  passes: readonly ReplayPass[],
  checksums: BenchSample['checksums'],
): BenchSample {
  for (let i = 0; i < WARM_UP_PASSES; i++) for (const pass of passes) pass.run();
  const figures: Record<string, number> = {};
  let [events, elapsedNs, bytes, counted] = [0, 0, 0, 0];
  for (const { session, run } of passes) {
    let [own, ownNs] = [0, 0];
    for (let i = 0; i < TIMED_PASSES; i++) {
      globalThis.gc?.();
      const startNs = busyNs();
      own += run();
      ownNs += busyNs() - startNs;
    }
    figures[`${figure} ${session.name}`] = own / (ownNs / 1e3);
    events += own;
    elapsedNs += ownNs;
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    counted += run();
    bytes += Math.max(0, process.memoryUsage().heapUsed - before);
  }
  figures[figure] = events / (elapsedNs / 1e3);
  return { figures, checksums, bytesPerEvent: bytes / counted };
}
