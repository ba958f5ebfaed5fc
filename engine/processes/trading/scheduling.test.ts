import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { accessSync, constants as fsConstants, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SchedulingWish } from './scheduling.ts';

interface Told {
  text: string;
  priority: number;
  /** CPUs of each thread. */
  allowed: string[];
}

/** Children begin with it; whoever runs the tests may have been nice. */
const ownPriority = getPriority();
const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
const hasTaskset = isLinux && (process.env['PATH'] ?? '').split(':').some((folder) => canRun(join(folder, 'taskset')));

function canRun(path: string): boolean {
  try {
    accessSync(path, fsConstants.X_OK);
    return true;
  } catch (error) {
    assert.ok(error instanceof Error);
    return false;
  }
}

async function apply(wish: SchedulingWish, options: { uid?: number; path?: string } = {}): Promise<Told> {
  const args = [JSON.stringify(wish), ...(options.path === undefined ? [] : [options.path])];
  const child = fork(join(import.meta.dirname, 'scheduling.test-child.ts'), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const told = await new Promise<Told>((resolve, reject) => {
    child.on('message', (message) => resolve(message as Told));
    child.on('exit', (code, signal) => reject(new Error(`ended without a word: ${code ?? signal}`)));
    child.on('error', reject);
  });
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  return told;
}

/** CPUs that this machine lets us have, first and last. */
function ownCpus(): { first: number; list: string } {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return { first: Number.parseInt(list, 10), list };
}

test('nothing asked for, nothing said, nothing changed', async () => {
  const told = await apply({ processPriority: 'normal', cpuAffinity: [] });
  assert.equal(told.text, '');
  assert.equal(told.priority, ownPriority);
});

test('a higher priority is granted to the administrator', { skip: !isLinux || !isRoot }, async () => {
  const told = await apply({ processPriority: 'high' });
  assert.deepEqual([told.text, told.priority], ['priority -14', -14]);
});

test('a refused priority is told, and the process goes on', { skip: !isLinux || !isRoot }, async () => {
  const told = await apply({ processPriority: 'high' }, { uid: 65_534 });
  assert.deepEqual([told.text, told.priority], [`high priority refused (EACCES), is ${ownPriority}`, ownPriority]);
});

test('all threads move to the CPUs asked for, those of before and those of after', { skip: !hasTaskset }, async () => {
  const { first } = ownCpus();
  const told = await apply({ cpuAffinity: [first] });
  assert.equal(told.text, `CPUs ${first}`);
  assert.ok(told.allowed.length > 2);
  assert.deepEqual([...new Set(told.allowed)], [String(first)]);
});

test('CPUs that are not there are left out, or refused where none is left', { skip: !hasTaskset }, async () => {
  const { first, list } = ownCpus();
  const some = await apply({ cpuAffinity: [1_000, first] });
  assert.equal(some.text, `CPUs ${first} (asked for ${first},1000)`);
  const none = await apply({ cpuAffinity: [1_000] });
  assert.match(none.text, /^CPUs 1000 refused \(.*[Ii]nvalid argument.*\), on /);
  assert.ok(none.text.endsWith(`on ${list}`), none.text);
});

test('a machine without the program says so', { skip: !isLinux }, async () => {
  const told = await apply({ cpuAffinity: [0] }, { path: '/nowhere' });
  assert.equal(told.text, 'CPUs 0 not available: taskset is not installed');
});
