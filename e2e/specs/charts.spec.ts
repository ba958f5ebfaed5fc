import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writePastSession } from '../../engine/storage/past-session.test-support.ts';
import { expect, test as base } from '../fixtures.ts';
import { DataPanel } from '../pages/data-panel.ts';
import { bothLooks, shoot } from '../pages/looks.ts';
import type { Terminal } from '../pages/terminal.ts';
import { withRunningStore } from '../postgres.ts';
import { publicTrades } from '../public-trades.ts';

/** Midnight, UTC, of yesterday: where two partitions meet. */
const MIDNIGHT_S = Math.floor(Date.now() / 86_400_000) * 86_400 - 86_400;
/** An hour around midnight, then a pause of two hours, then ten minutes: s since the epoch. */
const SESSIONS: readonly [fromS: number, toS: number][] = [
  [MIDNIGHT_S - 1_800, MIDNIGHT_S + 1_800],
  [MIDNIGHT_S + 9_000, MIDNIGHT_S + 9_600],
];

const test = base.extend({
  dataDir: async ({ dataDir }, use) => {
    for (const [fromS, toS] of SESSIONS) writePastSession(join(dataDir, 'journal', 'sim', 'trading-0'), fromS, toS);
    await use(dataDir);
  },
});

test('the chart pages back over the border of partitions to where history begins, and returns to live', async ({
  app,
  terminal,
  dataDir,
}) => {
  const chart = await openChart(terminal);
  const series = await withRunningStore(dataDir, (stored) => stored.units('BTCUSDT'));
  expect(Number(series.tickSize)).toBe(0.1);

  let from = await chart.viewFrom();
  let blank = 0;
  let most = 0;
  const gaps = new Set<number>();
  for (let i = 0; i < 120 && !(await chart.isComplete()); i++) {
    await chart.drag(0.85);
    const now = await chart.viewFrom();
    if (Number.isNaN(now)) blank++;
    expect(now, 'back, never on').toBeLessThanOrEqual(from);
    from = now;
    most = Math.max(most, (await terminal.figure('chart', 'data-candle-count')) ?? 0);
    gaps.add((await terminal.figure('chart', 'data-gaps')) ?? 0);
  }
  expect(blank, 'times without candles').toBe(0);
  expect(await chart.isComplete(), 'history begins').toBe(true);
  for (let i = 0; i < 8; i++) await chart.drag(0.85);
  await expect.poll(() => chart.viewFrom()).toBe(MIDNIGHT_S - 1_800);
  expect(most, 'candles in memory').toBeLessThanOrEqual(8_000);
  expect(gaps.has(1), 'the pause of two hours was seen as a gap').toBe(true);
  expect((await terminal.figure('chart', 'data-first-time')) ?? 0).toBe(MIDNIGHT_S - 1_800);

  // What comes in does not move what is looked at.
  const newest = await terminal.figure('chart', 'data-last-time');
  await expect.poll(() => terminal.figure('chart', 'data-last-time')).toBeGreaterThan(newest ?? 0);
  expect(await chart.viewFrom()).toBe(MIDNIGHT_S - 1_800);
  await expect(terminal.part('chart-live')).toBeEnabled();
  await terminal.page.keyboard.press('l');
  await expect(terminal.part('chart')).toHaveAttribute('data-follow', 'true');
  await expect.poll(() => chart.viewTo()).toBeGreaterThan(Date.now() / 1000 - 30);
  expect(app.problems).toEqual([]);
});

