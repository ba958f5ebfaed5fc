import { expect, test } from '../fixtures.ts';
import { Faults } from '../pages/faults.ts';

test.use({ settings: { source: { kind: 'sim', seed: 5, symbols: ['BTCUSDT'] } } });

test('a gap blocks orders with its reason until the book is proven anew, and stays marked on the chart', async ({
  app,
  terminal,
}) => {
  await terminal.waitUntilLive();
  const { page, ladder } = terminal;
  const badge = terminal.part('integrity-badge');
  await expect(badge).toHaveAttribute('data-state', 'live');
  await expect(terminal.part('ladder')).toHaveAttribute('data-blocked', 'false');
  const faults = new Faults(terminal);
  await faults.open();
  // The snapshot that would heal it comes late: time enough to press.
  await faults.plant('lateSnapshot', { count: 2, durationMs: 8_000 });
  await faults.plant('gap');

  await expect(badge).toHaveAttribute('data-state', 'gap');
  await expect(badge).toHaveAttribute('data-reason', /expected .*was/);
  await expect(terminal.part('integrity-strip')).toContainText(/expected .*was/);
  await expect(terminal.part('ladder')).toHaveAttribute('data-blocked', 'true');
  const row = (await ladder.rows())[12];
  if (!row) throw new Error('Expected rows on the ladder, was none');
  const price = await ladder.priceUnder(row.x, row.y);
  await page.mouse.click(row.x, row.y);
  await expect(terminal.part('toast').first()).toContainText(/The book is gap\. expected .*was/);
  expect(await ladder.priceUnder(row.x, row.y), 'the row under the pointer').toBe(price);
  expect(await app.venue.allOrders('BTCUSDT'), 'orders at the venue').toEqual([]);

  await expect(badge).toHaveAttribute('data-state', 'live', { timeout: 30_000 });
  await badge.click();
  await expect(terminal.part('integrity-gaps')).toHaveText('1');
  await page.keyboard.press('Escape');
  await expect(terminal.part('chart')).toHaveAttribute('data-integrity-marks', /\bgap\b/);
  await expect(faults.row('gap')).toHaveAttribute('data-hits', '1');
  await expect(faults.row('gap')).toHaveAttribute('data-active', 'false');
  // A page that comes later is told of it as well.
  await page.reload();
  await terminal.waitUntilLive();
  await expect(terminal.part('chart')).toHaveAttribute('data-integrity-marks', /\bgap\b/);
  await ladder.placeResting('buy');
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length, { message: 'orders' }).toBe(1);
  expect(app.problems).toEqual([]);
});

test('the fault panel refuses what makes no sense and says why', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  await new Faults(terminal).open();
  await terminal.part('fault-count').fill('0');
  await expect(terminal.part('fault-error')).toContainText('was “0”');
  await expect(terminal.part('fault-plant')).toBeDisabled();
  await terminal.part('fault-count').fill('100001');
  await terminal.part('fault-plant').click();
  await expect(terminal.part('fault-error')).toContainText(
    'count: expected a whole number from 1 to 100000, was 100001',
  );
  await expect(terminal.part('fault-row')).toHaveCount(0);
  expect(app.problems).toEqual([]);
});
