import { expect, test } from '../fixtures.ts';

test('an order placed by a ladder click rests at the venue and is cancelled by a click on it', async ({
  app,
  terminal,
}) => {
  await terminal.waitUntilLive();
  await terminal.choosePreset(1);
  const priceTicks = await terminal.ladder.placeResting('buy');

  await expect
    .poll(() => terminal.workingOrders(), { message: 'the order on screen' })
    .toMatchObject([{ side: 'buy', status: 'working', priceTicks }]);
  const atVenue = await app.venue.openOrders('BTCUSDT');
  expect(atVenue).toMatchObject([
    { side: 'buy', priceTicks, status: 'NEW', filled: expect.stringMatching(/^0(\.0*)?$/) },
  ]);
  expect(Number(atVenue[0]?.size)).toBe(0.01);

  const [order] = await terminal.workingOrders();
  await terminal.ladder.clickChip(order?.orderNumber ?? 0);
  await expect.poll(() => terminal.workingOrders(), { message: 'working orders' }).toEqual([]);
  await expect.poll(() => app.venue.openOrders('BTCUSDT'), { message: 'open at the venue' }).toEqual([]);
  expect((await app.venue.allOrders('BTCUSDT')).map((one) => one.status)).toEqual(['CANCELED']);
  expect(app.problems).toEqual([]);
});

test('right click sells, and the cancel button of the order list cancels', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  const priceTicks = await terminal.ladder.placeResting('sell');
  await expect.poll(() => terminal.workingOrders()).toMatchObject([{ side: 'sell', status: 'working', priceTicks }]);
  expect(await app.venue.openOrders('BTCUSDT')).toMatchObject([{ side: 'sell', priceTicks }]);

  await terminal.show('orders');
  await terminal.part('order-row').first().getByTestId('order-cancel').click();
  await expect.poll(() => app.venue.openOrders('BTCUSDT')).toEqual([]);
});

test('cancel all leaves nothing at the venue', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  for (const rowsAway of [9, 10, 11]) await terminal.ladder.placeResting('buy', rowsAway);
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length).toBe(3);
  await terminal.cancelAll();
  await expect.poll(() => app.venue.openOrders('BTCUSDT')).toEqual([]);
  await expect.poll(() => terminal.workingOrders()).toEqual([]);
});

test('a fill is seen on chart, tape, position and at the venue, and the position closes', async ({ app, terminal }) => {
  await terminal.waitUntilLive();
  const before = await app.venue.balances();
  await terminal.choosePreset(2);
  await terminal.ladder.placeMarketable('buy');

  await expect.poll(async () => (await terminal.fills()).length, { message: 'fills on screen' }).toBeGreaterThan(0);
  await expect.poll(() => terminal.workingOrders()).toEqual([]);
  const { lotSize, baseAsset } = await app.venue.units('BTCUSDT');
  const lots = Math.round(0.05 / Number(lotSize));
  await expect.poll(() => terminal.positionLots(), { message: 'position' }).toBe(lots);

  const trades = await app.venue.trades('BTCUSDT');
  const fills = await terminal.fills();
  const key = (one: { side: string; priceTicks: number; sizeLots: number }): string =>
    `${one.side} ${one.sizeLots} @ ${one.priceTicks}`;
  expect(fills.map(key).sort()).toEqual(trades.map(key).sort());
  const after = await app.venue.balances();
  const commission = trades.reduce((sum, trade) => sum + trade.baseCommission, 0);
  expect((after[baseAsset] ?? 0) - (before[baseAsset] ?? 0)).toBeCloseTo(0.05 - commission, 8);

  await expect
    .poll(() => terminal.figure('chart', 'data-fill-markers'), { message: 'fills on the chart' })
    .toBeGreaterThanOrEqual(1);
  await expect.poll(() => terminal.part('tape-row').count(), { message: 'rows of the tape' }).toBeGreaterThan(0);
  const tradeIds = await terminal
    .part('tape-row')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-trade-id'))));
  expect(new Set(tradeIds).size, 'trade ids on the tape are unique').toBe(tradeIds.length);

  await terminal.part('position-row').first().getByTestId('position-close').click();
  await expect.poll(() => terminal.positionLots(), { message: 'position after close' }).toBe(0);
  const net = (await app.venue.trades('BTCUSDT')).reduce(
    (sum, one) => sum + (one.side === 'buy' ? 1 : -1) * one.sizeLots,
    0,
  );
  expect(net, 'bought less sold at the venue').toBe(0);
  expect(app.problems).toEqual([]);
});

test('working orders are drawn on the chart', async ({ terminal }) => {
  await terminal.waitUntilLive();
  await terminal.ladder.placeResting('buy');
  await expect.poll(() => terminal.figure('chart', 'data-working-lines')).toBe(1);
  for (const interval of ['5s', '15s', '1m', '5m', '1s']) {
    await terminal.part(`interval-${interval}`).click();
    await expect(terminal.part('chart')).toHaveAttribute('data-interval', interval);
  }
  await expect.poll(() => terminal.figure('chart', 'data-candle-count'), { message: 'candles' }).toBeGreaterThan(2);
});
