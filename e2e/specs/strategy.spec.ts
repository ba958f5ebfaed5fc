import { expect, test } from '../fixtures.ts';

test.use({ settings: { source: { kind: 'sim', seed: 7, symbols: ['BTCUSDT'] } } });

test('the strategy starts, trades, and its trades are those of the venue; stop ends it', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  await expect(terminal.part('strategy-state')).toHaveAttribute('data-state', 'stopped');
  await terminal.part('strategy-start').click();
  await expect(terminal.part('strategy-state')).toHaveAttribute('data-state', 'running');
  await expect
    .poll(async () => (await terminal.fills()).length, { message: 'fills of the strategy', timeout: 60_000 })
    .toBeGreaterThan(1);

  await terminal.part('strategy-stop').click();
  await expect(terminal.part('strategy-state')).toHaveAttribute('data-state', 'stopped');
  await expect.poll(() => app.venue.openOrders('BTCUSDT'), { message: 'orders of a stopped strategy' }).toEqual([]);

  await expect
    .poll(async () => {
      const screen = (await terminal.fills())
        .map((fill) => `${fill.side} ${fill.sizeLots} @ ${fill.priceTicks}`)
        .sort();
      const venue = (await app.venue.trades('BTCUSDT'))
        .map((fill) => `${fill.side} ${fill.sizeLots} @ ${fill.priceTicks}`)
        .sort();
      return screen.length === venue.length && screen.every((fill, i) => fill === venue[i]);
    })
    .toBe(true);
  expect(app.problems).toEqual([]);
});

test('parameters come from the schema and a value out of range is refused with its name', async ({ terminal }) => {
  await terminal.waitUntilLive();
  const fields = terminal.page.locator('[data-testid^="parameter-"]');
  expect(await fields.count()).toBeGreaterThan(3);
  const numeric = terminal.page
    .locator('input[type="number"][data-testid^="parameter-"], [data-testid^="parameter-"] input[type="number"]')
    .first();
  await numeric.fill('-999999999');
  await numeric.press('Tab');
  await expect(terminal.part('strategy-start')).toBeDisabled();
  await expect(terminal.part('strategy-apply')).toBeDisabled();
});
