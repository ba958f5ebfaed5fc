import type { FramePort } from '../contract/frame.ts';
import type { ControlEvent, ControlRequest } from '../contract/process.ts';

/**
 * The control plane as a process sees it, the same over Electron's parentPort and Node's child-process IPC.
 * `connect` requests never reach `onRequest`: they arrive as ready frame ports at `onPort`.
 * When the parent is gone the channel calls `onParentGone`; every process then shuts down by itself.
 */
export interface ControlChannel {
  post(event: ControlEvent): void;
  onRequest(listener: (request: ControlRequest) => void): void;
  onPort(listener: (port: FramePort) => void): void;
  onParentGone(listener: () => void): void;
}
