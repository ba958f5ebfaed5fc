/** Turns process states into banners, and tells the links when a process is back. */
import type { HostApi } from '../../engine/contract/host-api.ts';
import type { ProcessName, ProcessStatus } from '../../engine/contract/process.ts';
import { roleOf } from '../../engine/contract/trading-shards.ts';
import { i18n } from '../i18n/i18n.ts';
import { useHostStore } from '../stores/host-store.ts';
import { endIncident, raiseIncident } from '../stores/ui-store.ts';

/** What of the runtime is needed here. */
interface ProcessLinks {
  readonly host: Pick<HostApi, 'onProcesses' | 'getProcesses'>;
  readonly trading: { retryNow(): void; setCount(count: number): void };
  readonly storage: { retryNow(): void };
}

/** Whether a process in this state deserves a banner: always when it failed, not while it starts for the first time. */
export function isIncident(status: ProcessStatus, wasReady: boolean): boolean {
  switch (status.state) {
    case 'ready':
      return false;
    case 'failed':
    case 'restarting':
      return true;
    default:
      return wasReady || status.restarts > 0;
  }
}

/** Follows the host's process list, which is known once this resolves. Resolves to how to stop. */
export async function watchProcesses(runtime: ProcessLinks): Promise<() => void> {
  const wasReady = new Set<ProcessName>();
  const take = (processes: ProcessStatus[]): void => {
    useHostStore.setState({ processes });
    const shards = processes.filter(({ name }) => roleOf(name) === 'trading').length;
    if (shards > 0) runtime.trading.setCount(shards);
    for (const status of processes) {
      const key = `process:${status.name}`;
      if (isIncident(status, wasReady.has(status.name))) {
        raiseIncident({
          key,
          kind: 'process',
          title: i18n.t(`banner.process.${status.state === 'failed' ? 'failed' : 'down'}`, {
            name: i18n.t(`process.${status.name}`),
          }),
          text: status.detail,
          sinceMs: status.sinceMs,
        });
      }
      if (status.state === 'ready') {
        wasReady.add(status.name);
        endIncident(key, Date.now());
        if (roleOf(status.name) === 'trading') runtime.trading.retryNow();
        if (status.name === 'storage') runtime.storage.retryNow();
      }
    }
    // A process that is not wanted any more (no venue in a replay) is not an incident.
    for (const name of [...wasReady]) {
      if (!processes.some((status) => status.name === name)) {
        wasReady.delete(name);
        endIncident(`process:${name}`, Date.now());
      }
    }
  };
  const stop = runtime.host.onProcesses(take);
  await runtime.host.getProcesses().then(take, (error: Error) => {
    raiseIncident({
      key: 'host',
      kind: 'connection',
      title: i18n.t('banner.host'),
      text: error.message,
      sinceMs: Date.now(),
    });
  });
  return stop;
}
