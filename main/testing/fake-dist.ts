import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..', '..');
const fakeProcess = join(root, 'engine', 'transport', 'testing', 'fake-process.ts');

export interface FakeDist {
  root: string;
  /** A fresh data folder in it. */
  dataDir(name: string): string;
  remove(): void;
}

/**
 * The layout of dist/ in a temporary folder: one real main entry, the real preloads, fake processes and a page of
 * one line. So the hosts run exactly as built, without the engine.
 */
export async function buildFakeDist(
  mainEntry: string,
  mainOutput: string,
  alias: Record<string, string> = {},
): Promise<FakeDist> {
  const folder = mkdtempSync(join(tmpdir(), 'christmas-test-'));
  const bundle = async (
    input: string,
    file: string,
    format: 'cjs' | 'iife',
    resolve: Record<string, string> = {},
  ): Promise<void> => {
    const build = await rolldown({
      input,
      cwd: root,
      platform: format === 'cjs' ? 'node' : 'browser',
      // An external name would win over its alias.
      external: ['bufferutil', 'utf-8-validate', 'electron'].filter((name) => !(name in resolve)),
      resolve: { alias: resolve },
      logLevel: 'warn',
    });
    await build.write({ file: join(folder, file), format, codeSplitting: false });
    await build.close();
  };
  await Promise.all([
    bundle(join(root, mainEntry), join('main', mainOutput), 'cjs', alias),
    bundle(join(root, 'preload', 'browser.ts'), join('preload', 'browser.js'), 'iife'),
    bundle(join(root, 'preload', 'electron.ts'), join('preload', 'electron.cjs'), 'cjs'),
    bundle(join(root, 'preload', 'electron-page.ts'), join('preload', 'electron-page.js'), 'iife'),
    ...['venue', 'trading', 'storage'].map((name) => bundle(fakeProcess, join('processes', `${name}.cjs`), 'cjs')),
  ]);
  mkdirSync(join(folder, 'renderer', 'assets'), { recursive: true });
  writeFileSync(
    join(folder, 'renderer', 'index.html'),
    '<!doctype html><title>Christmas</title><script src="/preload.js"></script>',
  );
  writeFileSync(join(folder, 'renderer', 'assets', 'app-1234.js'), 'export {};');
  return {
    root: folder,
    dataDir: (name) => {
      const path = join(folder, 'data', name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
