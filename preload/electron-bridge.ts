import type { HostMessage, HostRequest } from '../engine/contract/host-messages.ts';
import type { ProcessName } from '../engine/contract/process.ts';

/** What the isolated preload gives to the script in the page's world, as `window.christmasBridge`. */
export interface ElectronBridge {
  call(request: HostRequest): void;
  onMessage(listener: (message: HostMessage) => void): void;
  /** The port arrives as a window message of {@link PortMessage}: the bridge itself cannot carry ports. */
  openPort(name: ProcessName, nonce: string): void;
}

export interface PortMessage {
  christmasPort: string;
  /** Why there is no port. */
  error?: string;
}
