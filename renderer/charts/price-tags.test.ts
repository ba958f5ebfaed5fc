import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spreadTags } from './price-tags.ts';

test('tags that are apart stay where their lines are', () => {
  assert.deepEqual(spreadTags([10, 50, 100], 1, 16, 0, 200), [10, 50, 100]);
  assert.deepEqual(spreadTags([], -1, 16, 0, 200), []);
});

test('tags around the anchor give way, in order, and the farthest are left out at the edge', () => {
  assert.deepEqual(spreadTags([100, 98, 101], 0, 16, 0, 200), [100, 84, 116]);
  assert.deepEqual(spreadTags([10, 9, 8], 0, 16, -8, 200), [10, -6, Number.NaN]);
  assert.deepEqual(spreadTags([100, Number.NaN], 0, 16, 0, 200), [100, Number.NaN]);
});

test('no tag covers another, order is kept, the anchor does not move', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 }), fc.nat(), (ys, seed) => {
      const anchor = seed % ys.length;
      const placed = spreadTags(ys, anchor, 16, 0, 400);
      assert.equal(placed[anchor], ys[anchor]);
      for (let i = 0; i < ys.length; i++) {
        for (let k = 0; k < ys.length; k++) {
          const [a, b] = [placed[i] as number, placed[k] as number];
          if (i === k || Number.isNaN(a) || Number.isNaN(b)) continue;
          assert.ok(Math.abs(a - b) >= 16, `${a} and ${b}`);
          if ((ys[i] as number) < (ys[k] as number)) assert.ok(a < b);
        }
      }
    }),
  );
});
