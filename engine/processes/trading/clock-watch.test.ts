import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockWatch } from './clock-watch.ts';

/** A machine whose clocks are moved by hand. */
function machine() {
  const said: string[] = [];
  const clocks = { monotonicNs: 7e9, wallUs: 1.7e15 };
  const watch = new ClockWatch(
    { monotonicNs: () => clocks.monotonicNs, wallUs: () => clocks.wallUs },
    { onResumed: (reason) => said.push(`resumed: ${reason}`), onClockSet: (text) => said.push(text) },
  );
  const pass = (monotonicSeconds: number, wallSeconds = monotonicSeconds): void => {
    clocks.monotonicNs += monotonicSeconds * 1e9;
    clocks.wallUs += wallSeconds * 1e6;
    watch.tick();
  };
  return { pass, said };
}

test('a busy process, a late timer and a slewed clock are nothing to speak of', () => {
  const { pass, said } = machine();
  for (const seconds of [0.5, 0.501, 0.7, 3, 4.9, 0.0001]) pass(seconds);
  for (let i = 0; i < 100; i++) pass(0.5, 0.5 + 0.0005);
  assert.deepEqual(said, []);
});

test('a sleep is noticed whether the monotonic clock slept too or not, once', () => {
  const { pass, said } = machine();
  pass(0.5);
  pass(3_600.2);
  pass(0.5);
  pass(0.5, 3_600.5);
  pass(0.5);
  assert.deepEqual(said, [
    'resumed: this process did not run for 3600.2 s',
    'resumed: this machine slept for 3600.0 s, or its clock was set forward',
  ]);
});

test('a clock that is set back or a little forward is told', () => {
  const { pass, said } = machine();
  pass(0.5, 0.5 - 3_600);
  pass(0.5, 0.5 + 2.5);
  pass(0.5);
  assert.deepEqual(said, [
    'The clock of this machine was set back by 3600.0 s',
    'The clock of this machine was set forward by 2.5 s',
  ]);
});
