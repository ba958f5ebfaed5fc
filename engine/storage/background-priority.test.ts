import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { constants, getPriority } from 'node:os';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepInBackground, putInBackground } from './background-priority.ts';

const background = constants.priority.PRIORITY_BELOW_NORMAL;

function start(command: string, detached: boolean): ChildProcess & { pid: number } {
  const child = spawn('sh', ['-c', command], { stdio: 'ignore', detached });
  assert.ok(child.pid, 'expected a process');
  return child as ChildProcess & { pid: number };
}

/** Nice value of a process's session; undefined on a kernel without autogroups. */
function sessionNice(pid: number): number | undefined {
  const file = `/proc/${pid}/autogroup`;
  const found = fs.existsSync(file) ? / nice (-?\d+)/.exec(fs.readFileSync(file, 'utf8'))?.[1] : undefined;
  return found === undefined ? undefined : Number(found);
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!isSo()) {
    assert.ok(Date.now() < deadline, `expected ${what} within 5 s`);
    await sleep(20);
  }
}

test('a process of its own session goes to the background with it', { skip: process.platform === 'win32' }, () => {
  const child = start('sleep 30', true);
  try {
    const had = sessionNice(child.pid);
    assert.equal(putInBackground(child.pid), '');
    assert.equal(getPriority(child.pid), background);
    if (had !== undefined) assert.equal(sessionNice(child.pid), background);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a session that others are in keeps its weight', { skip: process.platform === 'win32' }, () => {
  const child = start('sleep 30', false);
  try {
    const had = sessionNice(child.pid);
    assert.equal(putInBackground(child.pid), '');
    assert.equal(getPriority(child.pid), background);
    assert.equal(sessionNice(child.pid), had);
  } finally {
    child.kill('SIGKILL');
  }
});

test('what cannot be had is said', () => {
  // No process has it: the largest that the systems give is 2^22.
  assert.equal(putInBackground(2 ** 22 + 1), 'ESRCH');
});

test('children that come later follow, each with its session', { skip: process.platform !== 'linux' }, async () => {
  const server = start('sleep 1; setsid sleep 30 & wait', true);
  const release = keepInBackground(server.pid);
  const children = (): number[] =>
    fs.readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const leads = (pid: number): boolean => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep';
  try {
    await sleep(1_100);
    await until('a child in the background', () =>
      children().some(
        (pid) => leads(pid) && getPriority(pid) === background && [background, undefined].includes(sessionNice(pid)),
      ),
    );
  } finally {
    release();
    for (const pid of children()) process.kill(pid, 'SIGKILL');
    server.kill('SIGKILL');
  }
});
