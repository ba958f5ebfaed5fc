/** Calls and events of HostApi as they travel between the page's preload and main: WebSocket or Electron IPC. */
import type { FaultCommand } from './fault-menu.ts';
import type { ProcessName, ProcessStatus } from './process.ts';
import type { Settings } from './settings.ts';
import { MAX_TRADING_PROCESSES, tradingProcessName } from './trading-shards.ts';

export type HostCall =
  | { method: 'getSettings' }
  | { method: 'updateSettings'; patch: Partial<Settings> }
  | { method: 'getProcesses' }
  | { method: 'restartProcess'; name: ProcessName }
  | { method: 'setRedisPassword'; password: string }
  | { method: 'pickFiles' }
  /** The simulated venue's fault menu; the result is FaultStatus[]. Without a command only asks. */
  | { method: 'venueFault'; command?: FaultCommand };

export type HostRequest = { requestId: number } & HostCall;

export type HostReply =
  | { type: 'reply'; requestId: number; ok: true; result: unknown }
  | { type: 'reply'; requestId: number; ok: false; error: string };

export type HostEvent = { type: 'settings'; settings: Settings } | { type: 'processes'; processes: ProcessStatus[] };

export type HostMessage = HostReply | HostEvent;

/** Names of the processes a page may open a port to. */
export const processNames: readonly ProcessName[] = [
  'venue',
  ...Array.from({ length: MAX_TRADING_PROCESSES }, (_, shard) => tradingProcessName(shard)),
  'storage',
];
