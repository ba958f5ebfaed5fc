/** What the probe inside the trading process says once a period, over its control channel. */
export interface ProbeSample {
  type: 'stormProbe';
  /** Since the process started. */
  uptimeSeconds: number;
  heapUsedBytes: number;
  rssBytes: number;
  /** CPU of all its threads since the last sample. */
  cpuMs: number;
  externalBytes: number;
  /** Collections since the last sample; the forced ones are not among them. */
  collections: number;
  collectionMs: number;
  longestCollectionMs: number;
  /** Of the event loop since the last sample, 0..1. */
  utilization: number;
}

/**
 * Runs inside the measured process, before its own code (`--import`). Self-contained: it is handed over as text.
 * @param periodMs how often it reports
 * @param forced collects all garbage before it looks at the heap; needs `--expose-gc`
 */
function probe(periodMs: number, forced: boolean, performanceHooks: typeof import('node:perf_hooks')): void {
  let collections = 0;
  let collectionMs = 0;
  let longestCollectionMs = 0;
  let forcing = false;
  const observer = new performanceHooks.PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (forcing) continue;
      collections++;
      collectionMs += entry.duration;
      longestCollectionMs = Math.max(longestCollectionMs, entry.duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  let lastCpu = process.cpuUsage();
  let last = performanceHooks.performance.eventLoopUtilization();
  const report = (memory: NodeJS.MemoryUsage): void => {
    const now = performanceHooks.performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    process.send?.({
      type: 'stormProbe',
      uptimeSeconds: process.uptime(),
      heapUsedBytes: memory.heapUsed,
      rssBytes: memory.rss,
      externalBytes: memory.external,
      cpuMs: (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1000,
      collections,
      collectionMs,
      longestCollectionMs,
      utilization: performanceHooks.performance.eventLoopUtilization(now, last).utilization,
    });
    last = now;
    lastCpu = cpu;
    collections = 0;
    collectionMs = 0;
    longestCollectionMs = 0;
    forcing = false;
  };
  const timer = setInterval(() => {
    if (!forced) return report(process.memoryUsage());
    forcing = true;
    // Twice: what the first one finds to be dead may hold more.
    globalThis.gc?.();
    globalThis.gc?.();
    const memory = process.memoryUsage();
    // Collections are observed a turn later: the forced ones must not be counted.
    setTimeout(() => report(memory), 20).unref();
  }, periodMs);
  timer.unref();
}

/** Node flags that put the probe into a process. */
export function probeFlags(periodMs: number, forced: boolean): string[] {
  // The compiler of tsx names functions through a helper that its modules have and this text has not.
  const source = `import * as hooks from 'node:perf_hooks';const __name=(f)=>f;(${probe.toString()})(${periodMs},${forced},hooks);`;
  return [...(forced ? ['--expose-gc'] : []), '--import', `data:text/javascript,${encodeURIComponent(source)}`];
}
