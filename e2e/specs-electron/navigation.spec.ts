import { expect, test } from '../fixtures.ts';

test('the window opens no other, goes nowhere else, and has neither Node nor Electron', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  const before = app.page.url();
  const windows = app.page.context().pages().length;
  expect(await app.page.evaluate(() => window.open('https://example.com/'))).toBeNull();
  await app.page.evaluate(() => {
    location.href = 'https://example.com/';
  });
  await app.page.waitForTimeout(1_000);
  expect(app.page.url()).toBe(before);
  expect(app.page.context().pages()).toHaveLength(windows);
  const names = ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'];
  expect(await app.page.evaluate((all) => all.filter((name) => name in globalThis), names)).toEqual([]);
  expect(await app.page.evaluate(() => window.crossOriginIsolated)).toBe(true);
});