test('jump to a date, zoom into single trades and out again; a time that is not stored is refused', async ({
  app,
  terminal,
}) => {
  const chart = await openChart(terminal);
  await chart.jump(MIDNIGHT_S + 600);
  await expect.poll(() => chart.viewFrom()).toBeLessThan(MIDNIGHT_S + 600);
  expect(await chart.viewTo()).toBeGreaterThan(MIDNIGHT_S + 600);
  await expect(terminal.part('chart')).toHaveAttribute('data-follow', 'false');

  await terminal.page.keyboard.press('g');
  await terminal.part('chart-jump-time').fill('2001-02-03 04:05');
  await expect(terminal.part('chart-jump-utc')).toHaveText(/^2001-02-0[23] \d\d:05:00 UTC$/);
  await terminal.part('chart-jump-go').click();
  await expect(terminal.part('chart-jump-error')).toHaveText('2001-02-03 04:05 is outside of what is stored');
  await expect(terminal.part('chart-jump-stored')).toContainText(localTime(MIDNIGHT_S - 1_800));
  await terminal.part('chart-jump-time').fill('yesterday');
  await terminal.page.keyboard.press('Enter');
  await expect(terminal.part('chart-jump-error')).toContainText('Expected a time such as');
  await terminal.page.keyboard.press('Escape');
  expect(await chart.viewTo(), 'nothing moved').toBeGreaterThan(MIDNIGHT_S + 600);

  // The border of the partitions, as single trades.
  await chart.jump(MIDNIGHT_S);
  await chart.zoom(-1, 'ticks');
  await expect.poll(() => chart.viewFrom()).toBeLessThan(MIDNIGHT_S);
  expect(await chart.viewTo()).toBeGreaterThanOrEqual(MIDNIGHT_S);
  for (let i = 0; i < 5; i++) await chart.drag(0.8);
  expect(await chart.viewTo(), 'trades page back').toBeLessThan(MIDNIGHT_S);
  const times = await chart.viewTo();
  await chart.zoom(1, '1m');
  expect(Math.abs((await chart.viewFrom()) - times), 'around the same time').toBeLessThan(7_200);

  await terminal.page.keyboard.press('g');
  await terminal.part('chart-jump-now').click();
  await expect(terminal.part('chart')).toHaveAttribute('data-follow', 'true');
  await terminal.part('interval-ticks').click();
  await expect(terminal.part('chart')).toHaveAttribute('data-interval', 'ticks');
  const newest = await terminal.figure('chart', 'data-last-time');
  await expect.poll(() => terminal.figure('chart', 'data-last-time')).toBeGreaterThan(newest ?? 0);
  expect(app.problems).toEqual([]);
});

test('what was imported is opened from the data panel, as trades or as the candles that there are', async ({
  app,
  terminal,
  dataDir,
}) => {
  const chart = await openChart(terminal);
  const day = Date.parse('2025-01-01T00:00:00Z') / 1000;
  const trades = join(dataDir, 'ETHUSDT-trades-2025-01-01.csv');
  writeFileSync(trades, publicTrades(day, 2_500, 3_300));
  const candles = join(dataDir, 'SOLUSDT-1m-2025-01-01.csv');
  writeFileSync(candles, publicCandles(day, 1_440));
  const data = new DataPanel(terminal.page);
  await data.open();
  for (const file of [trades, candles]) {
    await expect(await data.startImport([file])).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  }
  await data.row('import', 'ETHUSDT').getByTestId('data-chart').click();
  await expect(terminal.part('chart-stored')).toContainText('ETHUSDT');
  await expect.poll(() => chart.viewTo()).toBe(day + 2_499);
  await terminal.part('interval-ticks').click();
  await expect(terminal.part('chart')).toHaveAttribute('data-interval', 'ticks');
  for (let i = 0; i < 60 && !(await chart.isComplete()); i++) await chart.drag(0.85);
  expect(await terminal.figure('chart', 'data-first-time')).toBe(day);
  expect(await terminal.figure('chart', 'data-candle-count'), 'every trade').toBe(2_500);

  await data.row('import', 'SOLUSDT').getByTestId('data-chart').click();
  await expect(terminal.part('chart-stored')).toContainText('SOLUSDT');
  await expect(terminal.part('chart')).toHaveAttribute('data-interval', '1m');
  await expect(terminal.part('interval-1s')).toBeDisabled();
  await expect.poll(() => chart.viewTo()).toBe(day + 1_439 * 60);
  await chart.jump(day + 600);
  await expect.poll(() => chart.viewFrom()).toBe(day);

  await terminal.page.setViewportSize({ width: 1024, height: 768 });
  await terminal.page.waitForTimeout(500);
  await shoot(terminal.page, 'chart-imported-1024');
  const cut = await terminal.part('chart').evaluate((panel) => panel.scrollWidth > panel.clientWidth + 1);
  expect(cut, 'the bar fits').toBe(false);

  await terminal.part('chart-stored').click();
  await expect(terminal.part('chart-stored')).toBeHidden();
  await expect(terminal.part('chart')).toHaveAttribute('data-follow', 'true');
  await expect.poll(() => chart.viewTo()).toBeGreaterThan(Date.now() / 1000 - 120);
  expect(app.problems).toEqual([]);
});

