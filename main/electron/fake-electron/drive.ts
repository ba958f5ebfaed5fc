/**
 * The whole app through main/electron in one process with the fake Electron, and a page in it: prints what it finds, one
 * JSON line each, for desktop.test.ts. Run as `node drive.cjs --data-dir DIR`.
 */
import { readFileSync } from 'node:fs';
import { compileFunction, runInThisContext } from 'node:vm';
import { encodeCreditFrame, readFrameHeader } from '../../../engine/contract/frame.ts';
import type { HostApi } from '../../../engine/contract/host-api.ts';
import { contextBridge, fake, ipcMain, ipcRenderer } from './electron.ts';
import { forks } from './utility-process.ts';
import '../desktop.ts';

function tell(what: string, value: unknown): void {
  process.stdout.write(`${JSON.stringify({ what, value })}\n`);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function fetchPage(url: string): Promise<{ status: number; headers: Record<string, string>; text: string }> {
  const response = await (fake.handlers.get('christmas') as (request: Request) => Promise<Response>)(new Request(url));
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

/** Makes this process look like the page to the preload scripts. */
function becomePage(): void {
  const listeners = new Set<(event: unknown) => void>();
  const page = {
    addEventListener: (_type: string, listener: (event: unknown) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: unknown) => void) => listeners.delete(listener),
    postMessage: (data: unknown, _origin: string, ports: unknown[] = []) => {
      setImmediate(() => {
        for (const listener of [...listeners]) listener({ source: page, data, ports });
      });
    },
  };
  Object.assign(globalThis, { window: page });
}

/** Runs the isolated preload as Electron does: its `require` knows `electron` alone. */
function loadPreload(path: string): void {
  const load = (name: string): unknown => {
    if (name !== 'electron') throw new Error(`Expected a preload that needs electron only, was "${name}"`);
    return { contextBridge, ipcRenderer };
  };
  compileFunction(readFileSync(path, 'utf8'), ['require', 'exports', 'module'])(load, {}, { exports: {} });
}

async function drive(): Promise<void> {
  await until(() => fake.windows.length > 0);
  const window = fake.windows[0];
  if (window === undefined) throw new Error('Expected a window');
  tell('preferences', window.options.webPreferences);
  tell('index', await fetchPage('christmas://app/'));
  tell('outside', (await fetchPage('christmas://app/..%2fmain%2fdrive.cjs')).status);
  tell('otherHost', (await fetchPage('christmas://evil/')).status);
  let granted: boolean | undefined;
  fake.permission?.(window.webContents, 'media', (value) => {
    granted = value;
  });
  tell('permission', granted);
  tell('windowOpen', window.webContents.windowOpenHandler?.({ url: 'https://example.com/' }).action);
  let prevented = false;
  window.webContents.emit('will-navigate', { url: 'https://example.com/', preventDefault: () => (prevented = true) });
  tell('navigationPrevented', prevented);

  becomePage();
  loadPreload(String(window.options.webPreferences?.['preload']));
  Object.assign(globalThis, { christmasBridge: fake.mainWorld.get('christmasBridge') });
  runInThisContext((await fetchPage('christmas://app/preload.js')).text);
  const { christmas } = (globalThis as unknown as { window: { christmas: HostApi } }).window;
  tell('info', christmas.info);

  let events = 0;
  christmas.onProcesses(() => events++);
  await until(async () => (await christmas.getProcesses()).every((process) => process.state === 'ready'));
  tell('processes', await christmas.getProcesses());
  tell('events', events > 0);
  tell(
    'forks',
    forks.map(({ options }) => ({ serviceName: options.serviceName, execArgv: options.execArgv })),
  );

  const port = await christmas.openPort('trading');
  const echoed = new Promise<Uint8Array>((resolve) => port.onFrame(resolve));
  port.send(encodeCreditFrame(42, 7));
  tell('echo', readFrameHeader(await echoed));
  const closed = new Promise<string>((resolve) => port.onClose(resolve));
  const trading = (await christmas.getProcesses()).find((status) => status.name === 'trading');
  process.kill(trading?.pid ?? 0, 'SIGKILL');
  tell('closed', await closed);
  tell(
    'refusedPort',
    await christmas.openPort('trading').then(
      () => 'opened',
      (error: Error) => error.message,
    ),
  );
  await until(async () => (await christmas.getProcesses()).every((status) => status.state === 'ready'));
  tell('restarts', (await christmas.getProcesses()).find((status) => status.name === 'trading')?.restarts);

  tell('language', (await christmas.updateSettings({ language: 'ko' })).language);
  tell(
    'badSettings',
    await christmas.updateSettings({ language: 'xx' as 'en' }).catch((error: Error) => error.message),
  );
  fake.chosenFiles = ['/a.jsonl'];
  tell('files', await christmas.pickFiles());

  // A frame of another origin, and a frame inside our page, must not be heard.
  const before = (await christmas.getSettings()).theme;
  const foreign = { requestId: 1, method: 'updateSettings', patch: { theme: 'light' } };
  ipcMain.emit('christmas:call', { sender: window.webContents, senderFrame: { url: 'christmas://app/' } }, foreign);
  window.webContents.mainFrame.url = 'https://evil.example/';
  ipcMain.emit('christmas:call', { sender: window.webContents, senderFrame: window.webContents.mainFrame }, foreign);
  window.webContents.mainFrame.url = 'christmas://app/';
  await new Promise((resolve) => setTimeout(resolve, 50));
  tell('themes', [before, (await christmas.getSettings()).theme]);
  tell('done', true);
  window.close();
}

drive().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(3);
});
