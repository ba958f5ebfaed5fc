import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../../build/run-command.ts';
import type {} from '../../engine/contract/host-api.ts';
import { expect } from '../fixtures.ts';

const folder = join(root, 'test-results', 'screenshots');

type Look = readonly [language: 'en' | 'ko', theme: 'dark' | 'light'];
export const allLooks: readonly Look[] = [
  ['en', 'dark'],
  ['en', 'light'],
  ['ko', 'dark'],
  ['ko', 'light'],
];
/** Each language and each theme once. */
export const bothLooks: readonly Look[] = [
  ['en', 'dark'],
  ['ko', 'light'],
];

/** Takes a screenshot in each look; in none of them a text is cut off, or the page itself scrolls. Ends dark, in English. */
export async function looks(page: Page, name: string, among = allLooks, settleMs = 200): Promise<void> {
  for (const [language, theme] of among) {
    await page.evaluate((patch) => window.christmas.updateSettings(patch), { language, theme });
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await page.waitForTimeout(settleMs);
    await shoot(page, `${name}-${theme}-${language}`);
    expect(await overflowing(page), `${name} ${language} ${theme}: text cut off`).toEqual([]);
    expect(await scrolls(page), `${name} ${language} ${theme}: the page itself scrolls`).toBe(false);
  }
  await page.evaluate(() => window.christmas.updateSettings({ language: 'en', theme: 'dark' }));
}

/** A screenshot beside the others. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Buttons, tabs and status cells whose text is wider than they are. */
async function overflowing(page: Page): Promise<string[]> {
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

async function scrolls(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const page = document.documentElement;
    return page.scrollWidth > page.clientWidth || page.scrollHeight > page.clientHeight;
  });
}
