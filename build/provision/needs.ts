import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { runCommand } from '../run-command.ts';
import { findOnPath, starts } from './find-program.ts';
import { debianPackages, type Installer, type Need } from './provision.ts';

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge'];

/** Where installers put browsers that are not on the PATH. */
function wellKnownBrowsers(): string[] {
  if (process.platform === 'darwin') {
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ];
  }
  if (process.platform !== 'win32') return [];
  const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((name) => process.env[name] ?? '');
  const tails = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
  return folders.filter((folder) => folder !== '').flatMap((folder) => tails.map((tail) => join(folder, tail)));
}

const playwrightDownload: Installer = {
  name: 'npx playwright install chromium',
  available: () => true,
  install: async () => (await runCommand('npx', ['--no', 'playwright', 'install', 'chromium'])).code === 0,
};

/** CHRISTMAS_CHROMIUM, the PATH, the usual folders, Playwright's own; the last two ways are to fetch one. */
export const chromiumNeed: Need = {
  name: 'Chromium',
  required: true,
  find: async () => {
    const named = process.env['CHRISTMAS_CHROMIUM'];
    const candidates = [
      ...(named ? [named] : []),
      findOnPath(chromiumNames),
      ...wellKnownBrowsers(),
      chromium.executablePath(),
    ];
    for (const candidate of candidates) {
      if (candidate && existsSync(candidate) && (await starts(candidate))) return candidate;
    }
    return undefined;
  },
  installers: [playwrightDownload, debianPackages('chromium')],
};

/** Without it Korean screenshots show boxes; the tests themselves measure text and run either way. */
export const koreanFontNeed: Need = {
  name: 'a font with Korean letters',
  required: false,
  find: async () => {
    if (process.platform !== 'linux') return 'system font';
    const { code, output } = await runCommand('fc-list', [':lang=ko', 'family'], { quiet: true });
    return code === 0 && output.trim() !== '' ? output.trim().split('\n')[0] : undefined;
  },
  installers: [debianPackages('fonts-noto-cjk', 'fontconfig')],
};
