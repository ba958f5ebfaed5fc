import { chownSync, existsSync, readFileSync } from 'node:fs';
import { expect, test } from '../fixtures.ts';
import { endNodeHost, nodeLauncher, startNodeHost } from '../host/node-app.ts';
import { listProcesses } from '../host/process-list.ts';
import { RunningApp } from '../host/running-app.ts';
import { Terminal } from '../pages/terminal.ts';

/** uid and gid of the account nobody, when this test may become it. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/etc/passwd')) return undefined;
  const fields = /^nobody:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':');
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : undefined;
}

const nobody = ordinaryUser();
const users: [name: string, identity: { uid: number; gid: number } | undefined, possible: boolean][] = [
  ['as the user who runs the tests', undefined, true],
  ['as an ordinary user', nobody, nobody !== undefined],
];

for (const [name, identity, possible] of users) {
  test(`a fresh folder shows a live market and stores it, ${name}`, async ({ systemBrowser, dataDir }) => {
    test.skip(!possible, 'only root can become another user');
    if (identity) chownSync(dataDir, identity.uid, identity.gid);
    const startedMs = Date.now();
    const viewport = { width: 1440, height: 900 };
    const app = await RunningApp.start(dataDir, nodeLauncher(systemBrowser, { viewport }, identity));
    const terminal = new Terminal(app);
    await terminal.waitUntilLive();
    const liveMs = Date.now() - startedMs;
    await expect(terminal.part('status-process-storage')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 });
    await expect.poll(() => terminal.figure('status-storage', 'data-rows'), { timeout: 30_000 }).toBeGreaterThan(0);
    test.info().annotations.push({ type: 'live after', description: `${liveMs} ms` });
    await app.close();
  });
}

test('a second start shows the first instead of running twice', async ({ dataDir }) => {
  const first = await startNodeHost(dataDir);
  const second = await startNodeHost(dataDir);
  expect(second.output()).toMatch(/running already/);
  expect(await second.exited).toBe(0);
  expect(new URL(second.address).port, 'the address of the first').toBe(new URL(first.address).port);
  expect(second.address, 'with a ticket of its own').not.toBe(first.address);
  expect(await endNodeHost(first)).toBe(0);
  expect(listProcesses().filter((entry) => entry.command.includes(dataDir))).toEqual([]);
});
