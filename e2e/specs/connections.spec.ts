import type { Page } from '@playwright/test';
import { Redis } from 'ioredis';
import { needsRedis, RedisServer } from '../../engine/storage/tick-cache/redis.test-support.ts';
import { expect, test } from '../fixtures.ts';
import { looks } from '../pages/looks.ts';

const password = 'only-this-test-knows';

test.use({ settings: { source: { kind: 'sim', seed: 7, symbols: ['BTCUSDT'] } } });

test('both servers are tested from the settings, and the ticks go to the Redis that was entered', async ({
  app,
  terminal,
}) => {
  test.skip('skip' in needsRedis, 'needs redis-server');
  const server = await RedisServer.start(['--requirepass', password]);
  try {
    await terminal.waitUntilLive();
    const { page } = terminal;
    await page.keyboard.press('Control+,');
    const postgres = terminal.part('check-postgres');
    // No host yet: nothing to test.
    await expect(terminal.part('check-redis-start')).toBeDisabled();
    await check(page, 'postgres', /PostgreSQL \d+\.\d+ · \d+\.\d+ ms/);
    await expect(postgres.locator('[data-lack="timescale"]')).toBeVisible();

    await terminal.part('redis-hosts').fill(server.address);
    await terminal.part('redis-save').click();
    await check(page, 'redis', 'wants a password');
    await terminal.part('redis-password').fill('wrong');
    await terminal.part('redis-save').click();
    await expect(terminal.part('redis-password')).toHaveValue('');
    await check(page, 'redis', 'password is wrong');
    await looks(page, 'connections-wrong');
    await terminal.part('redis-password').fill(password);
    await terminal.part('redis-save').click();
    await check(page, 'redis', /Redis \d+\.\d+\.\d+ · \d+\.\d+ ms · nothing is missing/);
    await looks(page, 'connections');
    expect(await page.content()).not.toContain(password);
    expect(app.logs()).not.toContain(password);

    const client = new Redis({ host: '127.0.0.1', port: server.port, password });
    await expect
      .poll(async () => (await client.keys('christmas*BTCUSDT*')).length, { timeout: 20_000 })
      .toBeGreaterThan(0);
    client.disconnect();
    await expect(terminal.part('banner')).toHaveCount(0);
  } finally {
    await server.stop();
  }
  expect(app.problems).toEqual([]);
});

/** Asks until the server as it is set now answers: saving starts storage anew, and it may still be the old one that is asked. */
async function check(page: Page, server: string, answer: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.getByTestId(`check-${server}-start`).click({ timeout: 10_000 });
    await expect(page.getByTestId(`check-${server}`)).toContainText(answer, { timeout: 6_000 });
  }).toPass({ timeout: 60_000 });
}
