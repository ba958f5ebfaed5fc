/**
 * `npm run package`: builds what is stale and packs the Electron app into release/. `--e2e` packs for Playwright (inspect
 * fuse on); other arguments go to electron-builder (`--linux`, `--dir`, ...). Publishes nothing.
 *
 * electron-builder downloads the Electron runtime; ELECTRON_OVERRIDE_DIST_PATH names an unpacked one where it cannot.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildStale } from './bundle.ts';
import { chooseHost } from './choose-host.ts';
import { root } from './paths.ts';

export interface PackageCommand {
  args: string[];
  /** One line about where the runtime comes from. */
  note: string;
}

/** Arguments for electron-builder. */
export function packageCommand(args: readonly string[], environment: NodeJS.ProcessEnv): PackageCommand {
  const forTests = args.includes('--e2e');
  const config = forTests ? join('build', 'electron-builder.e2e.yml') : 'electron-builder.yml';
  const command = ['--config', config, '--publish', 'never', ...args.filter((arg) => arg !== '--e2e')];
  const override = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) return { args: [...command, `-c.electronDist=${override}`], note: `Electron runtime: ${override}` };
  const choice = chooseHost(root, { ...environment, CHRISTMAS_HOST: '' }, process.platform);
  if (choice.host === 'node') return { args: command, note: `Electron runtime: to be downloaded (${choice.reason})` };
  // The same runtime as in development: nothing to download. Other platforms still need theirs.
  const crosses = args.some((arg) => /^(--mac|--win|--linux|-[mwl]+|--(x64|arm64))$/.test(arg));
  if (crosses) return { args: command, note: 'Electron runtime: of the named platform, downloaded if need be' };
  const dist = join(root, 'node_modules', 'electron', 'dist');
  return { args: [...command, `-c.electronDist=${dist}`], note: `Electron runtime: ${dist}` };
}

async function run(): Promise<number> {
  await buildStale((line) => process.stdout.write(`${line}\n`));
  const { args, note } = packageCommand(process.argv.slice(2), process.env);
  process.stdout.write(`${note}\n`);
  const child = spawn(process.execPath, [join(root, 'node_modules', 'electron-builder', 'cli.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  run().then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
