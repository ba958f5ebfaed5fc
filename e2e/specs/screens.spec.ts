import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../build/run-command.ts';
import type {} from '../../engine/contract/host-api.ts';
import { expect, test } from '../fixtures.ts';

const folder = join(root, 'test-results', 'screenshots');

for (const size of [
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
]) {
  test.describe(`${size.width}x${size.height}`, () => {
    test.use({ windowSize: size });

    test('dark and light, English and Korean: no text overflows its place', async ({ terminal }) => {
      mkdirSync(folder, { recursive: true });
      await terminal.waitUntilLive();
      await terminal.choosePreset(2);
      await terminal.ladder.placeMarketable('buy');
      await terminal.ladder.placeResting('buy', 9);
      await terminal.ladder.placeResting('sell', 7);
      await expect.poll(() => terminal.positionLots()).toBeGreaterThan(0);
      await expect.poll(() => terminal.figure('chart', 'data-candle-count'), { timeout: 30_000 }).toBeGreaterThan(8);
      await terminal.page.mouse.move(0, 0);
      await terminal.page.keyboard.press('F9');
      await expect(terminal.part('profiling-strip')).toBeVisible();

      for (const language of ['en', 'ko'] as const) {
        for (const theme of ['dark', 'light'] as const) {
          await terminal.page.evaluate((patch) => window.christmas.updateSettings(patch), { language, theme });
          await expect(terminal.page.locator('html')).toHaveAttribute('lang', language);
          await expect(terminal.page.locator('html')).toHaveAttribute('data-theme', theme);
          await terminal.page.waitForTimeout(400);
          await terminal.page.screenshot({
            path: join(folder, `${size.width}x${size.height}-${theme}-${language}.png`),
          });
          expect(await overflowing(terminal.page), `${language} ${theme}: text cut off`).toEqual([]);
          expect(await scrolls(terminal.page), `${language} ${theme}: the page itself scrolls`).toBe(false);
        }
      }
      await terminal.page.keyboard.press('?');
      await expect(terminal.part('keyboard-help')).toBeVisible();
      await terminal.page.screenshot({ path: join(folder, `${size.width}x${size.height}-keyboard-ko.png`) });
    });
  });
}

/** Buttons, tabs and status cells whose text is wider than they are. */
async function overflowing(page: import('@playwright/test').Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const selector =
      'button, [data-testid^="status-"], label, th, .dv-tab, [data-testid="kill-state"], [data-testid="profiling-strip"]';
    for (const element of document.querySelectorAll<HTMLElement>(selector)) {
      if (element.offsetParent === null || element.clientWidth === 0) continue;
      const style = getComputedStyle(element);
      // Inline boxes have no width of their own.
      if (style.display === 'inline') continue;
      if (element.scrollWidth > element.clientWidth + 1) {
        const name = element.getAttribute('data-testid') ?? element.className ?? element.tagName;
        found.push(
          `${element.tagName.toLowerCase()} ${name} "${element.textContent?.trim()}": ${element.scrollWidth} > ${element.clientWidth}`,
        );
      }
    }
    return found;
  });
}

async function scrolls(page: import('@playwright/test').Page): Promise<boolean> {
  return page.evaluate(() => {
    const page = document.documentElement;
    return page.scrollWidth > page.clientWidth || page.scrollHeight > page.clientHeight;
  });
}
