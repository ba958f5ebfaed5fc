import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type HostChoice = { host: 'electron'; executable: string } | { host: 'node'; reason: string };

/**
 * Whether an Electron runtime is here. Reads the file system only: `require('electron')` would try to download one.
 * `environment` may name an unpacked runtime in ELECTRON_OVERRIDE_DIST_PATH; CHRISTMAS_HOST=node asks for plain Node.
 */
export function chooseHost(root: string, environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): HostChoice {
  if (environment['CHRISTMAS_HOST'] === 'node') return { host: 'node', reason: 'CHRISTMAS_HOST=node' };
  const program = executableName(platform);
  const override = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) {
    const executable = join(override, program);
    if (existsSync(executable)) return { host: 'electron', executable };
    return { host: 'node', reason: `ELECTRON_OVERRIDE_DIST_PATH has no ${program}` };
  }
  const folder = join(root, 'node_modules', 'electron');
  const wanted = readText(join(folder, 'package.json'), (text) => (JSON.parse(text) as { version: string }).version);
  if (wanted === undefined) return { host: 'node', reason: 'the electron package is not installed' };
  const path = readText(join(folder, 'path.txt'), (text) => text.trim());
  const present = readText(join(folder, 'dist', 'version'), (text) => text.trim().replace(/^v/, ''));
  if (path === undefined || present === undefined)
    return { host: 'node', reason: 'its runtime is not downloaded (npx install-electron fetches it)' };
  if (present !== wanted) return { host: 'node', reason: `its runtime is ${present}, expected ${wanted}` };
  const executable = join(folder, 'dist', path);
  return existsSync(executable)
    ? { host: 'electron', executable }
    : { host: 'node', reason: `${executable} is missing` };
}

function executableName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

function readText<T>(path: string, read: (text: string) => T): T | undefined {
  try {
    return read(readFileSync(path, 'utf8'));
  } catch {
    // Not there or not readable: the same as not installed.
    return undefined;
  }
}
