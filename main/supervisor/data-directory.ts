import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything of one installation lies. */
export interface DataDirectory {
  root: string;
  settings: string;
  secrets: string;
  logs: string;
  lock: string;
  /** How a second start reaches the first: endpoint and token, readable by the owner only. */
  instance: string;
  /** Profile of the app window's browser (Node host). */
  browserProfile: string;
  journalSim: string;
  journalReplay: string;
}

/** The folder users expect on their system; `environment` and `platform` are parameters for the tests. */
export function defaultDataRoot(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Christmas');
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Christmas');
  const xdg = environment['XDG_DATA_HOME'];
  // The XDG specification says a relative path is invalid and to be ignored.
  const base = xdg?.startsWith('/') ? xdg : join(home, '.local', 'share');
  return join(base, 'christmas');
}

/** Lays out the paths and creates the folders. @throws NodeJS.ErrnoException when the folder cannot be created. */
export function openDataDirectory(root: string): DataDirectory {
  const absolute = resolve(root);
  const directory: DataDirectory = {
    root: absolute,
    settings: join(absolute, 'settings.json'),
    secrets: join(absolute, 'secrets.json'),
    logs: join(absolute, 'logs'),
    lock: join(absolute, 'lock'),
    instance: join(absolute, 'instance.json'),
    browserProfile: join(absolute, 'browser'),
    // A paper position of a replay and the account of the simulated venue must never mix.
    journalSim: join(absolute, 'journal', 'sim'),
    journalReplay: join(absolute, 'journal', 'replay'),
  };
  // As root the database server runs as another user, which must be able to pass through (not list) this folder.
  mkdirSync(absolute, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  for (const folder of [directory.logs, directory.journalSim, directory.journalReplay]) {
    mkdirSync(folder, { recursive: true });
  }
  return directory;
}
