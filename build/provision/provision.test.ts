import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findOnPath } from './find-program.ts';
import { type Installer, mayContinue, type Need, provide } from './provision.ts';

function installer(name: string, outcome: { available?: boolean; ok?: boolean; effect?: () => void }): Installer {
  return {
    name,
    available: () => outcome.available ?? true,
    install: async () => {
      outcome.effect?.();
      return outcome.ok ?? true;
    },
  };
}

test('what is there is used and nothing is installed', async () => {
  const need: Need = {
    name: 'Thing',
    required: true,
    find: async () => '/usr/bin/thing',
    installers: [installer('never', { effect: () => assert.fail('installed although it was there') })],
  };
  assert.deepEqual(await provide(need), { name: 'Thing', found: '/usr/bin/thing' });
});

test('installers are tried in order until the program is found', async () => {
  let place: string | undefined;
  const ran: string[] = [];
  const need: Need = {
    name: 'Thing',
    required: true,
    find: async () => place,
    installers: [
      installer('not here', { available: false, effect: () => ran.push('not here') }),
      installer('lies', { effect: () => ran.push('lies') }),
      installer('works', {
        effect: () => {
          ran.push('works');
          place = '/opt/thing';
        },
      }),
      installer('too late', { effect: () => ran.push('too late') }),
    ],
  };
  const lines: string[] = [];
  assert.deepEqual(await provide(need, (line) => lines.push(line)), { name: 'Thing', found: '/opt/thing' });
  assert.deepEqual(ran, ['lies', 'works']);
  assert.deepEqual(lines, ['Thing is missing: lies', 'Thing is missing: works']);
});

test('a missing program names what was tried; it fails in CI and is skipped elsewhere', async () => {
  const need: Need = {
    name: 'Thing',
    required: true,
    find: async () => undefined,
    installers: [installer('download', { ok: false }), installer('package', {})],
  };
  const provided = await provide(need, () => undefined);
  assert.deepEqual(provided, { name: 'Thing', missing: 'download failed; package ran but gave no usable program' });
  assert.equal(mayContinue(provided, true, true), 'fail');
  assert.equal(mayContinue(provided, true, false), 'skip');
  assert.equal(mayContinue(provided, false, true), 'run');
});

test('the PATH is searched in order for executable files only', { skip: process.platform === 'win32' }, () => {
  const root = mkdtempSync(join(tmpdir(), 'christmas-path-'));
  try {
    const [first, second] = [join(root, 'first'), join(root, 'second')];
    for (const folder of [first, second]) mkdirSync(folder);
    mkdirSync(join(first, 'folder'));
    writeFileSync(join(first, 'plain'), '');
    chmodSync(join(first, 'plain'), 0o644);
    writeFileSync(join(second, 'plain'), '#!/bin/sh\n');
    chmodSync(join(second, 'plain'), 0o755);
    const path = [first, '', second].join(delimiter);
    assert.equal(findOnPath(['folder', 'plain'], path), join(second, 'plain'));
    assert.equal(findOnPath(['absent'], path), undefined);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
