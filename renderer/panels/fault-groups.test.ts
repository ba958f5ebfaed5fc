import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultNames } from '../../engine/contract/fault-menu.ts';
import { groupedFaults } from './fault-groups.ts';

test('every fault of the menu can be planted from the panel, once', () => {
  assert.deepEqual(groupedFaults().sort(), [...faultNames].sort());
});
