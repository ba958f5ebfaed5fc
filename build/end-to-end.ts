/** `npm run e2e [-- Playwright arguments]`: provides Chromium, builds, runs the specs of e2e/. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumNeed, koreanFontNeed } from './provision/needs.ts';
import { inCi, mayContinue, provide } from './provision/provision.ts';
import { root, runCommand, runScript } from './run-command.ts';
import { formatCounts, parsePlaywrightReport, type TestCounts } from './test-counts.ts';

const reportPath = join(root, 'test-results', 'e2e.json');

/** True when the bundles are up to date. */
export async function buildOnce(): Promise<boolean> {
  return (await runScript('build/bundle.ts')).code === 0;
}

/** Runs the end-to-end specs over a finished build; undefined when the runner itself broke down. */
export async function runEndToEnd(args: string[]): Promise<TestCounts | undefined> {
  const browser = await provide(chromiumNeed);
  const font = await provide(koreanFontNeed);
  if ('missing' in font) console.warn(`WARNING: no ${font.name} (${font.missing}): Korean screenshots show boxes`);
  if ('missing' in browser) {
    const verdict = mayContinue(browser, chromiumNeed.required, inCi());
    console.error(
      `\n*** NO CHROMIUM: end-to-end tests ${verdict === 'fail' ? 'FAIL' : 'SKIPPED'} (${browser.missing}) ***\n`,
    );
    return verdict === 'fail' ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 };
  }
  rmSync(reportPath, { force: true });
  const { code } = await runCommand(
    process.execPath,
    [join(root, 'node_modules/@playwright/test/cli.js'), 'test', '-c', 'e2e/playwright.config.ts', ...args],
    { env: { CHRISTMAS_CHROMIUM: browser.found, CHRISTMAS_E2E_REPORT: reportPath } },
  );
  if (!existsSync(reportPath)) return undefined;
  const counts = parsePlaywrightReport(readFileSync(reportPath, 'utf8'));
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const counts = (await buildOnce()) ? await runEndToEnd(process.argv.slice(2)) : undefined;
  console.log(counts ? formatCounts(counts) : 'The end-to-end run broke down before its report');
  process.exitCode = counts && counts.failed === 0 ? 0 : 1;
}
