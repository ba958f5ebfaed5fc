import type { ControlEvent, ControlRequest, ProcessName } from '../../engine/contract/process.ts';

export interface LaunchSpec {
  name: ProcessName;
  /** Flags for V8, `--max-semi-space-size=64`; each launcher renders them in its own way. */
  v8Flags: readonly string[];
}

export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/** A running process. `Transfer` is what the host can attach to a request: a socket (Node) or a MessagePort (Electron). */
export interface LaunchedProcess<Transfer> {
  /** 0 until known. */
  readonly pid: number;
  /** Never throws; a request to a process that is gone is lost, its exit is reported by onExit. */
  post(request: ControlRequest, transfer?: Transfer): void;
  onEvent(listener: (event: ControlEvent) => void): void;
  /** stdout and stderr as they come, not split at lines. */
  onOutput(listener: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void): void;
  /** Called exactly once, also when the process could not be started. */
  onExit(listener: (exit: ProcessExit) => void): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Implemented by each host: the only thing the supervisor knows about how processes run. */
export interface Launcher<Transfer> {
  launch(spec: LaunchSpec): LaunchedProcess<Transfer>;
}
