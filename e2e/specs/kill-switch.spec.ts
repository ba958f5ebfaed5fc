import { expect, test } from '../fixtures.ts';

test('the kill switch cancels, closes, asks the venue and says flat only when it is', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  await terminal.choosePreset(3);
  await terminal.ladder.placeMarketable('buy');
  await expect.poll(() => terminal.positionLots()).toBeGreaterThan(0);
  await terminal.choosePreset(1);
  await terminal.ladder.placeResting('buy');
  await terminal.ladder.placeResting('sell');
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length).toBe(2);

  await terminal.part('kill').click();
  await expect(terminal.part('kill-state')).toHaveAttribute('data-state', 'flatConfirmed', { timeout: 20_000 });
  expect(await app.venue.openOrders('BTCUSDT')).toEqual([]);
  const trades = await app.venue.trades('BTCUSDT');
  expect(trades.length).toBeGreaterThan(1);
  expect(trades.reduce((sum, one) => sum + (one.side === 'buy' ? 1 : -1) * one.sizeLots, 0)).toBe(0);
  // The table is drawn four times a second.
  await expect.poll(() => terminal.positionLots()).toBe(0);

  const ordersBefore = (await app.venue.allOrders('BTCUSDT')).length;
  await terminal.ladder.placeResting('buy');
  await expect(terminal.part('toast').first(), 'a refusal that says why').toBeVisible();
  expect((await app.venue.allOrders('BTCUSDT')).length, 'orders while killed').toBe(ordersBefore);

  await terminal.part('kill-reset').click();
  await expect(terminal.part('kill-state')).toHaveAttribute('data-state', 'idle');
  await terminal.ladder.placeResting('buy');
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length).toBe(1);
  expect(app.problems).toEqual([]);
});

test('with the venue dead the kill switch raises a standing alarm instead of saying flat', async ({
  app,
  terminal,
}) => {
  test.skip(process.platform === 'win32', 'Windows cannot stop a process and let it go on');
  await terminal.waitUntilLive();
  await terminal.choosePreset(1);
  await terminal.ladder.placeResting('buy');
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length).toBe(1);
  const venuePid = await app.pid('venue');
  process.kill(venuePid, 'SIGSTOP');
  try {
    await terminal.part('kill').click();
    await expect(terminal.part('kill-state')).toHaveAttribute('data-state', 'alarm', { timeout: 30_000 });
  } finally {
    process.kill(venuePid, 'SIGCONT');
  }
});
