import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotAge } from './snapshot-age.ts';

const NOW_US = 1_770_000_000_000_000;
const SECOND_NS = 1e9;

test('a snapshot of long ago is refused with its age, one within the tolerance is taken', () => {
  const age = new SnapshotAge();
  assert.equal(age.refuse(NOW_US), 0, 'nothing was heard before the first');
  age.hear(NOW_US, 0);
  assert.equal(age.refuse(NOW_US - 0.9e6), 0);
  assert.equal(age.refuse(NOW_US - 31.9e6), 31_900);
  assert.equal(age.refuse(0), 0, 'no time, no doubt');
});

test('times that are the venue\u2019s mistake do not keep a book from ever going live', () => {
  const age = new SnapshotAge();
  age.hear(NOW_US, 0);
  age.hear(NOW_US + 3_600e6, SECOND_NS);
  assert.equal(age.refuse(NOW_US + 1e6), 0, 'an hour ahead within a second is not believed');
  for (let i = 0; i < 3; i++) assert.ok(age.refuse(NOW_US - 60e6) > 0);
  assert.equal(age.refuse(NOW_US - 60e6), 0, 'the fourth in a row is taken');
  age.hear(NOW_US - 60e6, 2 * SECOND_NS);
  assert.equal(age.refuse(NOW_US - 60e6), 0, 'and what it tells is the time from then on');
});
