import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowWindow, TABLE_ROW_PX } from './row-window.ts';

test('whatever is in sight is held, with some rows around it, and all rows have their room', () => {
  for (const count of [0, 1, 9, 30, 41, 200, 500]) {
    for (const heightPx of [0, 40, 190, 1_000]) {
      const most = Math.max(0, count * TABLE_ROW_PX - heightPx);
      for (let top = 0; top <= most; top += 37) {
        const { first, end, roomAbovePx, roomBelowPx } = rowWindow(top, heightPx, count);
        const seenFirst = Math.floor(top / TABLE_ROW_PX);
        const seenEnd = Math.min(count, Math.ceil((top + heightPx) / TABLE_ROW_PX));
        const at = `${count} rows, ${heightPx} px, at ${top}`;
        assert.ok(first <= Math.max(0, seenFirst - 5), `${at}: first ${first}`);
        assert.ok(end >= Math.min(count, seenEnd + 5), `${at}: end ${end}`);
        assert.ok(end - first <= heightPx / TABLE_ROW_PX + 50, `${at}: ${end - first} rows`);
        assert.equal(roomAbovePx + (end - first) * TABLE_ROW_PX + roomBelowPx, count * TABLE_ROW_PX, at);
      }
    }
  }
});

test('a scroll within a step holds the same rows', () => {
  assert.deepEqual(rowWindow(0, 190, 200), rowWindow(TABLE_ROW_PX * 9, 190, 200));
  assert.notDeepEqual(rowWindow(TABLE_ROW_PX * 19, 190, 200), rowWindow(TABLE_ROW_PX * 20, 190, 200));
});

test('rows that became fewer leave no window beyond them', () => {
  const { first, end } = rowWindow(180 * TABLE_ROW_PX, 190, 25);
  assert.equal(first, 0);
  assert.equal(end, 25);
});
