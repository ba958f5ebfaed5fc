import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../build/run-command.ts';

/** Where the Electron binary is, or why there is none. Never loads `electron`: that would try to download it. */
export function electronRuntime(): { executable: string } | { missing: string } {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const packageFolder = join(root, 'node_modules', 'electron');
  const pathFile = join(packageFolder, 'path.txt');
  if (override) {
    const name = process.platform === 'win32' ? 'electron.exe' : 'electron';
    const executable =
      process.platform === 'darwin' ? join(override, 'Electron.app/Contents/MacOS/Electron') : join(override, name);
    return existsSync(executable) ? { executable } : { missing: `no ${executable}` };
  }
  if (!existsSync(pathFile)) return { missing: 'node_modules/electron holds no runtime' };
  const executable = join(packageFolder, 'dist', readFileSync(pathFile, 'utf8').trim());
  const versionFile = join(packageFolder, 'dist', 'version');
  if (!existsSync(executable) || !existsSync(versionFile)) return { missing: `no ${executable}` };
  const expected = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version as string;
  const version = readFileSync(versionFile, 'utf8').trim().replace(/^v/, '');
  return version === expected ? { executable } : { missing: `runtime is ${version}, package is ${expected}` };
}
