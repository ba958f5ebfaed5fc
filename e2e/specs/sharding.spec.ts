import { expect, test } from '../fixtures.ts';

test.use({
  settings: { tradingProcesses: 2, source: { kind: 'sim', seed: 7, symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] } },
});

test('symbols of several trading processes are one terminal: orders, position, kill switch, and a crash of one', async ({
  app,
  terminal,
}) => {
  await terminal.waitUntilLive();
  await expect(terminal.part('status-process-trading-1')).toHaveAttribute('data-state', 'ready');
  await terminal.choosePreset(1);
  await terminal.ladder.placeResting('buy');
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length).toBe(1);

  // The next symbol is the other process's.
  await terminal.command('symbol.binance-spot.ETHUSDT');
  await terminal.waitUntilLive();
  await terminal.ladder.placeResting('buy');
  await expect.poll(async () => (await app.venue.openOrders('ETHUSDT')).length).toBe(1);
  const numbers = async (): Promise<number[]> =>
    (await terminal.orders()).map(({ orderNumber }) => orderNumber).sort((a, b) => a - b);
  await expect.poll(async () => new Set(await numbers()).size, { message: 'orders with numbers of their own' }).toBe(2);
  await terminal.ladder.placeMarketable('buy');
  await expect.poll(() => terminal.positionLotsOf('ETHUSDT'), { message: 'position in ETH' }).toBeGreaterThan(0);
  await expect.poll(async () => (await terminal.fills()).length).toBeGreaterThan(0);

  // One process crashes: its orders are found again, the other's were never away.
  const before = await numbers();
  process.kill(await app.pid('trading-1'), 'SIGKILL');
  await expect(terminal.part('status-process-trading-1')).toHaveAttribute('data-restarts', '1', { timeout: 20_000 });
  await expect(terminal.part('status-process-trading-1')).toHaveAttribute('data-state', 'ready', { timeout: 20_000 });
  await terminal.waitUntilLive();
  await expect.poll(numbers, { message: 'all orders again' }).toEqual(before);
  expect((await terminal.orders()).every(({ status }) => status === 'working' || status === 'filled')).toBe(true);

  await terminal.part('kill').click();
  await expect(terminal.part('kill-state')).toHaveAttribute('data-state', 'flatConfirmed', { timeout: 20_000 });
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
    expect(await app.venue.openOrders(symbol), symbol).toEqual([]);
  }
  await expect.poll(() => terminal.positionLotsOf('ETHUSDT')).toBe(0);
  await terminal.part('kill-reset').click();
  await expect(terminal.part('kill-state')).toHaveAttribute('data-state', 'idle');
  await terminal.command('symbol.binance-spot.SOLUSDT');
  await terminal.waitUntilLive();
});
