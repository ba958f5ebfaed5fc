import { expect, test } from '../fixtures.ts';

test('language, theme, preset and layout survive a restart', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  const html = (): ReturnType<typeof terminal.page.locator> => terminal.page.locator('html');
  await expect(html()).toHaveAttribute('lang', 'en');
  await expect(html()).toHaveAttribute('data-theme', 'dark');
  await terminal.command('language');
  await expect(html()).toHaveAttribute('lang', 'ko');
  await terminal.command('theme');
  await expect(html()).toHaveAttribute('data-theme', 'light');
  await terminal.choosePreset(4);

  const widthBefore = await moveSash(terminal.page);
  const ladderBox = await terminal.part('ladder').boundingBox();
  // The layout is saved a moment after the last change.
  await terminal.page.waitForTimeout(1_500);

  await app.restart();
  await terminal.waitUntilLive();
  await expect(html()).toHaveAttribute('lang', 'ko');
  await expect(html()).toHaveAttribute('data-theme', 'light');
  await expect(terminal.part('size-preset-4')).toHaveAttribute('aria-pressed', 'true');
  const ladderAfter = await terminal.part('ladder').boundingBox();
  expect(widthBefore, 'the sash moved').toBe(true);
  expect(Math.abs((ladderAfter?.width ?? 0) - (ladderBox?.width ?? -1)), 'width of the ladder').toBeLessThanOrEqual(2);
  expect(Math.abs((ladderAfter?.x ?? 0) - (ladderBox?.x ?? -1)), 'place of the ladder').toBeLessThanOrEqual(2);
});

test('orders, fills and position are found again after a restart', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  await terminal.choosePreset(1);
  await terminal.ladder.placeMarketable('buy');
  await expect.poll(() => terminal.positionLots()).toBeGreaterThan(0);
  await expect.poll(() => terminal.workingOrders()).toEqual([]);
  const fills = await terminal.fills();
  const position = await terminal.positionLots();

  await app.restart();
  await terminal.waitUntilLive();
  await expect.poll(() => terminal.positionLots(), { message: 'position after the restart' }).toBe(position);
  await expect.poll(() => terminal.fills(), { message: 'fills after the restart' }).toEqual(fills);
});

test('a reload in the middle of a run loses nothing', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  await terminal.choosePreset(1);
  await terminal.ladder.placeMarketable('sell');
  await expect.poll(async () => (await terminal.fills()).length).toBeGreaterThan(0);
  await terminal.ladder.placeResting('buy');
  await expect.poll(() => terminal.workingOrders()).toMatchObject([{ status: 'working', side: 'buy' }]);
  const [orders, fills, position] = [await terminal.orders(), await terminal.fills(), await terminal.positionLots()];
  const session = await terminal.part('app').getAttribute('data-engine-session');
  const tradingPid = await app.pid('trading');

  await terminal.page.reload();
  await terminal.waitUntilLive();
  expect(await terminal.part('app').getAttribute('data-engine-session'), 'the engine kept running').toBe(session);
  expect(await app.pid('trading')).toBe(tradingPid);
  await expect.poll(() => terminal.fills()).toEqual(fills);
  expect(await terminal.positionLots()).toBe(position);
  expect(await terminal.workingOrders()).toEqual(orders.filter((order) => order.status === 'working'));
  await expect.poll(() => terminal.figure('chart', 'data-candle-count')).toBeGreaterThan(2);
  await expect.poll(() => terminal.figure('chart', 'data-fill-markers')).toBeGreaterThan(0);
});

/** Drags the first splitter of the layout by 60 pixels. @returns whether there was one. */
async function moveSash(page: import('@playwright/test').Page): Promise<boolean> {
  const sash = page.locator('.dv-sash').first();
  const box = await sash.boundingBox();
  if (!box) return false;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const vertical = box.height > box.width;
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - (vertical ? 60 : 0), y - (vertical ? 0 : 60), { steps: 6 });
  await page.mouse.up();
  return true;
}
