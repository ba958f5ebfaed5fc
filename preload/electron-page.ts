/**
 * HostApi in Electron's page, in the page's own world: ports must not pass through the context bridge, which would copy
 * every frame. Served as /preload.js behind one line that sets `christmasHostInfo`.
 */
import type { FramePort } from '../engine/contract/frame.ts';
import type { HostInfo } from '../engine/contract/host-api.ts';
import type { ProcessName } from '../engine/contract/process.ts';
import type { ElectronBridge, PortMessage } from './electron-bridge.ts';
import { HostClient } from './host-client.ts';
import { PageMessagePort } from './page-message-port.ts';

const PORT_LIMIT_MS = 10_000;

const { christmasBridge: bridge, christmasHostInfo: info } = globalThis as unknown as {
  christmasBridge: ElectronBridge;
  christmasHostInfo: HostInfo;
};

function openPort(name: ProcessName): Promise<FramePort> {
  const nonce = crypto.randomUUID();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      window.removeEventListener('message', onMessage);
    };
    const onMessage = (event: MessageEvent<PortMessage | undefined>): void => {
      // Only from the preload, which speaks as this window itself, and only the answer to this request.
      if (event.source !== window || event.data?.christmasPort !== nonce) return;
      settle();
      const port = event.ports[0];
      if (port !== undefined) resolve(new PageMessagePort(port));
      else reject(new Error(event.data.error ?? `${name} gave no port`));
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`${name} gave no port in ${PORT_LIMIT_MS} ms`));
    }, PORT_LIMIT_MS);
    window.addEventListener('message', onMessage);
    bridge.openPort(name, nonce);
  });
}

const client = new HostClient({ send: (request) => bridge.call(request), openPort });
bridge.onMessage((message) => client.receive(message));
Object.defineProperty(window, 'christmas', { value: Object.freeze(client.api(info)) });
