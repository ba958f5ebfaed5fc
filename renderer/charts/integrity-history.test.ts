import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IntegrityView } from '../../engine/contract/trading-messages.ts';
import { IntegrityHistory } from './integrity-history.ts';
import { IntegrityLog } from './integrity-log.ts';

/** Answers from a list, as storage does, and says what it was asked. */
function storeOf(changes: IntegrityView[]) {
  const asked: [number, number][] = [];
  const source = {
    integrity: async (_series: unknown, fromUs: number, toUs: number, limit: number) => {
      asked.push([fromUs, toUs]);
      return changes.filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs).slice(-limit);
    },
  };
  return { source, asked };
}

const flapping = (count: number): IntegrityView[] =>
  Array.from({ length: count }, (_, i) => ({ instrument: 0, timeUs: i, state: i % 2 ? 'live' : 'gap', reason: '' }));

test('asks only for what lies before what is known, page by page', async () => {
  const { source, asked } = storeOf(flapping(1_500));
  const log = new IntegrityLog();
  let changed = 0;
  const history = new IntegrityHistory(source, () => changed++);
  history.start({ venue: 'sim', symbol: 'BTCUSDT' }, log, 2_000);
  await history.cover(100);
  await history.cover(100);
  await history.cover(100);
  await history.cover(40);
  await history.cover(60);
  assert.deepEqual(asked, [
    [100, 2_000],
    [100, 500],
    [40, 100],
  ]);
  assert.deepEqual([log.changes.length, changed], [1_460, 3]);
});

test('an answer for a symbol that is shown no longer is ignored', async () => {
  const { source } = storeOf(flapping(10));
  const [before, after] = [new IntegrityLog(), new IntegrityLog()];
  const history = new IntegrityHistory(source, () => undefined);
  history.start({ venue: 'sim', symbol: 'BTCUSDT' }, before, 100);
  const late = history.cover(0);
  history.start({ venue: 'sim', symbol: 'ETHUSDT' }, after, 100);
  await late;
  assert.deepEqual([before.changes.length, after.changes.length], [0, 0]);
  await history.cover(0);
  assert.equal(after.changes.length, 10);
});

test('a stretch of the past is asked for once, and nothing between it and what is known', async () => {
  const { source, asked } = storeOf(flapping(1_500));
  const log = new IntegrityLog();
  const history = new IntegrityHistory(source, () => undefined);
  history.start({ venue: 'sim', symbol: 'BTCUSDT' }, log, 2_000);
  await history.coverStretch(100, 300);
  await history.coverStretch(150, 250);
  await history.coverStretch(200, 400);
  await history.coverStretch(2_000, 2_100);
  await history.coverStretch(Number.NaN, 300);
  assert.deepEqual(asked, [
    [100, 300],
    [200, 400],
  ]);
  assert.equal(log.changes.length, 300);
});
