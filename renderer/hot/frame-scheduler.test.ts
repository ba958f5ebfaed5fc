import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameScheduler, MAX_DEFERRED_FRAMES } from './frame-scheduler.ts';

function setup(budgetMs: number) {
  let now = 0;
  let pending: ((nowMs: number) => void) | undefined;
  const clock = {
    request: (callback: (nowMs: number) => void) => {
      assert.equal(pending, undefined, 'one request at a time');
      pending = callback;
    },
    nowMs: () => now,
  };
  const scheduler = new FrameScheduler(clock, budgetMs);
  return {
    scheduler,
    spend: (ms: number) => {
      now += ms;
    },
    frame: (gapMs = 16) => {
      const callback = pending;
      pending = undefined;
      if (!callback) return false;
      now += gapMs;
      callback(now);
      return true;
    },
  };
}

test('drains first, draws in priority order, then reports', () => {
  const { scheduler, frame } = setup(6);
  const log: string[] = [];
  scheduler.connect(
    () => log.push('drain'),
    () => log.push('drawn'),
  );
  scheduler.add({ name: 'tape', priority: 2, draw: () => log.push('tape') });
  scheduler.add({ name: 'ladder', priority: 0, draw: () => log.push('ladder') });
  scheduler.add({ name: 'chart', priority: 1, draw: () => log.push('chart') });
  frame();
  assert.deepEqual(log, ['drain', 'ladder', 'chart', 'tape', 'drawn']);
  assert.equal(frame(), false, 'nothing dirty, nothing scheduled');
});

test('over budget the ladder still draws, others wait but never starve', () => {
  const { scheduler, frame, spend } = setup(6);
  const drawn = { ladder: 0, chart: 0 };
  const ladder = {
    name: 'ladder',
    priority: 0,
    draw: () => {
      drawn.ladder++;
      spend(10);
    },
  };
  scheduler.add(ladder);
  scheduler.add({ name: 'chart', priority: 1, draw: () => drawn.chart++ });
  for (let i = 0; i < MAX_DEFERRED_FRAMES; i++) {
    frame();
    scheduler.invalidate(ladder);
  }
  assert.deepEqual(drawn, { ladder: MAX_DEFERRED_FRAMES, chart: 0 });
  frame();
  assert.deepEqual(drawn, { ladder: MAX_DEFERRED_FRAMES + 1, chart: 1 });
});

test('keepRunning asks for frames until it is released', () => {
  const { scheduler, frame } = setup(6);
  const release = scheduler.keepRunning();
  assert.equal(frame(), true);
  assert.equal(frame(), true);
  release();
  assert.equal(frame(), true);
  assert.equal(frame(), false);
});

test('a panel with a least time between draws shows the last change, and not before its time', () => {
  const { scheduler, frame } = setup(6);
  let drawn = 0;
  const slow = { name: 'chart', priority: 1, leastMs: 60, draw: () => drawn++ };
  scheduler.add(slow);
  frame();
  assert.equal(drawn, 1);
  scheduler.invalidate(slow);
  const frames: number[] = [];
  while (frame()) frames.push(drawn);
  // Frames are 16 ms apart: the fourth is 64 ms after the draw, and none is asked for when nothing is left.
  assert.deepEqual(frames, [1, 1, 1, 2]);
  scheduler.hurry(slow);
  frame();
  assert.equal(drawn, 3, 'a hand does not wait');
});

test('while frames come late a panel gives every second one up, a hurry is not held up, and it recovers', () => {
  const { scheduler, frame } = setup(1_000);
  let drawn = 0;
  const ladder = { name: 'ladder', priority: 0, leastMsWhenLate: 40, draw: () => drawn++ };
  scheduler.add(ladder);
  scheduler.keepRunning();
  const draws = (frames: number, gapMs: number): number => {
    const before = drawn;
    for (let i = 0; i < frames; i++) {
      scheduler.invalidate(ladder);
      frame(gapMs);
    }
    return drawn - before;
  };
  assert.equal(draws(100, 16), 100);
  draws(60, 24);
  assert.equal(draws(50, 24), 25);
  scheduler.hurry(ladder);
  const before = drawn;
  frame(24);
  assert.equal(drawn, before + 1, 'a hand does not wait');
  draws(120, 16);
  assert.equal(draws(100, 16), 100, 'frames on time again for a second');
});
