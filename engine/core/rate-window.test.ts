import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateWindow } from './rate-window.ts';

test('whatever is asked for when, no window ever holds more than its rule, and nothing waits longer than it must', () => {
  const rules = [
    { count: 3, perMs: 1000 },
    { count: 5, perMs: 5000 },
  ];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 60 }), (pauses) => {
      const window = new RateWindow(rules);
      const sent: number[] = [];
      const most = (nowMs: number) =>
        rules.some(({ count, perMs }) => sent.filter((at) => at > nowMs - perMs).length >= count);
      let nowMs = 0;
      for (const pause of pauses) {
        nowMs += pause;
        const waitMs = window.waitMs(nowMs);
        assert.equal(waitMs > 0, most(nowMs));
        nowMs += waitMs;
        assert.ok(!most(nowMs));
        window.take(nowMs);
        sent.push(nowMs);
      }
    }),
  );
});
