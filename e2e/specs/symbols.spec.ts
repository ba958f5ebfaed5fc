import { expect, test } from '../fixtures.ts';
import { Symbols } from '../pages/symbols.ts';

test.use({ settings: { source: { kind: 'sim', seed: 3, symbols: ['BTCUSDT', 'ETHUSDT'] } } });

test('a symbol is found, added, shown and removed by keys alone, and the others do not notice', async ({
  app,
  terminal,
}) => {
  await terminal.waitUntilLive();
  const { page } = terminal;
  const symbols = new Symbols(page);
  const pid = await app.pid('trading');
  // Far from the market: it must still rest when everything else has been done.
  await terminal.part('ladder-step').selectOption('100');
  await terminal.ladder.placeResting('buy', 12);
  await expect.poll(async () => (await app.venue.openOrders('BTCUSDT')).length).toBe(1);
  await page.mouse.move(5, 5);
  await symbols.show('binance-spot', 'ETHUSDT', 'eth binance-spot');

  // One that has an order stays, and says why; one that has none goes.
  await symbols.find('btcusdt binance-spot');
  await symbols.choose('binance-spot', 'BTCUSDT');
  await page.keyboard.press('Shift+Delete');
  await expect(terminal.part('symbol-error')).toContainText('BTCUSDT has 1 working order: cancel first');
  await symbols.find('ethusdt');
  await symbols.choose('binance-spot', 'ETHUSDT');
  await page.keyboard.press('Shift+Delete');
  await expect.poll(() => symbols.shown(), { message: 'another takes its place' }).toBe('binance-spot BTCUSDT');
  await expect(symbols.option('binance-spot', 'ETHUSDT')).toHaveAttribute('data-instrument', '-1');
  await page.keyboard.press('Escape');
  await expect(symbols.dialog).toBeHidden();

  await symbols.show('binance-spot', 'ETHUSDT', 'ethusdt');
  await terminal.waitUntilLive();
  await terminal.ladder.placeResting('buy');
  const added = async () => (await app.venue.openOrders('ETHUSDT')).length;
  await expect.poll(added, { message: 'orders of the one that was added' }).toBe(1);
  await page.mouse.move(5, 5);
  await symbols.show('binance-spot', 'BTCUSDT', 'btcusdt binance-spot');

  await terminal.waitUntilLive();
  expect(await app.pid('trading'), 'the trading process never restarted').toBe(pid);
  await terminal.part('integrity-badge').click();
  await expect(terminal.part('integrity-resyncs'), 'the first symbol was left alone').toHaveText(/^[01]$/);
  await page.keyboard.press('Escape');
  expect((await app.venue.openOrders('BTCUSDT')).length).toBe(1);
  expect(app.problems).toEqual([]);
});

test('another protocol is watched: its ladder says so before a press, and a press places nothing', async ({
  app,
  terminal,
}) => {
  await terminal.waitUntilLive();
  const { page, ladder } = terminal;
  await new Symbols(page).show('upbit', 'KRW-BTC', 'upbit btc');
  await terminal.waitUntilLive();
  await expect(ladder.root).toHaveAttribute('data-blocked', 'true');
  const reason = 'This session sends its orders to binance-spot alone';
  await expect(terminal.part('integrity-strip')).toContainText(reason);
  await ladder.placeResting('buy');
  await expect(terminal.part('toast').first()).toContainText(reason);
  expect(await app.venue.allOrders('BTCUSDT')).toEqual([]);
  expect(app.problems).toEqual([]);
});
