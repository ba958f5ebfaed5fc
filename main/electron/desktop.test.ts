import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ProcessStatus } from '../../engine/contract/process.ts';
import { buildFakeDist, type FakeDist } from '../testing/fake-dist.ts';
import { isRunning, RunningApp } from '../testing/running-app.ts';
import { ownArguments } from './electron-arguments.ts';

describe('the Electron host over a fake electron', () => {
  let dist: FakeDist;
  let dataDir = '';
  let run: RunningApp;
  const found = new Map<string, unknown>();

  before(async () => {
    dist = await buildFakeDist('main/electron/fake-electron/drive.ts', 'drive.cjs', {
      electron: join(import.meta.dirname, 'fake-electron', 'electron.ts'),
    });
    dataDir = dist.dataDir('electron');
    run = new RunningApp(process.execPath, [join(dist.root, 'main', 'drive.cjs'), '--data-dir', dataDir]);
    const stuck = setTimeout(() => run.kill(), 60_000);
    await run.exit;
    clearTimeout(stuck);
    for (const line of run.stdout.split('\n')) {
      if (!line.startsWith('{')) continue;
      const { what, value } = JSON.parse(line) as { what: string; value: unknown };
      found.set(what, value);
    }
  });
  after(() => dist.remove());

  test('runs to its end and exits with 0 when the window is closed, leaving nothing', async () => {
    assert.equal(found.get('done'), true, run.stderr);
    assert.deepEqual(await run.exit, { code: 0, signal: null });
    const pids = (found.get('processes') as ProcessStatus[]).map((process) => process.pid);
    assert.equal(new Set(pids).size, 3);
    assert.deepEqual(pids.filter(isRunning), []);
    assert.equal(existsSync(join(dataDir, 'lock')), false);
  });

  test('the window is sandboxed and isolated', () => {
    const preferences = found.get('preferences') as Record<string, unknown>;
    assert.equal(preferences['sandbox'], true);
    assert.equal(preferences['contextIsolation'], true);
    assert.equal(preferences['nodeIntegration'], false);
    assert.equal(found.get('permission'), false);
    assert.equal(found.get('windowOpen'), 'deny');
    assert.equal(found.get('navigationPrevented'), true);
  });

  test('the page comes over the private scheme with the headers of the Node host', () => {
    const index = found.get('index') as { status: number; headers: Record<string, string>; text: string };
    assert.equal(index.status, 200);
    assert.match(index.text, /Christmas/);
    assert.equal(index.headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(index.headers['cross-origin-embedder-policy'], 'require-corp');
    assert.match(index.headers['content-security-policy'] ?? '', /connect-src 'self';/);
    assert.notEqual(found.get('outside'), 200);
    assert.equal(found.get('otherHost'), 403);
  });

  test('processes run as named utility processes with V8 flags in the form Electron needs', () => {
    assert.deepEqual(
      (found.get('processes') as ProcessStatus[]).map(({ name, state }) => [name, state]),
      [
        ['venue', 'ready'],
        ['trading', 'ready'],
        ['storage', 'ready'],
      ],
    );
    const forks = found.get('forks') as { serviceName: string; execArgv: string[] }[];
    assert.ok(forks.some(({ serviceName }) => serviceName === 'christmas-trading'));
    assert.ok(forks.every(({ execArgv }) => execArgv.every((flag) => flag.startsWith('--js-flags='))));
    assert.equal(found.get('events'), true);
  });

  test('a brokered port carries frames, closes with its process, and is refused while it is down', () => {
    assert.deepEqual(found.get('echo'), { kind: 3, sequence: 42, timeNs: 7, payloadBytes: 0, chunksToCome: 0 });
    assert.notEqual(found.get('closed'), '');
    assert.match(String(found.get('refusedPort')), /trading is .*not ready/);
    assert.equal(found.get('restarts'), 1);
  });

  test('host calls: settings, their errors, file picker; other frames are not heard', () => {
    assert.equal((found.get('info') as { host: string }).host, 'electron');
    assert.equal(found.get('language'), 'ko');
    assert.match(String(found.get('badSettings')), /language.*"xx"/);
    assert.deepEqual(found.get('files'), ['/a.jsonl']);
    const [before, after] = found.get('themes') as string[];
    assert.equal(after, before);
    assert.equal(
      (readFileSync(join(dataDir, 'logs', 'main.log'), 'utf8').match(/refused christmas:call/g) ?? []).length,
      2,
    );
  });

  test('secrets are encrypted on disk', () => {
    assert.match(readFileSync(join(dataDir, 'secrets.json'), 'utf8'), /^safe-storage:/);
  });
});

test('our arguments are found among those of Electron, Playwright and Chromium', () => {
  const own = ['--data-dir', '/d'];
  assert.deepEqual(ownArguments(['/electron', '--no-sandbox', '/work/main', ...own], false, '/work/main'), own);
  assert.deepEqual(
    ownArguments(
      ['/electron', '--inspect=0', '--remote-debugging-port=0', '/work/main/dist/main/electron.cjs', ...own],
      false,
      '/work/main/dist/main',
    ),
    own,
  );
  assert.deepEqual(ownArguments(['/opt/christmas', '--ozone-platform=wayland', ...own], true, '/opt/app.asar'), own);
});
