import { expect, test } from '../fixtures.ts';
import { withRunningStore } from '../postgres.ts';

// A rail that refuses most clicks would prove nothing.
test.use({
  settings: {
    source: { kind: 'sim', seed: 11, symbols: ['BTCUSDT'] },
    rails: {
      maxOrderSize: 100,
      maxPosition: 10_000,
      maxOrderValue: 100_000_000,
      priceCollarBps: 5_000,
      maxOrdersPerSecond: 10_000,
      maxDailyLoss: 100_000_000,
      maxOpenOrders: 10_000,
    },
    sizePresets: { default: ['0.001', '0.001', '0.001', '0.001', '0.001'] },
  },
});
test.setTimeout(300_000);

const clicks = 1_000;

/** Same clicks in every run: a failure can be repeated. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('1 000 random clicks under a moving book: never an order at another price than the one under the pointer', async ({
  app,
  terminal,
}) => {
  await terminal.waitUntilLive();
  const random = randomSource(20_261_123);
  const { page, ladder } = terminal;
  await recordPresses(page);

  const mouse = await page.context().newCDPSession(page);
  const area = await ladder.pressArea();
  const startedMs = Date.now();
  for (let i = 0; i < clicks; i++) {
    // The venue takes 100 orders in ten seconds, as the real one does: bursts are fine, the average is not free.
    const aheadMs = i * 105 - (Date.now() - startedMs);
    if (i % 20 === 0 && aheadMs > 0) await page.waitForTimeout(aheadMs);
    const x = Math.round(area.x + area.width * (0.02 + 0.96 * random()));
    const y = Math.round(area.y + area.height * (0.02 + 0.96 * random()));
    const button = random() < 0.5 ? 'left' : 'right';
    // One in three presses comes straight after the move, as a fast hand does; a third waits while the book moves on.
    await ladder.pressFast(mouse, { x, y }, button, {
      moves: 1 + Math.floor(random() * 3),
      waitMs: Math.floor(random() * 3) * 20,
      holdMs: random() < 0.2 ? Math.floor(random() * 100) : 0,
    });
    if (random() < 0.05) await page.keyboard.press('c');
    if (i % 50 === 49) await terminal.cancelAll();
  }

  const pressed = await page.evaluate(() => (window as unknown as { presses: string[] }).presses);
  const moved = await page.evaluate(() => (window as unknown as { shifts: number }).shifts);
  expect(moved, 'times the ladder moved while the clicks were made').toBeGreaterThan(0);
  expect(pressed.length, 'presses that hit a row').toBeGreaterThan(clicks * 0.8);
  const read = (): Promise<string[]> => withRunningStore(app.dataDir, (stored) => stored.submittedOrders());
  await expect
    .poll(async () => (await read()).length, { message: 'orders the engine sent', timeout: 30_000 })
    .toBe(pressed.length);
  // Press by press, in order: neither another price nor another side, none lost, none twice.
  expect(await read()).toEqual(pressed);
});

/** Notes, before the app sees the press, which price is under the pointer; own chips cancel and are left out. */
async function recordPresses(page: import('@playwright/test').Page): Promise<void> {
  await page.evaluate(() => {
    const record = window as unknown as { presses: string[]; shifts: number; top: string };
    record.presses = [];
    record.shifts = 0;
    window.addEventListener(
      'pointerdown',
      (event) => {
        const target = event.target as Element;
        const row = target.closest('[data-testid="ladder"] [data-price-ticks]');
        if (!row || event.button === 1 || target.closest('[data-order-number], [data-cell="own"]')) return;
        // What the person reads, not what the row is marked with. A tick is 0.1.
        const text = row.querySelector('[data-cell="price"]')?.textContent ?? '';
        record.presses.push(`${event.button === 2 ? 'sell' : 'buy'} ${Math.round(Number(text) * 10)}`);
      },
      true,
    );
    const watch = (): void => {
      const top =
        document.querySelector('[data-testid="ladder"] [data-price-ticks]')?.getAttribute('data-price-ticks') ?? '';
      if (record.top !== undefined && record.top !== top) record.shifts++;
      record.top = top;
      requestAnimationFrame(watch);
    };
    watch();
  });
}
