import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Environment and file system as the search sees them; replaced in tests. */
export interface BrowserSearch {
  platform: NodeJS.Platform;
  environment: NodeJS.ProcessEnv;
  isExecutable(path: string): boolean;
}

const searchHere: BrowserSearch = {
  platform: process.platform,
  environment: process.env,
  isExecutable: (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      // Not there, or not ours to run.
      return false;
    }
  },
};

/** Path of a Chromium-based browser, or undefined. CHRISTMAS_BROWSER names one directly. */
export function findBrowser(search: BrowserSearch = searchHere): string | undefined {
  const { platform, environment, isExecutable } = search;
  const chosen = environment['CHRISTMAS_BROWSER'];
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  return candidates(platform, environment).find((path) => isExecutable(path));
}

/** Why no window can be shown, or undefined when one can. */
export function whyNoDisplay(search: BrowserSearch = searchHere): string | undefined {
  const { platform, environment } = search;
  if (platform === 'win32' || platform === 'darwin') return undefined;
  return environment['DISPLAY'] || environment['WAYLAND_DISPLAY'] ? undefined : 'no display';
}

function candidates(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'];
    const roots = ['/Applications', join(environment['HOME'] ?? '', 'Applications')];
    return roots.flatMap((root) => apps.map((app) => join(root, `${app}.app`, 'Contents', 'MacOS', app)));
  }
  if (platform === 'win32') {
    const roots = [environment['PROGRAMFILES'], environment['PROGRAMFILES(X86)'], environment['LOCALAPPDATA']];
    const paths = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    return paths.flatMap((path) => roots.filter((root) => root !== undefined).map((root) => `${root}\\${path}`));
  }
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
    'brave-browser',
  ];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const usual = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];
  return names.flatMap((name) => [...folders, ...usual].map((folder) => join(folder, name)));
}

/** Arguments for an app window of its own: nothing shared with the user's browser, timers not throttled when hidden. */
export function browserArguments(address: string, profile: string, isRoot: boolean): string[] {
  return [
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    '--window-size=1440,900',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-features=Translate,MediaRouter',
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--disable-backgrounding-occluded-windows',
    // Chromium refuses its sandbox as root.
    ...(isRoot ? ['--no-sandbox'] : []),
  ];
}

/** The app window's browser process; one profile, so a second window joins the first process. */
export class AppWindow {
  readonly #browser: string;
  readonly #profile: string;
  #first: ChildProcess | undefined;

  constructor(browser: string, profile: string) {
    this.#browser = browser;
    this.#profile = profile;
  }

  /** Opens a window. `onClosed` is called when the browser process of the first window has ended. */
  open(address: string, onClosed: (reason: string) => void): void {
    const isRoot = process.getuid?.() === 0;
    const child = spawn(this.#browser, browserArguments(address, this.#profile, isRoot), {
      stdio: 'ignore',
      // Not in the terminal's group: Ctrl-C lets main end the engine before the window goes.
      detached: process.platform !== 'win32',
    });
    if (this.#first !== undefined) {
      child.on('error', (error) => onClosed(error.message));
      child.unref();
      return;
    }
    this.#first = child;
    let told = false;
    const closed = (reason: string): void => {
      if (told) return;
      told = true;
      this.#first = undefined;
      onClosed(reason);
    };
    child.on('error', (error) => closed(error.message));
    child.on('exit', (code, signal) => closed(signal ?? `code ${code}`));
  }

  /** Ends the browser and resolves when it is gone. */
  async close(): Promise<void> {
    const child = this.#first;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => child.kill('SIGKILL'), 3_000);
      child.once('exit', () => {
        clearTimeout(force);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}
