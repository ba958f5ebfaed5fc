/**
 * As much of the `electron` module as main/electron and preload/electron.ts use, over Node: utility processes are real
 * children, the window's page is this same process. It stands in for `electron` when a test bundles the host; where the
 * real one refuses or loses something, this does too.
 */
import { EventEmitter } from 'node:events';
import type { MessagePortMain } from './message-ports.ts';

export { MessageChannelMain } from './message-ports.ts';
export { utilityProcess } from './utility-process.ts';

type Handler = (request: Request) => Promise<Response>;

/** What the tests look at and drive. */
export const fake = {
  handlers: new Map<string, Handler>(),
  windows: [] as BrowserWindow[],
  permission: undefined as
    | ((contents: unknown, permission: string, callback: (granted: boolean) => void) => void)
    | undefined,
  paths: new Map<string, string>(),
  /** What dialog.showOpenDialog answers. */
  chosenFiles: [] as string[],
  mainWorld: new Map<string, unknown>(),
};

class App extends EventEmitter {
  readonly isPackaged = false;
  #ready = false;
  getAppPath(): string {
    return process.argv[1] ?? '';
  }
  setPath(name: string, path: string): void {
    fake.paths.set(name, path);
  }
  requestSingleInstanceLock(): boolean {
    return true;
  }
  async whenReady(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#ready = true;
  }
  get isReady(): boolean {
    return this.#ready;
  }
  quit(): void {
    let prevented = false;
    this.emit('before-quit', { preventDefault: () => (prevented = true) });
    if (!prevented) process.exit(0);
  }
  exit(code = 0): void {
    process.exit(code);
  }
}
export const app = new App();

export const protocol = {
  registerSchemesAsPrivileged(): void {
    if (app.isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
  },
  handle(scheme: string, handler: Handler): void {
    fake.handlers.set(scheme, handler);
  },
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler: typeof fake.permission): void {
      fake.permission = handler;
    },
    setPermissionCheckHandler(): void {
      // Nothing here asks for a check.
    },
  },
};

export const safeStorage = {
  getSelectedStorageBackend: () => 'gnome_libsecret',
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(text).map((byte) => byte ^ 0x5a)),
  decryptStringAsync: (bytes: Buffer) =>
    Promise.resolve({ result: Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString('utf8'), shouldReEncrypt: false }),
};

export const dialog = {
  showErrorBox: (title: string, text: string) => process.stderr.write(`${title}: ${text}\n`),
  showOpenDialog: () => Promise.resolve({ canceled: fake.chosenFiles.length === 0, filePaths: fake.chosenFiles }),
};

class WebFrameMain {
  url: string;
  constructor(url: string) {
    this.url = url;
  }
}

export class WebContents extends EventEmitter {
  mainFrame = new WebFrameMain('');
  windowOpenHandler: ((details: { url: string }) => { action: string }) | undefined;
  destroyed = false;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  send(channel: string, message: unknown): void {
    ipcRenderer.emit(channel, { ports: [] }, structuredClone(message));
  }
  postMessage(channel: string, message: unknown, ports: MessagePortMain[]): void {
    ipcRenderer.emit(channel, { ports: ports.map((port) => port.inner) }, structuredClone(message));
  }
}

export class BrowserWindow extends EventEmitter {
  readonly options: { webPreferences?: Record<string, unknown> };
  readonly webContents = new WebContents();

  constructor(options: { webPreferences?: Record<string, unknown> }) {
    super();
    this.options = options;
    fake.windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url;
    setImmediate(() => this.emit('ready-to-show'));
    return Promise.resolve();
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {
    this.emit('restore');
  }
  focus(): void {
    this.emit('focus');
  }
  show(): void {
    this.emit('show');
  }
  /** The user closes it. */
  close(): void {
    this.webContents.destroyed = true;
    this.emit('closed');
    app.emit('window-all-closed');
  }
}

export const ipcMain = new EventEmitter();

/** The page's end; messages reach ipcMain as from the first window's main frame. */
class IpcRenderer extends EventEmitter {
  send(channel: string, message: unknown): void {
    const contents = fake.windows[0]?.webContents;
    ipcMain.emit(channel, { sender: contents, senderFrame: contents?.mainFrame }, structuredClone(message));
  }
}
export const ipcRenderer = new IpcRenderer();

export const contextBridge = {
  exposeInMainWorld(name: string, api: unknown): void {
    fake.mainWorld.set(name, api);
  },
};
