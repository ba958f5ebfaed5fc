import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameScheduler, MAX_DEFERRED_FRAMES } from './frame-scheduler.ts';

function setup(budgetMs: number) {
  let now = 0;
  let pending: ((nowMs: number) => void) | undefined;
  let measured: (() => void) | undefined;
  const clock = {
    request: (callback: (nowMs: number) => void) => {
      assert.equal(pending, undefined, 'one request at a time');
      pending = callback;
    },
    nowMs: () => now,
    afterFrame: (callback: () => void) => {
      measured = callback;
    },
  };
  const scheduler = new FrameScheduler(clock, budgetMs);
  return {
    scheduler,
    spend: (ms: number) => {
      now += ms;
    },
    /** One frame, `gapMs` after the start of the one before; the browser takes `paintMs` to show what was drawn. */
    frame: (gapMs = 16, paintMs = 0) => {
      const callback = pending;
      pending = undefined;
      if (!callback) return false;
      now += gapMs;
      callback(now);
      const startMs = now;
      now += paintMs;
      measured?.();
      measured = undefined;
      now = startMs;
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

/** A page whose ladder changes before every frame. */
function busyPage() {
  const { scheduler, frame } = setup(1_000);
  const count = { drained: 0, drawn: 0, frames: 0 };
  scheduler.connect(
    () => count.drained++,
    () => count.frames++,
  );
  const ladder = { name: 'ladder', priority: 0, draw: () => count.drawn++ };
  scheduler.add(ladder);
  scheduler.keepRunning();
  const run = (frames: number, gapMs: number, paintMs = 0): typeof count => {
    const before = { ...count };
    for (let i = 0; i < frames; i++) {
      scheduler.invalidate(ladder);
      frame(gapMs, paintMs);
    }
    return {
      drained: count.drained - before.drained,
      drawn: count.drawn - before.drawn,
      frames: count.frames - before.frames,
    };
  };
  return { scheduler, ladder, run };
}

test('while frames come late every second one is left to input, a hurry is not held up, and it recovers', () => {
  const { scheduler, ladder, run } = busyPage();
  assert.deepEqual(run(100, 16), { drained: 100, drawn: 100, frames: 100 });
  run(60, 24);
  assert.deepEqual(run(50, 24), { drained: 25, drawn: 25, frames: 50 });
  run(run(1, 24).drawn === 1 ? 0 : 1, 24);
  scheduler.hurry(ladder);
  assert.equal(run(1, 24).drawn, 1, 'a hand does not wait');
  run(120, 16);
  assert.equal(run(100, 16).drawn, 100, 'frames on time again for a second');
});

test('dear frames leave every second one to input although all come on time, and panels their longer time', () => {
  const { scheduler, run } = busyPage();
  let tape = 0;
  const drawable = { name: 'tape', priority: 2, leastMs: 32, leastMsWhenStrained: 96, draw: () => tape++ };
  scheduler.add(drawable);
  const drawnTape = (frames: number, paintMs: number): number => {
    const before = tape;
    for (let i = 0; i < frames; i++) {
      scheduler.invalidate(drawable);
      run(1, 16, paintMs);
    }
    return tape - before;
  };
  assert.equal(drawnTape(60, 4), 30);
  run(60, 16, 12);
  assert.equal(run(60, 16, 12).drawn, 30);
  assert.equal(drawnTape(60, 12), 10);
  // Cheap again: the average of what was drawn falls below, then a second passes.
  run(200, 16, 2);
  assert.equal(run(60, 16, 2).drawn, 60);
});

test('while strained the frame after a press is left to it, but presses without end do not stop the market', () => {
  const { scheduler, run } = busyPage();
  scheduler.yieldToInput();
  assert.equal(run(1, 16).drawn, 1, 'not strained: every frame is drawn');
  run(60, 16, 12);
  if (run(1, 16, 12).drawn === 1) run(1, 16, 12);
  // The next one would be drawn.
  scheduler.yieldToInput();
  assert.equal(run(1, 16, 12).drawn, 0);
  assert.equal(run(1, 16, 12).drawn, 1);
  let drawn = 0;
  for (let i = 0; i < 40; i++) {
    scheduler.yieldToInput();
    drawn += run(1, 16, 12).drawn;
  }
  assert.equal(drawn, 10);
});

test('frames far apart are not made fewer', () => {
  const { run } = busyPage();
  run(60, 40);
  assert.equal(run(60, 40).drawn, 60);
});
