import { defineConfig } from '@playwright/test';
import type { HostOptions } from './fixtures.ts';
import { electronRuntime } from './host/electron-runtime.ts';

const electron = electronRuntime();
if (process.env['CHRISTMAS_REQUIRE_ELECTRON'] === '1' && 'missing' in electron) {
  throw new Error(`Expected an Electron runtime because CHRISTMAS_REQUIRE_ELECTRON=1, was none: ${electron.missing}`);
}
const reportPath = process.env['CHRISTMAS_E2E_REPORT'];

export default defineConfig<HostOptions>({
  testDir: '.',
  outputDir: '../test-results/e2e',
  // One app at a time: two would share two cores and each other's latency.
  workers: 1,
  fullyParallel: false,
  // A test that needs a second try hides a race.
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [
    ['list'],
    ...(reportPath ? [['json', { outputFile: reportPath }] as ['json', { outputFile: string }]] : []),
  ],
  use: { trace: 'off', screenshot: 'off' },
  projects: [
    { name: 'node-host', testMatch: ['specs/**/*.spec.ts', 'specs-node/**/*.spec.ts'], use: { host: 'node' as const } },
    ...('missing' in electron
      ? []
      : [
          {
            name: 'electron-host',
            testMatch: ['specs/**/*.spec.ts', 'specs-electron/**/*.spec.ts'],
            use: { host: 'electron' as const },
          },
        ]),
  ],
});