for (const size of [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
]) {
  test.describe(`${size.width}x${size.height}`, () => {
    test.use({ windowSize: size });

    test('a gap, the beginning, the jump and single trades have room', async ({ terminal }) => {
      const chart = await openChart(terminal);
      for (const [language, theme] of bothLooks) {
        await terminal.page.evaluate((patch) => window.christmas.updateSettings(patch), { language, theme });
        await expect(terminal.page.locator('html')).toHaveAttribute('data-theme', theme);
        const settled = async (name: string): Promise<void> => {
          await terminal.page.waitForTimeout(500);
          await shoot(terminal.page, `chart-${name}-${size.width}-${theme}-${language}`);
        };
        await terminal.part('interval-1s').click();
        await chart.jump(MIDNIGHT_S + 9_000);
        await settled('gap');
        await chart.jump(MIDNIGHT_S - 1_790);
        await terminal.page.keyboard.press('g');
        await terminal.part('chart-jump-time').fill('2001-02-03 04:05');
        await terminal.part('chart-jump-go').click();
        await settled('jump');
        await terminal.page.keyboard.press('Escape');
        await terminal.part('interval-ticks').click();
        await expect(terminal.part('chart')).toHaveAttribute('data-interval', 'ticks');
        await chart.pointAt(0.4);
        await settled('trades');
        const cut = await terminal.part('chart').evaluate((panel) => panel.scrollWidth > panel.clientWidth + 1);
        expect(cut, 'the bar fits').toBe(false);
      }
    });
  });
}

class ChartOnScreen {
  readonly #terminal: Terminal;
  readonly #page: Page;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#page = terminal.page;
  }

  async viewFrom(): Promise<number> {
    return (await this.#settled('data-view-from')) ?? Number.NaN;
  }

  async viewTo(): Promise<number> {
    return (await this.#settled('data-view-to')) ?? Number.NaN;
  }

  /** Figures are written a few times a second. */
  async #settled(attribute: string): Promise<number | undefined> {
    await this.#page.waitForTimeout(300);
    return this.#terminal.figure('chart', attribute);
  }

  /** The first row that is stored is loaded. */
  async isComplete(): Promise<boolean> {
    return (await this.#terminal.part('chart').getAttribute('data-complete')) === 'true';
  }

  async #box(): Promise<{ x: number; y: number; width: number; height: number }> {
    const box = await this.#terminal.part('chart').locator('.u-over').boundingBox();
    if (!box) throw new Error('Expected a chart, was none');
    return box;
  }

  /** To the right, by a part of the width: back in time. */
  async drag(part: number): Promise<void> {
    const { x, y, width, height } = await this.#box();
    const from = x + width * (0.5 - part / 2);
    await this.#page.mouse.move(from, y + height * 0.6);
    await this.#page.mouse.down();
    await this.#page.mouse.move(from + width * part, y + height * 0.6, { steps: 4 });
    await this.#page.mouse.up();
  }

  /** Turns the wheel until the chart shows candles of an interval. */
  async zoom(direction: 1 | -1, interval: string): Promise<void> {
    await this.pointAt(0.5);
    for (let i = 0; i < 150; i++) {
      if ((await this.#terminal.part('chart').getAttribute('data-interval')) === interval) return;
      await this.#page.mouse.wheel(0, direction * 100);
      await this.#page.waitForTimeout(60);
    }
    throw new Error(`Expected candles of ${interval}, were none`);
  }

  async pointAt(part: number): Promise<void> {
    const { x, y, width, height } = await this.#box();
    await this.#page.mouse.move(x + width * part, y + height * 0.5);
  }

  async jump(timeS: number): Promise<void> {
    await this.#page.keyboard.press('g');
    await this.#terminal.part('chart-jump-time').fill(localTime(timeS));
    await expect(this.#terminal.part('chart-jump-stored')).not.toHaveText('');
    await this.#page.keyboard.press('Enter');
    await expect(this.#terminal.part('chart-jump-time')).toBeHidden();
  }
}

async function openChart(terminal: Terminal): Promise<ChartOnScreen> {
  await terminal.waitUntilLive();
  await terminal.waitUntilStored();
  await expect.poll(() => terminal.figure('chart', 'data-candle-count')).toBeGreaterThan(500);
  return new ChartOnScreen(terminal);
}

function localTime(timeS: number): string {
  const date = new Date(timeS * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A public file of 1 min candles. */
function publicCandles(fromS: number, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const openMs = (fromS + i * 60) * 1_000;
    const [open, close] = [189 + (i % 60) / 100, 189 + ((i + 1) % 60) / 100];
    const prices = [open, 190, 188.5, close].map((price) => price.toFixed(2)).join(',');
    return `${openMs},${prices},12.345,${openMs + 59_999},2333.2,180,6.1,1150.3,0\n`;
  }).join('');
}
