/** The isolated half of Electron's preload: passes calls and ports between the page and main, nothing else. */
import { contextBridge, ipcRenderer } from 'electron';
import type { HostMessage } from '../engine/contract/host-messages.ts';
import type { ElectronBridge, PortMessage } from './electron-bridge.ts';

const bridge: ElectronBridge = {
  call: (request) => ipcRenderer.send('christmas:call', request),
  onMessage: (listener) => {
    ipcRenderer.on('christmas:message', (_event, message: HostMessage) => listener(message));
  },
  openPort: (name, nonce) => ipcRenderer.send('christmas:open-port', { name, nonce }),
};

ipcRenderer.on('christmas:port', (event, { nonce }: { nonce: string }) => {
  const message: PortMessage = { christmasPort: nonce };
  window.postMessage(message, '*', [...event.ports]);
});
ipcRenderer.on('christmas:no-port', (_event, { nonce, error }: { nonce: string; error: string }) => {
  const message: PortMessage = { christmasPort: nonce, error };
  window.postMessage(message, '*');
});

contextBridge.exposeInMainWorld('christmasBridge', bridge);
