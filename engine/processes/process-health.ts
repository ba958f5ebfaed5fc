import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessHealth } from '../contract/process.ts';
import type { ControlChannel } from '../transport/control-channel.ts';

/** The monitor wakes the process this often: seldom enough not to be felt by what it watches. */
const DELAY_RESOLUTION_MS = 10;

/** Posts CPU, memory and event-loop figures of this process to main once a second. */
export function startHealth(channel: ControlChannel): { read(): ProcessHealth; dispose(): void } {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let lastCpu = process.cpuUsage();
  let lastNs = process.hrtime.bigint();
  let latest: ProcessHealth = { cpuFraction: 0, rssBytes: 0, heapUsedBytes: 0, loopDelayP99Ms: 0 };

  const timer = setInterval(() => {
    const nowNs = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const elapsedUs = Number(nowNs - lastNs) / 1000;
    const memory = process.memoryUsage();
    latest = {
      cpuFraction: (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / elapsedUs,
      rssBytes: memory.rss,
      heapUsedBytes: memory.heapUsed,
      // The monitor reports its own resolution as delay; what is above it is ours.
      loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS),
    };
    delay.reset();
    lastCpu = cpu;
    lastNs = nowNs;
    channel.post({ type: 'health', health: latest });
  }, 1000);
  timer.unref();

  return {
    read: () => latest,
    dispose: () => {
      clearInterval(timer);
      delay.disable();
    },
  };
}
