import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../build/run-command.ts';
import { expect, test } from '../fixtures.ts';

const recording = join(root, '..', 'shared', 'data', 'binance', 'l2-recordings', 'spot_btcusdt_20240808.gz');

test.use({ settings: { source: { kind: 'replay', files: [recording], speed: 10 } } });

test('the clock of a recording: what its venue was ahead is shown, and is no part of the lag', async ({
  app,
  terminal,
}) => {
  test.skip(!existsSync(recording), 'needs ../shared/data');
  await terminal.waitUntilLive();
  await expect
    .poll(() => terminal.figure('feed-timing', 'data-offset-ns'), { message: 'offset', timeout: 30_000 })
    .toBeGreaterThan(1.2e9);
  const offsetNs = (await terminal.figure('feed-timing', 'data-offset-ns')) ?? 0;
  expect(offsetNs).toBeLessThan(1.35e9);
  await expect(terminal.part('feed-timing')).toContainText(/\+1\.2\d\d s/);
  const lagNs = (await terminal.figure('feed-timing', 'data-lag-ns')) ?? Number.NaN;
  expect(Math.abs(lagNs), 'lag without the offset').toBeLessThan(0.5e9);
  await terminal.part('feed-timing').click();
  await expect(terminal.part('feed-timing-details')).toContainText('smallest lag seen');
  expect(app.problems).toEqual([]);
});
