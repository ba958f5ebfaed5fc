import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Browser, chromium, type ViewportSize } from '@playwright/test';
import { defaultSettings, type Settings } from '../engine/contract/settings.ts';
import { electronLauncher } from './host/electron-app.ts';
import { nodeLauncher } from './host/node-app.ts';
import { RunningApp } from './host/running-app.ts';
import { Terminal } from './pages/terminal.ts';

export interface HostOptions {
  host: 'node' | 'electron';
  /** Written to the data folder before the start, over the defaults. */
  settings: Partial<Settings>;
  windowSize: ViewportSize;
}

interface Fixtures {
  /** A fresh folder, removed after the test. */
  dataDir: string;
  /** Christmas, running, with its page loaded. Closed and checked for leftovers after the test. */
  app: RunningApp;
  /** The page's parts by name; follows restarts. */
  terminal: Terminal;
}

interface WorkerFixtures {
  systemBrowser: Browser;
}

export const test = base.extend<Fixtures & HostOptions, WorkerFixtures>({
  host: ['node', { option: true }],
  settings: [{}, { option: true }],
  windowSize: [{ width: 1440, height: 900 }, { option: true }],

  systemBrowser: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern.
    async ({}, use) => {
      const executablePath = process.env['CHRISTMAS_CHROMIUM'];
      const browser = await chromium.launch({
        ...(executablePath ? { executablePath } : {}),
        // A page that believes itself hidden draws nothing.
        args: [
          '--disable-background-timer-throttling',
          '--disable-renderer-backgrounding',
          '--disable-backgrounding-occluded-windows',
        ],
      });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],

  dataDir: async ({ settings }, use) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'christmas-e2e-'));
    if (Object.keys(settings).length > 0) {
      writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ ...defaultSettings, ...settings }));
    }
    await use(dataDir);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  },

  app: async ({ host, systemBrowser, dataDir, windowSize }, use, testInfo) => {
    const launcher = host === 'electron' ? electronLauncher() : nodeLauncher(systemBrowser, { viewport: windowSize });
    const app = await RunningApp.start(dataDir, launcher);
    let failed = true;
    try {
      await use(app);
      failed = testInfo.status !== testInfo.expectedStatus;
    } finally {
      if (failed) {
        await app.page.screenshot({ path: testInfo.outputPath('page.png') }).catch((error: unknown) => {
          console.error(`No screenshot of the failure: ${String(error)}`);
        });
        const text = `${app.logs()}\n--- page\n${app.problems.join('\n')}`;
        writeFileSync(testInfo.outputPath('app.log'), text);
      }
      await app.close();
    }
  },

  terminal: async ({ app }, use) => {
    await use(new Terminal(app));
  },
});

export { expect } from '@playwright/test';
