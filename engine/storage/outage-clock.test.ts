import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { test } from 'node:test';
import { DiskGuard } from './disk-guard.ts';
import { OutageClock } from './outage-clock.ts';

test('an outage has its beginning, catching up its pace', () => {
  let nowMs = 1_000_000;
  const clock = new OutageClock(() => nowMs);
  assert.deepEqual([clock.sinceMs, clock.rowsPerSecond], [0, 0]);
  clock.observe(true, 100);
  nowMs += 1_000;
  clock.observe(false, 100);
  const began = nowMs;
  nowMs += 60_000;
  clock.observe(false, 100);
  assert.deepEqual([clock.sinceMs, clock.rowsPerSecond], [began, 0]);
  for (let i = 1; i <= 10; i++) {
    nowMs += 1_000;
    clock.observe(true, 100 + i * 5_000);
  }
  assert.deepEqual([clock.sinceMs, clock.rowsPerSecond], [0, 5_000]);
  nowMs += 1_000;
  clock.observe(true, 7);
  assert.equal(clock.rowsPerSecond, 0, 'another store');
});

test('room on a disk: enough, low, full', () => {
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  const free = bavail * bsize;
  const level = (warnBytes: number, stopBytes: number, folders = [os.tmpdir()]): string =>
    new DiskGuard(folders, { warnBytes, stopBytes }).level;
  assert.equal(level(free / 2, 0), 'enough');
  assert.equal(level(free * 2, free / 2), 'low');
  assert.equal(level(free * 4, free * 2), 'full');
  assert.equal(level(free * 4, free * 2, ['/nowhere/at/all']), 'enough', 'a folder that is not made yet');
});
