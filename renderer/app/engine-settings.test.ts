import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCpus } from './engine-settings.tsx';

test('a list of CPUs is sorted and said once; anything else is no list', () => {
  assert.deepEqual(parseCpus('3, 1 1,0'), [0, 1, 3]);
  assert.deepEqual(parseCpus(' '), []);
  for (const bad of ['-1', '1.5', 'two', '1024', '1;2']) assert.equal(parseCpus(bad), undefined, bad);
});
