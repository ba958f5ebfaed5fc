import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from '@playwright/test';
import { root } from '../../build/run-command.ts';
import type { Launch, Launcher } from './running-app.ts';

export const nodeHostEntry = join(root, 'dist', 'main', 'node.cjs');

/** A started Node host, before any page uses its ticket. */
export interface NodeHost {
  child: ChildProcess;
  /** Address with the one-time ticket. */
  address: string;
  output(): string;
  exited: Promise<number | null>;
}

/** Starts `dist/main/node.cjs`, or the same of another build, without a window and waits for the address it prints. */
export async function startNodeHost(
  dataDir: string,
  extra: string[] = [],
  identity: { uid?: number; gid?: number } = {},
  entry: string = nodeHostEntry,
): Promise<NodeHost> {
  const child = spawn(process.execPath, [entry, '--no-window', '--data-dir', dataDir, ...extra], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
    ...identity,
  });
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const address = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Expected an address within 30 s, was:\n${output}`));
    }, 30_000);
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(output);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[0]);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`The Node host ended with code ${code} before it printed an address:\n${output}`));
    });
  });
  return { child, address, output: () => output, exited };
}

/** Ends a host as Ctrl+C does; SIGKILL after 30 s. Resolves to its exit code, null when it had to be killed. */
export async function endNodeHost(host: NodeHost): Promise<number | null> {
  const timer = setTimeout(() => host.child.kill('SIGKILL'), 30_000);
  host.child.kill('SIGTERM');
  const code = await host.exited;
  clearTimeout(timer);
  return code;
}

/** @param identity runs the host as another user. */
export function nodeLauncher(
  browser: Browser,
  contextOptions: BrowserContextOptions,
  identity?: { uid: number; gid: number },
): Launcher {
  return async (dataDir: string): Promise<Launch> => {
    const host = await startNodeHost(dataDir, [], identity);
    const context = await browser.newContext(contextOptions);
    const page = await context.newPage();
    await page.goto(host.address);
    return {
      page,
      mainPid: host.child.pid as number,
      output: host.output,
      end: async () => {
        await context.close();
        return endNodeHost(host);
      },
    };
  };
}
