import { expect, test } from '../fixtures.ts';

test('a recording that cannot be played says why, and the next session plays', async ({ terminal }) => {
  await terminal.waitUntilLive();
  const { page, ladder } = terminal;
  const choose = async (kind: 'sim' | 'replay', files = '') => {
    await terminal.part('open-session').click();
    await terminal.part(`session-${kind}`).click();
    if (kind === 'replay') await terminal.part('session-files').fill(files);
    await terminal.part('session-start').click();
  };
  await choose('replay', '/nowhere/day.gz');
  await expect(ladder.root).toContainText('/nowhere/day.gz: no such file', { timeout: 20_000 });
  await expect(terminal.part('banner').first()).toContainText('/nowhere/day.gz: no such file');

  await choose('sim');
  await terminal.waitUntilLive();
  // The pointer rests on no row here, so the market is in sight.
  await page.mouse.move(5, 5);
  await expect.poll(async () => (await ladder.bestPrices()) !== undefined).toBe(true);
});

test('the row under the pointer stays when the trading process is restarted', async ({ terminal }) => {
  await terminal.waitUntilLive();
  const { page, ladder } = terminal;
  const row = (await ladder.rows())[3];
  if (!row) throw new Error('Expected rows on the ladder, was none');
  await page.mouse.move(row.x, row.y);
  const held = await ladder.priceUnder(row.x, row.y);
  const trading = terminal.part('status-process-trading');
  const pid = Number(await trading.getAttribute('data-pid'));
  process.kill(pid, 'SIGKILL');
  await expect(trading).not.toHaveAttribute('data-pid', String(pid), { timeout: 20_000 });
  await terminal.waitUntilLive();
  expect(await ladder.priceUnder(row.x, row.y)).toBe(held);
});
