/** What the preload gives the page, the same in both hosts, as `window.christmas`. */
import type { FaultCommand, FaultStatus } from './fault-menu.ts';
import type { FramePort } from './frame.ts';
import type { ProcessName, ProcessStatus } from './process.ts';
import type { Settings } from './settings.ts';

export interface HostInfo {
  host: 'electron' | 'node';
  version: string;
  platform: string;
  /** A path picker exists (Electron); elsewhere paths are typed. */
  canPickFiles: boolean;
}

export interface HostApi {
  readonly info: HostInfo;
  /** Opens a frame port to a process; rejects while it is not accepting. The page reconnects when `onClose` fires. */
  openPort(process: ProcessName): Promise<FramePort>;
  getSettings(): Promise<Settings>;
  /** Merges top-level fields, validates, saves; resolves to the result, rejects naming field and value. */
  updateSettings(patch: Partial<Settings>): Promise<Settings>;
  onSettings(listener: (settings: Settings) => void): () => void;
  getProcesses(): Promise<ProcessStatus[]>;
  onProcesses(listener: (processes: ProcessStatus[]) => void): () => void;
  restartProcess(name: ProcessName): Promise<void>;
  /** Kept by the host, never given back; empty for none. The storage process starts again with it. */
  setRedisPassword(password: string): Promise<void>;
  /** Paths of recordings chosen by the user; empty when cancelled. Only where `canPickFiles`. */
  pickFiles(): Promise<string[]>;
  /** The simulated venue's fault menu; without a command only asks. Rejects where the session has no simulated venue. */
  venueFault(command?: FaultCommand): Promise<FaultStatus[]>;
}

declare global {
  interface Window {
    christmas: HostApi;
  }
}
