import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {} from '../../engine/contract/host-api.ts';
import { expect, test } from '../fixtures.ts';
import { DataPanel } from '../pages/data-panel.ts';
import { Faults } from '../pages/faults.ts';
import { allLooks, bothLooks, looks, shoot } from '../pages/looks.ts';
import { publicTrades } from '../public-trades.ts';
import { Symbols } from '../pages/symbols.ts';

for (const size of [
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
]) {
  test.describe(`${size.width}x${size.height}`, () => {
    test.use({ windowSize: size });

    test('dark and light, English and Korean: no text overflows its place', async ({ terminal }) => {
      await terminal.waitUntilLive();
      await terminal.choosePreset(2);
      await terminal.ladder.placeMarketable('buy');
      await terminal.ladder.placeResting('buy', 9);
      await terminal.ladder.placeResting('sell', 7);
      await expect.poll(() => terminal.positionLots()).toBeGreaterThan(0);
      await expect.poll(() => terminal.figure('chart', 'data-candle-count'), { timeout: 30_000 }).toBeGreaterThan(8);
      await terminal.page.mouse.move(0, 0);
      await terminal.page.keyboard.press('F9');
      await expect(terminal.part('profiling-strip')).toBeVisible();

      await looks(terminal.page, `${size.width}x${size.height}`, allLooks, 400);
      await terminal.page.evaluate(() => window.christmas.updateSettings({ language: 'ko', theme: 'light' }));
      await expect(terminal.page.locator('html')).toHaveAttribute('lang', 'ko');
      await terminal.page.keyboard.press('?');
      await expect(terminal.part('keyboard-help')).toBeVisible();
      await shoot(terminal.page, `${size.width}x${size.height}-keyboard-ko`);
    });
  });
}

for (const size of [
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
]) {
  test.describe(`data, ${size.width}x${size.height}`, () => {
    test.use({ windowSize: size });

    test('imports and exports have room for what they say', async ({ terminal, dataDir }) => {
      await terminal.waitUntilLive();
      const data = new DataPanel(terminal.page);
      const file = join(dataDir, 'BTCUSDT-trades-2025-01-01.csv');
      writeFileSync(file, publicTrades(Date.parse('2025-01-01T00:00:00Z') / 1_000, 500, 94_000));
      await data.open();
      await data.startImport([file]);
      await expect(data.row('import')).toBeVisible({ timeout: 60_000 });
      await data.startImport([file]);
      await data.startImport(['/nowhere/BTCUSDT-trades-2025-01-01.zip']);
      const exported = await data.startExport('import', '2025-01-01', '2025-01-02');
      await expect(exported).toHaveAttribute('data-state', 'done');
      await data.root.getByTestId('data-import').click();
      await looks(terminal.page, `data-import-${size.width}x${size.height}`);
      await data.row('import').getByTestId('data-export').click();
      await data.root.getByTestId('data-export-table').selectOption('candles');
      await looks(terminal.page, `data-export-${size.width}x${size.height}`);
    });
  });
}

test.describe('storage down', () => {
  test.use({ settings: { postgresUrl: 'postgres://nobody@127.0.0.1:1/nothing' } });

  test('an outage of the store is told with its reason and what waits; trading goes on', async ({ app, terminal }) => {
    await terminal.waitUntilLive();
    await new DataPanel(terminal.page).open();
    const banner = terminal.page.locator('[data-testid="banner"][data-key="store"]');
    await expect(banner).toContainText('Storage is down');
    await expect(banner).toContainText(/[1-9][\d,]* records \(.*\) wait in the journal · .*127\.0\.0\.1:1/);
    await expect(banner).toContainText(/since \d\d:\d\d:\d\d/);
    await looks(terminal.page, 'state-storage-down');
    expect(app.problems).toEqual([]);
  });
});

test.describe('states', () => {
  test.setTimeout(240_000);

  test('what is wrong with a book, and how to get to another, is said in both languages', async ({ terminal }) => {
    await terminal.waitUntilLive();
    const { page } = terminal;
    const badge = terminal.part('integrity-badge');
    const shot = (name: string): Promise<void> => looks(page, name, bothLooks);
    /** Seen in a state, then live again. */
    const seen = async (state: string): Promise<void> => {
      await expect(badge).toHaveAttribute('data-state', state, { timeout: 20_000 });
      await shot(`state-${state}`);
      await expect(badge).toHaveAttribute('data-state', 'live', { timeout: 40_000 });
    };

    const faults = new Faults(terminal);
    await faults.open();
    // What would heal the book comes late: time enough to look.
    await faults.plant('lateSnapshot', { count: 3, durationMs: 3_000 });
    await faults.plant('gap');
    await seen('gap');
    await faults.plant('lateSnapshot', { count: 3, durationMs: 3_000 });
    await faults.plant('crossedBook');
    await seen('crossed');
    await faults.plant('rateLimit', { durationMs: 4_000 });
    await faults.plant('connectionCut');
    await seen('connecting');
    await faults.plant('lateSnapshot', { count: 3, durationMs: 4_000 });
    await faults.plant('connectionCut');
    await seen('syncing');
    await faults.plant('silentStall', { durationMs: 11_500 });
    await seen('stale');

    await badge.click();
    await expect(terminal.part('integrity-badge-details')).toBeVisible();
    await shot('integrity-details');
    await page.keyboard.press('Escape');
    await terminal.part('feed-timing').click();
    await expect(terminal.part('feed-timing-details')).toBeVisible();
    await shot('timing-details');
    await page.keyboard.press('Escape');
    const chart = await page.locator('.u-over').boundingBox();
    if (!chart) throw new Error('Expected a chart, was none');
    // Panned, the chart stands still.
    await page.mouse.move(chart.x + 300, chart.y + 90);
    await page.mouse.down();
    await page.mouse.move(chart.x + 380, chart.y + 90, { steps: 4 });
    await page.mouse.up();
    let x = chart.width;
    while (x > 0 && !(await terminal.part('integrity-tip').isVisible())) {
      x -= 4;
      await page.mouse.move(chart.x + x, chart.y + 90);
    }
    await expect(terminal.part('integrity-tip')).toBeVisible();
    await shot('chart-mark');
    await page.keyboard.press('l');
    await page.mouse.move(5, 5);

    const symbols = new Symbols(page);
    await symbols.find('btc');
    await shot('symbol-search');
    await symbols.choose('okx', 'BTC-USDT-SWAP');
    await page.keyboard.press('Enter');
    await expect.poll(() => symbols.shown()).toBe('okx BTC-USDT-SWAP');
    await terminal.waitUntilLive();
    await shot('watch-only');
    await faults.plant('lateSnapshot', { count: 3, durationMs: 3_000, protocol: 'okx' });
    await faults.plant('wrongChecksum', { protocol: 'okx' });
    await seen('checksum');

    await page.keyboard.press('Control+o');
    await shot('session-sim');
    await terminal.part('session-live').click();
    await shot('session-live');
    await terminal.part('session-replay').click();
    await shot('session-replay');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+,');
    await expect(terminal.part('settings-dialog')).toBeVisible();
    await shot('settings');
  });
});
