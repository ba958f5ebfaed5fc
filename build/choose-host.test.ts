import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chooseHost } from './choose-host.ts';
import { packageCommand } from './package.ts';

const root = mkdtempSync(join(tmpdir(), 'christmas-host-'));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'node_modules', 'electron');
const write = (path: string, text: string): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};
const reason = (environment: NodeJS.ProcessEnv = {}): string => {
  const choice = chooseHost(root, environment, 'linux');
  return choice.host === 'node' ? choice.reason : choice.executable;
};

test('Electron only with its whole runtime, of the right version; else Node with the reason', () => {
  assert.match(reason(), /not installed/);
  write(join(folder, 'package.json'), '{"version":"45.4.1"}');
  assert.match(reason(), /not downloaded/);
  write(join(folder, 'path.txt'), 'electron');
  write(join(folder, 'dist', 'version'), '44.0.0');
  assert.match(reason(), /is 44\.0\.0, expected 45\.4\.1/);
  write(join(folder, 'dist', 'version'), 'v45.4.1\n');
  assert.match(reason(), /missing/);
  write(join(folder, 'dist', 'electron'), '');
  assert.deepEqual(chooseHost(root, {}, 'linux'), { host: 'electron', executable: join(folder, 'dist', 'electron') });
  assert.equal(reason({ CHRISTMAS_HOST: 'node' }), 'CHRISTMAS_HOST=node');
  assert.match(reason({ ELECTRON_OVERRIDE_DIST_PATH: join(root, 'none') }), /has no electron/);
  assert.equal(reason({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'dist') }), join(folder, 'dist', 'electron'));
});

test('packaging never publishes, and takes an unpacked runtime when told', () => {
  const { args } = packageCommand(['--dir', '--e2e'], { ELECTRON_OVERRIDE_DIST_PATH: '/runtime' });
  assert.deepEqual(args.slice(args.indexOf('--publish'), args.indexOf('--publish') + 2), ['--publish', 'never']);
  assert.ok(args.includes('-c.electronDist=/runtime'));
  assert.ok(args.some((arg) => arg.endsWith('electron-builder.e2e.yml')));
  assert.ok(!args.includes('--e2e'));
});
