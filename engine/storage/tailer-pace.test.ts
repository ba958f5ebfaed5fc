import assert from 'node:assert/strict';
import test from 'node:test';
import { TailerPace } from './tailer-pace.ts';

test('on a machine of its own it never rests', () => {
  const pace = new TailerPace();
  for (let i = 0; i < 10; i++) pace.note(104, 100);
  assert.equal(pace.pauseMs(300), 0);
});

test('while others wait for the CPUs it takes a fifth of its time, and all of it again after them', () => {
  const pace = new TailerPace();
  for (let i = 0; i < 10; i++) pace.note(200, 100);
  assert.equal(pace.pauseMs(300), 1_200);
  pace.note(104, 100);
  assert.ok(pace.pauseMs(300) < 1_200);
  for (let i = 0; i < 8; i++) pace.note(104, 100);
  assert.equal(pace.pauseMs(300), 0);
});

test('a batch that takes long does not make a rest of many seconds', () => {
  const pace = new TailerPace();
  for (let i = 0; i < 10; i++) pace.note(200, 100);
  assert.equal(pace.pauseMs(5_000), 2_000);
});

test('work too short to measure changes nothing, but adds up', () => {
  const pace = new TailerPace();
  pace.note(15, 4);
  assert.equal(pace.isResting, false);
  for (let i = 0; i < 4; i++) pace.note(15, 4);
  assert.equal(pace.isResting, true);
});
