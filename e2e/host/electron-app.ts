import { join } from 'node:path';
import { _electron } from '@playwright/test';
import { root } from '../../build/run-command.ts';
import { electronRuntime } from './electron-runtime.ts';
import type { Launch, Launcher } from './running-app.ts';

/** The same app in Electron. Its window is found by its address: the first one may be the developer tools. */
export function electronLauncher(): Launcher {
  return async (dataDir: string): Promise<Launch> => {
    const runtime = electronRuntime();
    if ('missing' in runtime) throw new Error(`No Electron runtime: ${runtime.missing}`);
    const app = await _electron.launch({
      executablePath: runtime.executable,
      args: [join(root, 'dist', 'main', 'electron.cjs'), '--data-dir', dataDir],
      cwd: root,
    });
    const child = app.process();
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const isOurs = (url: string): boolean => url.startsWith('christmas:');
    const page =
      app.windows().find((window) => isOurs(window.url())) ??
      (await app.waitForEvent('window', { predicate: (window) => isOurs(window.url()), timeout: 30_000 }));
    return {
      page,
      mainPid: child.pid as number,
      output: () => output,
      end: async () => {
        await app.close();
        return exited;
      },
    };
  };
}
