import type { ProcessName } from '../../engine/contract/process.ts';
import { expect, test } from '../fixtures.ts';
import type { RunningApp } from '../host/running-app.ts';
import type { Terminal } from '../pages/terminal.ts';
import { expectExactlyOnce, readStoredFills } from '../postgres.ts';

test.use({ settings: { source: { kind: 'sim', seed: 7, symbols: ['BTCUSDT'] } } });
test.setTimeout(180_000);

for (const name of ['trading', 'storage', 'venue'] as const) {
  test(`kill -9 of ${name} while trading: banner, restart, live again, nothing lost or doubled`, async ({
    app,
    terminal,
  }) => {
    await terminal.waitUntilLive();
    await terminal.part('strategy-start').click();
    await terminal.choosePreset(1);
    await terminal.ladder.placeResting('buy', 8);
    await expect
      .poll(async () => (await terminal.fills()).length, { message: 'fills before', timeout: 60_000 })
      .toBeGreaterThan(0);
    const ordersBefore = name === 'venue' ? [] : await app.venue.allOrders('BTCUSDT');

    await crash(app, terminal, name);

    await terminal.waitUntilLive(60_000);
    if (name === 'storage')
      await expect(terminal.part('strategy-state'), 'trading never noticed').toHaveAttribute('data-state', 'running');
    else if (name === 'trading')
      await expect(terminal.part('strategy-state'), 'restarts disarmed').toHaveAttribute('data-state', 'stopped');
    if (await terminal.part('strategy-stop').isEnabled()) await terminal.part('strategy-stop').click();
    await expect
      .poll(async () => (await terminal.workingOrders()).every((order) => order.status === 'working'))
      .toBe(true);

    if (name !== 'venue') {
      // The venue lived on: screen, venue and database must tell one story.
      const known = await app.venue.allOrders('BTCUSDT');
      for (const order of ordersBefore) expect(known.map((one) => one.orderId)).toContain(order.orderId);
      expect(new Set(known.map((one) => one.clientId)).size, 'no client id was sent twice').toBe(known.length);
    }
    await expectSameStory(app, terminal, name);
    await expectOrdersStillWork(app, terminal);
  });
}

async function crash(app: RunningApp, terminal: Terminal, name: ProcessName): Promise<void> {
  const pid = await app.kill(name);
  await expect(terminal.part('banner').first(), `a banner while ${name} is away`).toBeVisible({ timeout: 10_000 });
  await expect(terminal.part(`status-process-${name}`)).not.toHaveAttribute('data-pid', String(pid), {
    timeout: 30_000,
  });
  await expect(terminal.part(`status-process-${name}`)).toHaveAttribute('data-state', 'ready', { timeout: 60_000 });
}

/** Open orders and fills agree on screen, at the venue (as far as it remembers) and in Postgres. */
async function expectSameStory(app: RunningApp, terminal: Terminal, name: ProcessName): Promise<void> {
  await expect
    .poll(
      async () => {
        const screen = (await terminal.workingOrders()).map((order) => `${order.side} ${order.priceTicks}`).sort();
        const venue = (await app.venue.openOrders('BTCUSDT'))
          .map((order) => `${order.side} ${order.priceTicks}`)
          .sort();
        return screen.join() === venue.join() ? 'equal' : { screen, venue };
      },
      { message: 'open orders on screen and at the venue', timeout: 20_000 },
    )
    .toBe('equal');

  await expectExactlyOnce(app.dataDir);
  await expect
    .poll(async () => (await readStoredFills(app.dataDir)).length, { message: 'fills in Postgres', timeout: 20_000 })
    .toBe((await terminal.fills()).length);
  const stored = await readStoredFills(app.dataDir);
  const key = (fill: { side: string; priceTicks: number; sizeLots: number }): string =>
    `${fill.side} ${fill.sizeLots} @ ${fill.priceTicks}`;
  const screen = await terminal.fills();
  expect(new Set(stored.map((fill) => fill.venueTradeId)).size, 'no fill is stored twice').toBe(stored.length);
  expect(screen.map(key).sort(), 'fills on screen and in Postgres').toEqual(stored.map(key).sort());
  if (name === 'venue') return;
  const atVenue = await app.venue.trades('BTCUSDT');
  expect(stored.map(key).sort(), 'fills in Postgres and at the venue').toEqual(atVenue.map(key).sort());
  const lots = atVenue.reduce((sum, trade) => sum + (trade.side === 'buy' ? trade.sizeLots : -trade.sizeLots), 0);
  expect(await terminal.positionLots(), 'position').toBe(lots);
}

async function expectOrdersStillWork(app: RunningApp, terminal: Terminal): Promise<void> {
  await terminal.cancelAll();
  await expect.poll(() => app.venue.openOrders('BTCUSDT')).toEqual([]);
  const priceTicks = await terminal.ladder.placeResting('sell');
  await expect.poll(() => app.venue.openOrders('BTCUSDT')).toMatchObject([{ side: 'sell', priceTicks }]);
}
